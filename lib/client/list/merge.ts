import { compareText } from '../../domain/text.ts';
import type { Position } from './cursor.ts';

/** An entry of an index, for the merge. */
export interface Entry<T> {
  /** The sort key; empty for a scan. */
  readonly sort: string;
  readonly arn: string;
  readonly item: T;
}

/** Entries of one partition in order, and where to continue after them. */
export interface Chunk<T> {
  readonly entries: readonly Entry<T>[];
  readonly next: Position;
}

/** Reads the next entries of a partition. `reads` counts earlier reads of it by this merge. */
type ReadOn<T> = (partition: number, from: Position, reads: number, open: number) => Promise<Chunk<T>>;

interface Stream<T> {
  readonly partition: number;
  /** After the last entry taken. */
  at: Position;
  waiting: readonly Entry<T>[];
  taken: number;
  /** After the last entry read. */
  next: Position;
  reads: number;
}

/** Requests at a time: the SDK has 50 sockets. */
const AT_ONCE = 20;

const head = <T>({ waiting, taken }: Stream<T>): Entry<T> | undefined => waiting[taken];

/**
 * Merges ordered partitions and reads no further than it must. A position is after the last entry taken, not read, so that
 * a page can end anywhere.
 */
export const createMerge = <T>(from: readonly Position[], newestFirst: boolean, readOn: ReadOn<T>) => {
  const streams = from.map((at, partition): Stream<T> => ({
    partition,
    at,
    waiting: [],
    taken: 0,
    next: at,
    reads: 0,
  }));
  const isEmpty = (stream: Stream<T>) => head(stream) === undefined && stream.at !== 'end';
  const direction = newestFirst ? -1 : 1;
  const isBefore = (a: Entry<T>, b: Entry<T>): boolean =>
    (direction * compareText(a.sort, b.sort) || compareText(a.arn, b.arn)) < 0;

  const foremost = (): { readonly stream: Stream<T>; readonly entry: Entry<T> } | undefined => {
    let first: { stream: Stream<T>; entry: Entry<T> } | undefined;
    for (const stream of streams) {
      const entry = head(stream);
      if (entry !== undefined && (first === undefined || isBefore(entry, first.entry))) first = { stream, entry };
    }
    return first;
  };

  /** The partitions in which an entry may come before all that were read: they are read, and not beyond these. */
  const unknown = (): Stream<T>[] => {
    const empty = streams.filter(isEmpty);
    const first = empty.length === 0 ? undefined : foremost();
    if (first === undefined) return empty;
    return empty.filter(({ at }) => typeof at === 'string' || direction * compareText(at[0], first.entry.sort) <= 0);
  };

  const refill = async (stream: Stream<T>, open: number): Promise<void> => {
    const { entries, next } = await readOn(stream.partition, stream.at, stream.reads, open);
    stream.reads += 1;
    stream.waiting = entries;
    stream.taken = 0;
    stream.next = next;
    if (entries.length === 0) stream.at = next;
  };

  return {
    /** Whether the next entry depends on a further read. */
    isHungry: (): boolean => unknown().length > 0,
    /**
     * Reads until the next entry is known, or returns false when `mayRead` forbids more. The first read of each partition
     * is always made, as otherwise no later call would get further.
     */
    async fill(mayRead: () => boolean): Promise<boolean> {
      for (;;) {
        const unread = unknown();
        if (unread.length === 0) return true;
        const allowed = unread.filter((stream) => stream.reads === 0 || mayRead());
        if (allowed.length === 0) return false;
        const open = streams.filter(({ at }) => at !== 'end').length;
        for (let done = 0; done < allowed.length; done += AT_ONCE) {
          await Promise.all(allowed.slice(done, done + AT_ONCE).map((stream) => refill(stream, open)));
        }
      }
    },
    /** The next entry; undefined at the end. Call it when the merge is not hungry. */
    take(): Entry<T> | undefined {
      const first = foremost();
      if (first === undefined) return undefined;
      const { stream, entry } = first;
      stream.taken += 1;
      stream.at = head(stream) === undefined ? stream.next : [entry.sort, entry.arn];
      return entry;
    },
    /** Where to continue in each partition. */
    positions: (): readonly Position[] => streams.map(({ at }) => at),
    /** Whether all entries were taken. */
    isAtEnd: (): boolean => streams.every(({ at }) => at === 'end'),
  };
};
