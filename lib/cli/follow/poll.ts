import pMap from 'p-map';
import type { JobFilter, JobsClient, JobSummary } from '../../client/requests.ts';
import { compareText } from '../../domain/text.ts';
import { ACTIVE_STATUSES, isTerminal, JOB_STATUSES, SUB_TASKS, type Transition } from '../../domain/record.ts';

/** A transition as `watch` tells it. */
export interface WatchEvent extends Pick<Transition, 'from' | 'to' | 'at' | 'task'> {
  readonly job_arn: string;
  readonly job_name?: string;
}

/** What one look showed. */
export interface Look {
  /** Jobs that still move, newest first, then those that ended or were lost lately, the latest first. */
  readonly jobs: readonly JobSummary[];
  /** What happened since the look before, in the order in which it happened; nothing at the first look. */
  readonly events: readonly WatchEvent[];
}

export interface WatchRequest {
  /** Which jobs, where none is named. */
  readonly filter: Pick<JobFilter, 'account' | 'region' | 'baseModel' | 'customizationType' | 'tag' | 'nameContains'>;
  /** ARNs; none for all jobs of the filter. */
  readonly named: readonly string[];
  /** For how long a job stays that has ended, in milliseconds. Longer than the tracker may take to see an end. */
  readonly window: number;
}

/** What is known of a job between two looks. */
interface Known {
  readonly job: JobSummary;
  /** As the list showed it, which may lag behind the record. */
  readonly listed: string;
  /** Its transitions that were told or were there before; undefined where nobody looked at them. */
  readonly told: ReadonlySet<string> | undefined;
  /** When the last change was seen, in milliseconds since 1970. */
  readonly changedAt: number;
}

const READS_AT_ONCE = 8;
const FINAL_STATUSES = JOB_STATUSES.filter((status) => !ACTIVE_STATUSES.some((active) => active === status));

/** Whether a job can still move and somebody sees it. */
export const isMoving = (job: JobSummary): boolean =>
  !isTerminal(job) && job.missing_since === undefined && job.untracked_since === undefined;

/** All of a job that a transition changes. */
const stateOf = (job: JobSummary): string =>
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

/** Array.fromAsync is newer than the oldest Node.js that this runs on. */
const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const read = async (jobs: JobsClient, { named, filter, window }: WatchRequest, now: number): Promise<JobSummary[]> => {
  if (named.length > 0) {
    const answers = await pMap(named, (jobArn) => jobs.getJob(jobArn), { concurrency: READS_AT_ONCE });
    return answers.flatMap(({ job }) => job ?? []);
  }
  const lists = await Promise.all([
    collect(jobs.iterateJobs({ ...filter, active: true })),
    // A job that began and ended between two looks, and what ended before the first one.
    collect(
      jobs.iterateJobs({
        ...filter,
        status: FINAL_STATUSES,
        modifiedAfter: new Date(now - window),
        sortBy: 'last_modified_time',
      }),
    ),
  ]);
  // A job that ends between the two requests is in both.
  return [...new Map(lists.flat().map((job) => [job.job_arn, job])).values()];
};

const byTime =
  (attribute: 'creation_time' | 'last_modified_time') =>
  (a: JobSummary, b: JobSummary): number =>
    compareText(b[attribute] ?? '', a[attribute] ?? '');

const inOrder = (jobs: readonly JobSummary[]): JobSummary[] => [
  ...jobs.filter(isMoving).sort(byTime('creation_time')),
  ...jobs.filter((job) => !isMoving(job)).sort(byTime('last_modified_time')),
];

/**
 * Looks again and again: lists of the indexes tell which jobs changed, and the records of those alone tell what happened
 * between two looks. Each look costs half a read unit for each partition that it lists, and a unit for each job that
 * changed, or that is named.
 */
export const createLook = (jobs: JobsClient, request: WatchRequest, clock: () => Date): (() => Promise<Look>) => {
  const known = new Map<string, Known>();
  /** Seen and not told yet: a look that fails half-way loses nothing. */
  let news: WatchEvent[] = [];
  let isFirst = true;

  /** Reads the record of a job that changed, and notes what of it is new. */
  const follow = async (listed: JobSummary, now: number): Promise<void> => {
    const before = known.get(listed.job_arn);
    const { job } = await jobs.getJob(listed.job_arn);
    if (job === undefined) return;
    // What was there when the watch began, or before anybody looked at it, is no news.
    const isKnown = before === undefined ? isFirst : before.told === undefined;
    const fresh = isKnown ? [] : job.transitions.filter((transition) => before?.told?.has(keyOf(transition)) !== true);
    const told = new Set(job.transitions.map(keyOf));
    known.set(job.job_arn, { job, listed: stateOf(listed), told, changedAt: now });
    news.push(...fresh.map((transition) => eventOf(job, transition)));
  };

  const forget = (now: number, listed: ReadonlySet<string>): void => {
    for (const [jobArn, { job, changedAt }] of known) {
      if (!listed.has(jobArn) && !isMoving(job) && changedAt < now - request.window) known.delete(jobArn);
    }
  };

  return async () => {
    const now = clock().getTime();
    const listed = await read(jobs, request, now);
    const arns = new Set(listed.map(({ job_arn: jobArn }) => jobArn));
    // Ended with a status that AWS added, or long ago; or nobody sees it any more.
    const gone = [...known.values()].filter(({ job }) => isMoving(job) && !arns.has(job.job_arn)).map(({ job }) => job);
    const changed = listed.filter((job) => known.get(job.job_arn)?.listed !== stateOf(job));
    // What has ended when the watch begins will not move any more: its record need not be read.
    const ended = isFirst ? changed.filter((job) => !isMoving(job)) : [];
    for (const job of ended) known.set(job.job_arn, { job, listed: stateOf(job), told: undefined, changedAt: 0 });
    const followed = [...changed.filter((job) => !ended.includes(job)), ...gone];
    await pMap(followed, (job) => follow(job, now), { concurrency: READS_AT_ONCE });
    isFirst = false;
    forget(now, arns);
    const events = news.sort((a, b) => compareText(a.at, b.at));
    news = [];
    return {
      jobs: inOrder([...known.values()].map(({ job }) => job)),
      events,
    };
  };
};
