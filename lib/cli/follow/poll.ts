import { collect } from '../../operator/batch-get.ts';
import pMap from 'p-map';
import type { JobFilter, JobsClient, JobSummary } from '../../client/requests.ts';
import { isTerminal, JOB_STATUSES, type JobRecord, SUB_TASKS, type Transition } from '../../domain/record.ts';
import { compareText } from '../../domain/text.ts';

/** A transition of a job; or, with a reason, that nobody sees the job any more, or again. */
export interface WatchEvent extends Pick<Transition, 'from' | 'to' | 'at' | 'task'> {
  readonly job_arn: string;
  readonly job_name?: string;
  readonly reason?: (typeof MARKS)[number]['gone' | 'back'];
}

/** Marks of a record, with what happened when one comes and when it goes. */
const MARKS = [
  { mark: 'missing_since', gone: 'gone', back: 'found again' },
  { mark: 'untracked_since', gone: 'not tracked', back: 'tracked again' },
] as const;

export interface Poll {
  /** Active jobs, newest first, then those that ended or were lost in the window, the latest first. */
  readonly jobs: readonly JobSummary[];
  /** The transitions since the poll before, oldest first; none at the first poll. */
  readonly events: readonly WatchEvent[];
}

export interface WatchRequest {
  /** The jobs to watch, where none is named. */
  readonly filter: Pick<JobFilter, 'account' | 'region' | 'baseModel' | 'customizationType' | 'tag' | 'nameContains'>;
  readonly named: readonly string[];
  /** How long an ended job stays, in milliseconds. Longer than the tracker may take to notice an end. */
  readonly window: number;
}

/** A job between two polls. */
interface Known {
  readonly job: JobSummary;
  /** Its state in the list, which may lag behind the record. */
  readonly listed: string;
  /** Transitions that were reported, or older than the watch; undefined where the record was never read. */
  readonly reported: ReadonlySet<string> | undefined;
  /** When the last change was seen, in milliseconds since 1970. */
  readonly changedAt: number;
}

const CONCURRENT_READS = 8;
const FINAL_STATUSES = JOB_STATUSES.filter((status) => isTerminal({ status }));

/** Whether a job can still change, and the tracker sees it. */
export const isActive = (job: JobSummary): boolean =>
  !isTerminal(job) && job.missing_since === undefined && job.untracked_since === undefined;

/** Everything in a list that a transition changes. */
const listedState = (job: JobSummary): string =>
  JSON.stringify([
    job.status,
    ...SUB_TASKS.map((task) => job.status_details?.[`${task}_details`]?.status),
    job.last_modified_time,
    job.missing_since,
    job.untracked_since,
  ]);

const keyOf = ({ task, from, to, at }: Transition): string => JSON.stringify([task, from, to, at]);

const eventOf = ({ job_arn, job_name }: JobSummary, { from, to, at, task }: Transition): WatchEvent => ({
  job_arn,
  ...(job_name !== undefined && { job_name }),
  ...(task !== undefined && { task }),
  from,
  to,
  at,
});

/** The marks of a record that came or went between two reads. Records do not tell when one went. */
const markEvents = (before: JobSummary, job: JobRecord, now: number): WatchEvent[] => {
  const { job_arn, job_name, status = 'unknown' } = job;
  const name = job_name === undefined ? {} : { job_name };
  return MARKS.flatMap(({ mark, gone, back }) => {
    const since = job[mark];
    if ((before[mark] === undefined) === (since === undefined)) return [];
    const reason = since === undefined ? back : gone;
    return [{ job_arn, ...name, from: status, to: status, at: since ?? new Date(now).toISOString(), reason }];
  });
};

