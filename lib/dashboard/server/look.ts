import type { JobSummary } from '../../client/requests.ts';
import { canonicalJson } from '../../domain/text.ts';
import { HOUR } from '../../domain/time.ts';
import { toDashboardJob } from './dashboard-job.ts';
import type { DashboardDependencies } from './dependencies.ts';

/** What is shown of jobs, as text to compare, by ARN; and which of them still moved. */
export interface Look {
  readonly shown: ReadonlyMap<string, string>;
  readonly active: ReadonlySet<string>;
}

const MAX_ACTIVE = 500;
const MAX_CHANGED = 200;
const MAX_READ_UNITS = 100;
/** A record can be late: Bedrock dates a change before the tracker sees it, by an event's retries or the next sweep. */
const LOOKBACK_MS = 2 * HOUR;

/** Reads the jobs that may have changed of late: those that still move, and those that Bedrock changed last. */
export const lookAtTable = async ({ jobs, clock }: Pick<DashboardDependencies, 'jobs' | 'clock'>): Promise<Look> => {
  const [active, changed] = await Promise.all([
    jobs.listJobs({ active: true, limit: MAX_ACTIVE, maxReadUnits: MAX_READ_UNITS }),
    jobs.listJobs({
      sortBy: 'last_modified_time',
      modifiedAfter: new Date(clock().getTime() - LOOKBACK_MS),
      limit: MAX_CHANGED,
      maxReadUnits: MAX_READ_UNITS,
    }),
  ]);
  const entry = (job: JobSummary) => [job.job_arn, canonicalJson(toDashboardJob(job))] as const;
  return {
    shown: new Map([...active.jobs, ...changed.jobs].map(entry)),
    active: new Set(active.jobs.map(({ job_arn }) => job_arn)),
  };
};

/**
 * The jobs that are not as they were. One that moved and is not among those that were read any more has changed too; one
 * that was still and is out of sight has only grown old.
 */
export const changedBetween = (before: Look, after: Look): readonly string[] => [
  ...[...after.shown].filter(([arn, shown]) => before.shown.get(arn) !== shown).map(([arn]) => arn),
  ...[...before.active].filter((arn) => !after.shown.has(arn)),
];
