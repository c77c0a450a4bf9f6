import { isTerminal, type JobRecord, SUB_TASKS } from './record.ts';
import { HOUR } from './time.ts';

/** A job as ListModelCustomizationJobs shows it, with catalog names. */
export type ListedJob = Pick<
  JobRecord,
  'job_arn' | 'status' | 'status_details' | 'creation_time' | 'last_modified_time' | 'end_time'
> & {
  /** What cannot be read of the listed job, as a sentence. */
  readonly problem?: string;
};

/** The fields of a record, from an index, that sweeps compare. */
export type TrackedJob = ListedJob &
  Pick<JobRecord, 'missing_since' | 'untracked_since'> &
  Partial<Pick<JobRecord, 'tags'>>;

/** A job to look at: it has no record, list and record differ, the list lacks it, or its record's version may be old. */
export interface Drift {
  readonly jobArn: string;
  readonly reason: 'untracked' | 'changed' | 'unlisted' | 'outdated';
  readonly listed?: ListedJob;
}

/** A job whose tags must be compared one by one, as lists carry none. */
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
 * The jobs whose record differs from Bedrock's list. Both sides must cover the same jobs: all active ones of a scope, or
 * all of a span of creation times. A record marked missing is skipped until Bedrock lists it again, unless it is also
 * marked untracked: its scope is tracked again, so that mark must go.
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

/** All listed jobs and all that drifted: for records that may be of an older version of the tracker. */
export const selectOutdated = (listed: readonly ListedJob[], tracked: readonly TrackedJob[]): Drift[] => {
  const drifted = selectDrifted(listed, tracked);
  const arns = new Set(drifted.map(({ jobArn }) => jobArn));
  const others = listed.filter((job) => !arns.has(job.job_arn));
  return [...drifted, ...others.map((job): Drift => ({ jobArn: job.job_arn, reason: 'outdated' }))];
};

/** The jobs without drift, modified at or after a time (ISO-8601 UTC), whose tags must be compared. */
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

/** After a change Get may answer an older state than List, but not for this long. */
const SETTLED_AFTER_MS = HOUR;

/** What sweeps compare of a listed job, as one string. */
export const formatListing = ({ status, last_modified_time, status_details }: ListedJob): string =>
  [status, last_modified_time, ...SUB_TASKS.map((task) => status_details?.[`${task}_details`]?.status)]
    .map((value) => value ?? '-')
    .join(' ');

/** Whether an earlier look changed nothing while Bedrock listed the job exactly like this. */
export const isListedAsBefore = (record: JobRecord | undefined, listed: ListedJob): boolean =>
  record?.listed_as === formatListing(listed) &&
  record.missing_since === undefined &&
  record.untracked_since === undefined;

/**
 * Whether a look that changed nothing proves that List and Get differ for good: the job has finished as listed, an hour
 * ago or more.
 */
export const showsLastingDifference = (record: JobRecord, listed: ListedJob, lookedAt: Date): boolean =>
  isTerminal(record) &&
  listed.status === record.status &&
  lookedAt.getTime() >= Date.parse(listed.last_modified_time ?? record.fetched_at) + SETTLED_AFTER_MS;
