import { isTerminal, type JobRecord, SUB_TASKS } from './record.ts';
import { HOUR } from './time.ts';

/** A job as ListModelCustomizationJobs shows it, under the catalog's names. */
export type ListedJob = Pick<
  JobRecord,
  'job_arn' | 'status' | 'status_details' | 'creation_time' | 'last_modified_time' | 'end_time'
> & {
  /** What Bedrock lists of the job and nobody can read, as a sentence. */
  readonly problem?: string;
};

/** What the indexes carry of a record, as far as sweeps compare it. */
export type TrackedJob = ListedJob &
  Pick<JobRecord, 'missing_since' | 'untracked_since'> &
  Partial<Pick<JobRecord, 'tags'>>;

/**
 * A job to be looked at: Bedrock lists it and no record does, they differ, the list has it no more, or its record may be
 * of an older version of the tracker.
 */
export interface Drift {
  readonly jobArn: string;
  readonly reason: 'untracked' | 'changed' | 'unlisted' | 'outdated';
  /** The job as Bedrock lists it, where it does. */
  readonly listed?: ListedJob;
}

/** A job whose tags are to be compared: the list carries none. */
export interface TagCheck {
  readonly jobArn: string;
  readonly reason: 'tags-due';
  readonly tags: Readonly<Record<string, string>>;
}

// Statuses may differ in either direction; times only count when Bedrock's is later, as the list may lag behind Get.
const differs = (listed: ListedJob, tracked: TrackedJob): boolean =>
  listed.problem !== undefined ||
  listed.status !== tracked.status ||
  (listed.last_modified_time ?? '') > (tracked.last_modified_time ?? '') ||
  tracked.missing_since !== undefined ||
  tracked.untracked_since !== undefined ||
  SUB_TASKS.some((task) => {
    const status = listed.status_details?.[`${task}_details`]?.status;
    return status !== undefined && status !== tracked.status_details?.[`${task}_details`]?.status;
  });

/**
 * The jobs whose record is not what Bedrock lists. Both sides must cover the same jobs: all active ones of a scope,
 * or all of a span of creation times. A record already marked missing is not looked at again until it is listed, unless
 * it was marked untracked since: now that its scope is tracked, its mark is to be taken back.
 */
export const selectDrifted = (listed: readonly ListedJob[], tracked: readonly TrackedJob[]): Drift[] => {
  const trackedByArn = new Map(tracked.map((job) => [job.job_arn, job]));
  const listedArns = new Set(listed.map((job) => job.job_arn));
  const fromList = listed.flatMap((job): Drift[] => {
    const record = trackedByArn.get(job.job_arn);
    if (record === undefined) return [{ jobArn: job.job_arn, reason: 'untracked', listed: job }];
    return differs(job, record) ? [{ jobArn: job.job_arn, reason: 'changed', listed: job }] : [];
  });
  const left = tracked
    .filter((job) => !listedArns.has(job.job_arn))
    .filter((job) => job.missing_since === undefined || job.untracked_since !== undefined)
    .map((job): Drift => ({ jobArn: job.job_arn, reason: 'unlisted' }));
  return [...fromList, ...left];
};

/** All jobs that Bedrock lists and those that drifted otherwise: where records may be of an older version of the tracker. */
export const selectOutdated = (listed: readonly ListedJob[], tracked: readonly TrackedJob[]): Drift[] => {
  const drifted = selectDrifted(listed, tracked);
  const arns = new Set(drifted.map(({ jobArn }) => jobArn));
  const others = listed.filter((job) => !arns.has(job.job_arn));
  return [...drifted, ...others.map((job): Drift => ({ jobArn: job.job_arn, reason: 'outdated' }))];
};

/** The jobs without drift, modified at or after a time (ISO-8601 UTC), whose tags are to be compared all the same. */
export const selectTagChecks = (
  listed: readonly ListedJob[],
  tracked: readonly TrackedJob[],
  modifiedSince: string,
): TagCheck[] => {
  const drifted = new Set(selectDrifted(listed, tracked).map((drift) => drift.jobArn));
  return tracked
    .filter((job) => !drifted.has(job.job_arn) && job.missing_since === undefined)
    .filter((job) => (job.last_modified_time ?? job.creation_time ?? '') >= modifiedSince)
    .map((job) => ({ jobArn: job.job_arn, reason: 'tags-due', tags: job.tags ?? {} }));
};

/** Get may answer an older state than List for a while after a change, but not for so long. */
const SETTLED_AFTER_MS = HOUR;

/** What sweeps compare of a listed job, as one text. */
export const formatListing = ({ status, last_modified_time, status_details }: ListedJob): string =>
  [status, last_modified_time, ...SUB_TASKS.map((task) => status_details?.[`${task}_details`]?.status)]
    .map((value) => value ?? '-')
    .join(' ');

/** Whether a look at a job that was listed just so has changed nothing before. */
export const isListedAsBefore = (record: JobRecord | undefined, listed: ListedJob): boolean =>
  record?.listed_as === formatListing(listed) &&
  record.missing_since === undefined &&
  record.untracked_since === undefined;

/**
 * Whether a look that changed nothing shows that Bedrock lists the job otherwise than it answers Get. Only of a job that
 * ended as the list says, and an hour after: until then Get may answer an older state.
 */
export const showsLastingDifference = (record: JobRecord, listed: ListedJob, lookedAt: Date): boolean =>
  isTerminal(record) &&
  listed.status === record.status &&
  lookedAt.getTime() >= Date.parse(listed.last_modified_time ?? record.fetched_at) + SETTLED_AFTER_MS;
