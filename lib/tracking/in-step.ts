import type { ListedJob, TrackedJob } from '../domain/drift.ts';

/** The jobs created in the same millisecond, on both sides. */
export interface Step {
  readonly creationTime: string;
  readonly listed: readonly ListedJob[];
  readonly tracked: readonly TrackedJob[];
}

const takeWhileAt = async <Job extends ListedJob>(jobs: AsyncIterator<Job>, head: IteratorResult<Job>, at: string) => {
  const taken: Job[] = [];
  let next = head;
  while (next.done !== true && (next.value.creation_time ?? '') === at) {
    taken.push(next.value);
    next = await jobs.next();
  }
  return { taken, next };
};

/**
 * Walks Bedrock's list and the records beside each other, both newest first, one creation time after the other.
 * Holds no more than the jobs of one creation time. Where one side is out of order its jobs come as two steps, which
 * costs a needless look at them and no error.
 */
export async function* inStep(
  listed: AsyncIterable<ListedJob>,
  tracked: AsyncIterable<TrackedJob>,
): AsyncGenerator<Step, void, undefined> {
  const left = listed[Symbol.asyncIterator]();
  const right = tracked[Symbol.asyncIterator]();
  try {
    let [nextLeft, nextRight] = await Promise.all([left.next(), right.next()]);
    while (nextLeft.done !== true || nextRight.done !== true) {
      const creationTime = [nextLeft, nextRight]
        .map((head) => (head.done === true ? '' : (head.value.creation_time ?? '')))
        .reduce((latest, at) => (at > latest ? at : latest));
      const [fromLeft, fromRight] = await Promise.all([
        takeWhileAt(left, nextLeft, creationTime),
        takeWhileAt(right, nextRight, creationTime),
      ]);
      [nextLeft, nextRight] = [fromLeft.next, fromRight.next];
      yield { creationTime, listed: fromLeft.taken, tracked: fromRight.taken };
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}
