import { compareText } from './text.ts';
import type { Kind, Sighting } from './kind.ts';
import { isTerminal, type JobRecord, type JobSnapshot, RECORD_VERSION, SUB_TASKS } from './record.ts';

/** A job as ListModelCustomizationJobs shows it, with catalog names. */
export type ListedJob = Pick<
  JobRecord,
  'job_arn' | 'status' | 'status_details' | 'creation_time' | 'last_modified_time' | 'end_time'
> & {
  /** What cannot be read of the listed job, as a sentence. */
  readonly problem?: string;
};

/** When the job's current status began, as far as the snapshot shows. */
const statusSince = (snapshot: JobSnapshot): string => {
  const modified = snapshot.last_modified_time ?? snapshot.creation_time ?? snapshot.fetched_at;
  if (isTerminal(snapshot)) return snapshot.end_time ?? modified;
  // Every job begins InProgress, and last_modified_time moves while it stays so.
  return snapshot.status === 'InProgress' ? (snapshot.creation_time ?? modified) : modified;
};

/** The job's own status and those of its sub-tasks that have begun. */
const sightingsOf = (snapshot: JobSnapshot): Sighting[] => {
  const seen = { observed_at: snapshot.fetched_at, via: snapshot.observed_via };
  const { status } = snapshot;
  const isUnknownEnd = status !== undefined && isTerminal(snapshot) && !isTerminal({ status });
  const own: Sighting[] =
    status === undefined
      ? []
      : [{ to: status, at: statusSince(snapshot), ...seen, ...(isUnknownEnd && { final: true }) }];
  const ofTasks = SUB_TASKS.flatMap((task): Sighting[] => {
    const details = snapshot.status_details?.[`${task}_details`];
    if (details?.status === undefined || details.status === 'NotStarted') return [];
    const began = details.status === 'InProgress' ? details.creation_time : undefined;
    const at = began ?? details.last_modified_time ?? details.creation_time ?? statusSince(snapshot);
    return [{ task, to: details.status, at, ...seen }];
  });
  return [...own, ...ofTasks];
};

const TASK_ORDER: readonly (string | undefined)[] = [...SUB_TASKS, undefined];

/** Customization jobs: a job ends, and Bedrock dates its changes. Tags and metrics change without a date. */
export const JOBS: Kind<JobSnapshot, JobRecord> = {
  key: 'job_arn',
  version: RECORD_VERSION,
  beside: {
    transitions: 'derived',
    transitions_folded: 'derived',
    first_seen_at: 'derived',
    revision: 'derived',
    missing_since: 'mark',
    untracked_since: 'mark',
    listed_as: 'stays',
    active_scope: 'derived',
  },
  compare: (a, b) =>
    Number(isTerminal(a)) - Number(isTerminal(b)) ||
    compareText(a.last_modified_time ?? '', b.last_modified_time ?? ''),
  keepsFirstFetch: true,
  sightingsOf,
  // A final status comes last.
  rank: ({ to, final }) => Number(final === true || isTerminal({ status: to })),
  returnedAt: ({ last_modified_time, fetched_at }) => last_modified_time ?? fetched_at,
  compareChains: (a, b) => TASK_ORDER.indexOf(a.task) - TASK_ORDER.indexOf(b.task),
  derive: (snapshot, { marks }) =>
    isTerminal(snapshot) || Object.keys(marks).length > 0 ? {} : { active_scope: snapshot.scope },
  // The job's own status, not a sub-task's.
  hasChanged: (previous, record) => previous?.status !== record.status,
  // Statuses may differ in either direction; times only count when Bedrock's is later, as the list may lag behind Get.
  differs: (listed: ListedJob, tracked: ListedJob) =>
    listed.status !== tracked.status ||
    (listed.last_modified_time ?? '') > (tracked.last_modified_time ?? '') ||
    SUB_TASKS.some((task) => {
      const status = listed.status_details?.[`${task}_details`]?.status;
      return status !== undefined && status !== tracked.status_details?.[`${task}_details`]?.status;
    }),
  listing: ({ status, last_modified_time, status_details }: ListedJob) =>
    [status, last_modified_time, ...SUB_TASKS.map((task) => status_details?.[`${task}_details`]?.status)]
      .map((value) => value ?? '-')
      .join(' '),
  isSettled: (record, listed) => isTerminal(record) && listed.status === record.status,
};
