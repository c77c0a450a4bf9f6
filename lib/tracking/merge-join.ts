import type { ListedJob, TrackedJob } from '../domain/drift.ts';

/** A job on both sides, or on one side alone. */
export interface Step {
  /** All jobs of both sides created after this time have been read; empty while unknown. */
  readonly creationTime: string;
  readonly listed: readonly ListedJob[];
  readonly tracked: readonly TrackedJob[];
}

/** The two sides may differ this much in a job's creation time: one may round it to the second. */
export const TIME_TOLERANCE_MS = 1_000;

interface Timed<Job> {
  readonly job: Job;
  /** Its creation time in ms since 1970, or that of the previous job if it has none. */
  readonly at: number;
}

async function* withTimes<Job extends ListedJob>(
  jobs: AsyncIterable<Job>,
): AsyncGenerator<Timed<Job>, void, undefined> {
  let at = Infinity;
  for await (const job of jobs) {
    const own = Date.parse(job.creation_time ?? '');
    if (!Number.isNaN(own)) at = own;
    yield { job, at };
  }
}

/** Sorts newest first, if no job is out of place by more than `window` places. */
async function* sortWithinWindow<Job>(
  jobs: AsyncIterable<Timed<Job>>,
  window: number,
): AsyncGenerator<Timed<Job>, void, undefined> {
  const held: Timed<Job>[] = [];
  for await (const next of jobs) {
    held.splice(held.findLastIndex(({ at }) => at >= next.at) + 1, 0, next);
    const [newest] = held;
    if (held.length <= window || newest === undefined) continue;
    held.shift();
    yield newest;
  }
  yield* held;
}

type Waiting<Job> = Map<string, Timed<Job>>;
type Head<Job> = IteratorResult<Timed<Job>, void>;

const timeOf = (head: Head<unknown>): number => (head.done === true ? -Infinity : head.value.at);

/** The waiting jobs that the other side no longer brings, as it is past their time. */
function* takeOverdue<Job>(waiting: Waiting<Job>, other: Head<unknown>): Generator<Job, void, undefined> {
  for (const [arn, { job, at }] of waiting) {
    if (at <= timeOf(other) + TIME_TOLERANCE_MS) return;
    waiting.delete(arn);
    yield job;
  }
}

const newestOf = (waiting: Waiting<unknown>): number => waiting.values().next().value?.at ?? -Infinity;

/**
 * Joins Bedrock's list and the records, both newest first, by job. Holds `window` listed jobs and the unmatched ones
 * within {@link TIME_TOLERANCE_MS}. A job listed further out of place comes apart from its record: that costs two needless
 * looks, but no error.
 */
export async function* mergeJoin(
  listed: AsyncIterable<ListedJob>,
  tracked: AsyncIterable<TrackedJob>,
  window: number,
): AsyncGenerator<Step, void, undefined> {
  const left = sortWithinWindow(withTimes(listed), window);
  const right = withTimes(tracked);
  const waiting = { listed: new Map() as Waiting<ListedJob>, tracked: new Map() as Waiting<TrackedJob> };
  let reached = Infinity;
  const step = (jobs: Partial<Step>): Step => {
    const downTo = Math.max(reached, newestOf(waiting.listed), newestOf(waiting.tracked));
    return {
      creationTime: Number.isFinite(downTo) ? new Date(downTo).toISOString() : '',
      listed: [],
      tracked: [],
      ...jobs,
    };
  };
  try {
    let [nextLeft, nextRight] = await Promise.all([left.next(), right.next()]);
    while (nextLeft.done !== true || nextRight.done !== true) {
      reached = Math.min(reached, Math.max(timeOf(nextLeft), timeOf(nextRight)));
      if (nextLeft.done !== true && timeOf(nextLeft) >= timeOf(nextRight)) {
        const { job } = nextLeft.value;
        const record = waiting.tracked.get(job.job_arn);
        if (record === undefined) waiting.listed.set(job.job_arn, nextLeft.value);
        waiting.tracked.delete(job.job_arn);
        nextLeft = await left.next();
        if (record !== undefined) yield step({ listed: [job], tracked: [record.job] });
      } else if (nextRight.done !== true) {
        const { job } = nextRight.value;
        const known = waiting.listed.get(job.job_arn);
        if (known === undefined) waiting.tracked.set(job.job_arn, nextRight.value);
        waiting.listed.delete(job.job_arn);
        nextRight = await right.next();
        if (known !== undefined) yield step({ listed: [known.job], tracked: [job] });
      }
      for (const job of takeOverdue(waiting.listed, nextRight)) yield step({ listed: [job] });
      for (const job of takeOverdue(waiting.tracked, nextLeft)) yield step({ tracked: [job] });
    }
  } finally {
    await Promise.all([left.return(), right.return()]);
  }
}
