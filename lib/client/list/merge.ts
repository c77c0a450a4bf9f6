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
  waiting: Entry<T>[];
  /** After the last entry read. */
  next: Position;
  reads: number;
}

/** Requests at a time: the SDK has 50 sockets. */
export const AT_ONCE = 20;

/**
 * Merges ordered partitions and reads no further than it must. A position is after the last entry taken, not read, so that
 * a page can end anywhere. Thousands of partitions are kept in order, as comparing all for each entry would take minutes.
 */
export const createMerge = <T>(from: readonly Position[], newestFirst: boolean, readOn: ReadOn<T>) => {
  const streams = from.map((at, partition): Stream<T> => ({ partition, at, waiting: [], next: at, reads: 0 }));
  const direction = newestFirst ? -1 : 1;
  const compare = (a: Entry<T>, b: Entry<T>): number =>
    direction * compareText(a.sort, b.sort) || compareText(a.arn, b.arn);
  /** Those with entries, the foremost last. */
  const ready: { readonly stream: Stream<T>; readonly entry: Entry<T> }[] = [];
  /** Those that must be read on before they have any. */
  const empty = new Set(streams.filter(({ at }) => at !== 'end'));

  const put = (stream: Stream<T>): void => {
    const [entry] = stream.waiting;
    if (entry === undefined) stream.at = stream.next;
    if (entry === undefined && stream.at !== 'end') empty.add(stream);
    else empty.delete(stream);
    if (entry === undefined) return;
    let [low, high] = [0, ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = ready[middle]?.entry;
      if (other !== undefined && compare(other, entry) > 0) low = middle + 1;
      else high = middle;
    }
    ready.splice(low, 0, { stream, entry });
  };

  /** The partitions in which an entry may come before all that were read: they are read, and not beyond these. */
  const unknown = (): Stream<T>[] => {
    const first = ready.at(-1)?.entry;
    return [...empty].filter(
      ({ at }) => first === undefined || typeof at === 'string' || direction * compareText(at[0], first.sort) <= 0,
    );
  };

  const refill = async (stream: Stream<T>, open: number): Promise<void> => {
    const { entries, next } = await readOn(stream.partition, stream.at, stream.reads, open);
    stream.reads += 1;
    stream.waiting = [...entries];
    stream.next = next;
    put(stream);
  };

  return {
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
        const open = ready.length + empty.size;
        for (let done = 0; done < allowed.length; done += AT_ONCE) {
          await Promise.all(allowed.slice(done, done + AT_ONCE).map((stream) => refill(stream, open)));
        }
      }
    },
    /** The next entry, once `fill` has returned true; undefined at the end. */
    take(): Entry<T> | undefined {
      const first = ready.pop();
      if (first === undefined) return undefined;
      const { stream, entry } = first;
      stream.waiting.shift();
      stream.at = [entry.sort, entry.arn];
      put(stream);
      return entry;
    },
    /** Where to continue in each partition. */
    positions: (): readonly Position[] => streams.map(({ at }) => at),
    /** The sort key before which nothing is left: that of the next entry, or where the partition behind has come to. */
    reached(): string | undefined {
      const behind = [...empty].flatMap(({ at }) => (typeof at === 'string' ? [] : [at[0]]));
      const sorts = [...ready.slice(-1).map(({ entry }) => entry.sort), ...behind].sort(compareText);
      return sorts.at(newestFirst ? -1 : 0);
    },
    /** Whether all entries were taken. */
    isAtEnd: (): boolean => ready.length + empty.size === 0,
  };
};
