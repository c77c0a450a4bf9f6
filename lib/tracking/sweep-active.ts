import { selectDrifted, type ListedJob } from '../domain/drift.ts';
import { compareText } from '../domain/order.ts';
import { ACTIVE_STATUSES } from '../domain/record.ts';
import { correctDrift, type SweepRun } from './correct-drift.ts';
import type { ActiveJobs, SweepReport } from './sweep-state.ts';
import type { TrackingDependencies } from './track-job.ts';

/**
 * Compares the jobs that Bedrock lists as InProgress or Stopping with the records that are not terminal, and tracks
 * what is new, differs, or has left the list. Costs 2 List calls and 1 index query where nothing changed, whatever the
 * number of finished jobs (more only beyond 1000 active ones).
 */
export const sweepActive = async (deps: TrackingDependencies, run: SweepRun): Promise<SweepReport> => {
  const startedAt = deps.clock().toISOString();
  const bedrock = deps.bedrockOf(run.scope);
  const [tracked, ...listed] = await Promise.all([
    listOf(deps.jobs.listActive(run.scope)),
    ...ACTIVE_STATUSES.map((status) => listOf(bedrock.listJobs({ status }))),
  ]);
  // A job that changes from one status to the other between the two calls is in both lists or in none.
  const byArn = new Map(listed.flat().map((job) => [job.job_arn, job]));
  const correction = await correctDrift(deps, run, selectDrifted([...byArn.values()], tracked));
  return {
    scope: run.scope,
    sweep: 'active',
    startedAt,
    endedAt: deps.clock().toISOString(),
    finished: correction.finished,
    counts: { ...correction.counts, listed: byArn.size },
    active: activeJobs([...byArn.values()]),
    failures: correction.failures,
  };
};

const activeJobs = (listed: readonly ListedJob[]): ActiveJobs => {
  const [oldestCreationTime] = listed.flatMap((job) => job.creation_time ?? []).sort(compareText);
  return { count: listed.length, ...(oldestCreationTime === undefined ? {} : { oldestCreationTime }) };
};

/** Array.fromAsync in effect, which Node.js 20 lacks: `bedrock-jobs local` runs this on the machine's own. */
const listOf = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};
