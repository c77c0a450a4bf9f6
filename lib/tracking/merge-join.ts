import { arnOf, type Kind, type Listed, type Tracked } from '../domain/kind.ts';

/** A resource on both sides, or on one side alone. */
export interface Step {
  /** Everything of both sides created after this time have been read; empty while unknown. */
  readonly creationTime: string;
  readonly listed: readonly Listed[];
  readonly tracked: readonly Tracked[];
}

/** The two sides may differ this much in a creation time: one may round it to the second. */
export const TIME_TOLERANCE_MS = 1_000;

interface At<One> {
  readonly one: One;
  /** Its creation time in ms since 1970, or that of the previous one if it has none. */
  readonly at: number;
}

async function* withTimes<One extends Listed>(all: AsyncIterable<One>): AsyncGenerator<At<One>, void, undefined> {
  let at = Infinity;
  for await (const one of all) {
    const own = Date.parse(one.creation_time ?? '');
    if (!Number.isNaN(own)) at = own;
    yield { one, at };
  }
}

/** Sorts newest first, if nothing is out of place by more than `window` places. */
async function* sortWithinWindow<One>(
  all: AsyncIterable<At<One>>,
  window: number,
): AsyncGenerator<At<One>, void, undefined> {
  const held: At<One>[] = [];
  for await (const next of all) {
    held.splice(held.findLastIndex(({ at }) => at >= next.at) + 1, 0, next);
    const [newest] = held;
    if (held.length <= window || newest === undefined) continue;
    held.shift();
    yield newest;
  }
  yield* held;
}

type Waiting<One> = Map<string, At<One>>;
type Head<One> = IteratorResult<At<One>, void>;

const timeOf = (head: Head<unknown>): number => (head.done === true ? -Infinity : head.value.at);

/** The waiting ones that the other side no longer brings, as it is past their time. */
function* takeOverdue<One>(waiting: Waiting<One>, other: Head<unknown>): Generator<One, void, undefined> {
  for (const [arn, { one, at }] of waiting) {
    if (at <= timeOf(other) + TIME_TOLERANCE_MS) return;
    waiting.delete(arn);
    yield one;
  }
}

const newestOf = (waiting: Waiting<unknown>): number => waiting.values().next().value?.at ?? -Infinity;

/**
 * Joins Bedrock's list and the records, both newest first, by ARN. Holds `window` listed ones and the unmatched ones
 * within {@link TIME_TOLERANCE_MS}. What is listed further out of place comes apart from its record: that costs two
 * needless looks, but no error.
 */
export async function* mergeJoin(
  kind: Pick<Kind, 'key'>,
  listed: AsyncIterable<Listed>,
  tracked: AsyncIterable<Tracked>,
  window: number,
): AsyncGenerator<Step, void, undefined> {
  const left = sortWithinWindow(withTimes(listed), window);
  const right = withTimes(tracked);
  const waiting = { listed: new Map() as Waiting<Listed>, tracked: new Map() as Waiting<Tracked> };
  let reached = Infinity;
  const step = (sides: Partial<Step>): Step => {
    const downTo = Math.max(reached, newestOf(waiting.listed), newestOf(waiting.tracked));
    return {
      creationTime: Number.isFinite(downTo) ? new Date(downTo).toISOString() : '',
      listed: [],
      tracked: [],
      ...sides,
    };
  };
  try {
    let [nextLeft, nextRight] = await Promise.all([left.next(), right.next()]);
    while (nextLeft.done !== true || nextRight.done !== true) {
      reached = Math.min(reached, Math.max(timeOf(nextLeft), timeOf(nextRight)));
      if (nextLeft.done !== true && timeOf(nextLeft) >= timeOf(nextRight)) {
        const { one } = nextLeft.value;
        const record = waiting.tracked.get(arnOf(kind, one));
        if (record === undefined) waiting.listed.set(arnOf(kind, one), nextLeft.value);
        waiting.tracked.delete(arnOf(kind, one));
        nextLeft = await left.next();
        if (record !== undefined) yield step({ listed: [one], tracked: [record.one] });
      } else if (nextRight.done !== true) {
        const { one } = nextRight.value;
        const known = waiting.listed.get(arnOf(kind, one));
        if (known === undefined) waiting.tracked.set(arnOf(kind, one), nextRight.value);
        waiting.listed.delete(arnOf(kind, one));
        nextRight = await right.next();
        if (known !== undefined) yield step({ listed: [known.one], tracked: [one] });
      }
      for (const one of takeOverdue(waiting.listed, nextRight)) yield step({ listed: [one] });
      for (const one of takeOverdue(waiting.tracked, nextLeft)) yield step({ tracked: [one] });
    }
  } finally {
    await Promise.all([left.return(), right.return()]);
  }
}

/** Array.fromAsync, which Node.js 20 lacks: `bedrock-jobs local` and the dashboard run on the user's own Node.js. */
export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};
