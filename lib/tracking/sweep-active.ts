import { selectDrifted, type ListedJob, type TrackedJob } from '../domain/drift.ts';
import { compareText } from '../domain/text.ts';
import type { Scope } from '../domain/identity.ts';
import { ACTIVE_STATUSES } from '../domain/record.ts';
import { DAY } from '../domain/time.ts';
import { correctDrift, type SweepRun } from './correct-drift.ts';
import { collect } from './merge-join.ts';
import type { ActiveJobs, SweepReport } from './sweep-state.ts';
import { jobTracker, type TrackingDependencies } from './track-job.ts';

export interface ActiveSweepRun extends SweepRun {
  readonly scope: Scope;
  /** Creation time of the newest job whose creation event is known to have arrived. */
  readonly creationToldAt?: string | undefined;
}

/** Creations without an event count as missed for this long after the last creation event. */
const CREATIONS_ARE_TOLD_FOR_MS = 7 * DAY;

/**
 * Compares the jobs that Bedrock lists as InProgress or Stopping with the active records, and tracks those that are new,
 * differ, or left the list. Costs 2 List calls and 1 index query if nothing changed, however many jobs have finished
 * (more only beyond 1000 active jobs), and one read of a record if jobs are active.
 */
export const sweepActive = async (deps: TrackingDependencies, run: ActiveSweepRun): Promise<SweepReport> => {
  const startedAt = deps.clock().toISOString();
  const bedrock = deps.bedrockOf(run.scope);
  const [tracked, ...listed] = await Promise.all([
    collect(deps.jobs.listActive(run.scope)),
    ...ACTIVE_STATUSES.map((status) => collect(bedrock.listJobs({ status }))),
  ]);
  // A job that changes its status between the two calls is in both lists or in neither.
  const byArn = new Map(listed.flat().map((job) => [job.job_arn, job]));
  const creationToldAt = await findToldCreation(deps, run, { listed: [...byArn.values()], tracked });
  const correction = await correctDrift(jobTracker(deps, run.scope), run, selectDrifted([...byArn.values()], tracked));
  return {
    scope: run.scope,
    sweep: 'active',
    startedAt,
    endedAt: deps.clock().toISOString(),
    finished: correction.finished,
    counts: { ...correction.counts, listed: byArn.size },
    missed: { ...correction.missed, ...(areCreationsTold(creationToldAt, deps.clock()) ? {} : { creation: 0 }) },
    unchanged: correction.unchanged,
    active: activeJobs([...byArn.values()]),
    ...(creationToldAt === undefined ? {} : { creationToldAt }),
    failures: correction.failures,
  };
};

/**
 * Creation events come from CloudTrail, if the account has a trail. The newest job that has a record shows whether they
 * arrive; it is read before the sweep writes records itself. One consistent read.
 */
const findToldCreation = async (
  { jobs }: TrackingDependencies,
  { creationToldAt }: ActiveSweepRun,
  { listed, tracked }: { readonly listed: readonly ListedJob[]; readonly tracked: readonly TrackedJob[] },
): Promise<string | undefined> => {
  const known = new Set(tracked.map(({ job_arn }) => job_arn));
  const newest = listed
    .filter(({ job_arn, creation_time = '' }) => known.has(job_arn) && creation_time > (creationToldAt ?? ''))
    .sort((a, b) => compareText(a.creation_time ?? '', b.creation_time ?? ''))
    .at(-1);
  const record = newest && (await jobs.get(newest.job_arn));
  const first = record?.transitions.find(({ task }) => task === undefined);
  return first?.to === 'InProgress' && first.via === 'event' ? newest?.creation_time : creationToldAt;
};

/** Whether CloudTrail is known to tell of what happens in a scope: there is a trail. */
export const areCreationsTold = (toldAt: string | undefined, now: Date): boolean =>
  toldAt !== undefined && now.getTime() - Date.parse(toldAt) < CREATIONS_ARE_TOLD_FOR_MS;

const activeJobs = (listed: readonly ListedJob[]): ActiveJobs => {
  const [oldestCreationTime] = listed.flatMap((job) => job.creation_time ?? []).sort(compareText);
  return { count: listed.length, ...(oldestCreationTime === undefined ? {} : { oldestCreationTime }) };
};