const listJobs = async (jobs: JobsClient, request: WatchRequest, now: number): Promise<JobSummary[]> => {
  const { named, filter, window } = request;
  if (named.length > 0) {
    const answers = await pMap(named, (jobArn) => jobs.getJob(jobArn), { concurrency: CONCURRENT_READS });
    return answers.flatMap(({ job }) => job ?? []);
  }
  // Finished jobs too: some begin and end between two polls.
  const modifiedAfter = new Date(now - window);
  const lists = await Promise.all([
    collect(jobs.iterateJobs({ ...filter, active: true })),
    collect(jobs.iterateJobs({ ...filter, status: FINAL_STATUSES, modifiedAfter, sortBy: 'last_modified_time' })),
  ]);
  // A job that ends between the two requests is in both.
  return [...new Map(lists.flat().map((job) => [job.job_arn, job])).values()];
};

const latestFirst =
  (attribute: 'creation_time' | 'last_modified_time') =>
  (a: JobSummary, b: JobSummary): number =>
    compareText(b[attribute] ?? '', a[attribute] ?? '');

const sortJobs = (jobs: readonly JobSummary[]): JobSummary[] => [
  ...jobs.filter(isActive).sort(latestFirst('creation_time')),
  ...jobs.filter((job) => !isActive(job)).sort(latestFirst('last_modified_time')),
];

/**
 * Makes a function that polls: lists of the indexes tell which jobs changed, and only the records of those are read for
 * their transitions. A poll costs half a read unit for each partition that it lists, and a unit for each job that
 * changed or is named.
 */
export const createPoller = (jobs: JobsClient, request: WatchRequest, clock: () => Date): (() => Promise<Poll>) => {
  const known = new Map<string, Known>();
  /** Seen and not reported yet: a poll that fails half-way loses nothing. */
  let pending: WatchEvent[] = [];
  let isFirst = true;

  /** Reads the record of a job that changed, and notes its new transitions. */
  const readTransitions = async (listed: JobSummary, now: number): Promise<void> => {
    const before = known.get(listed.job_arn);
    const { job } = await jobs.getJob(listed.job_arn);
    if (job === undefined) return;
    // Transitions from before the watch began, or before the record was first read, are not events.
    const isBaseline = before === undefined ? isFirst : before.reported === undefined;
    const added = job.transitions.filter((transition) => before?.reported?.has(keyOf(transition)) !== true);
    const reported = new Set(job.transitions.map(keyOf));
    known.set(job.job_arn, { job, listed: listedState(listed), reported, changedAt: now });
    if (!isBaseline) pending.push(...added.map((transition) => eventOf(job, transition)));
    if (before !== undefined) pending.push(...markEvents(before.job, job, now));
  };

  const forgetEnded = (now: number, listed: ReadonlySet<string>): void => {
    for (const [jobArn, { job, changedAt }] of known)
      if (!listed.has(jobArn) && !isActive(job) && changedAt < now - request.window) known.delete(jobArn);
  };

  return async () => {
    const now = clock().getTime();
    const listed = await listJobs(jobs, request, now);
    const arns = new Set(listed.map(({ job_arn: jobArn }) => jobArn));
    const changed = listed.filter((job) => known.get(job.job_arn)?.listed !== listedState(job));
    // A job that had ended when the watch began does not change any more: its record need not be read.
    const ended = isFirst ? changed.filter((job) => !isActive(job)) : [];
    for (const job of ended)
      known.set(job.job_arn, { job, listed: listedState(job), reported: undefined, changedAt: 0 });
    // Ended with a status that AWS added, or long ago; or lost.
    const unlisted = [...known.values()].map(({ job }) => job).filter((job) => isActive(job) && !arns.has(job.job_arn));
    const toRead = [...changed.filter((job) => !ended.includes(job)), ...unlisted];
    await pMap(toRead, (job) => readTransitions(job, now), { concurrency: CONCURRENT_READS });
    isFirst = false;
    forgetEnded(now, arns);
    const events = pending.sort((a, b) => compareText(a.at, b.at));
    pending = [];
    return { jobs: sortJobs([...known.values()].map(({ job }) => job)), events };
  };
};
