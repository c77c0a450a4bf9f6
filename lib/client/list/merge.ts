import { compareText } from '../../domain/text.ts';
import type { Position } from './cursor.ts';

/** What a merge needs of an entry. */
export interface Entry<T> {
  /** Value of the sort key; empty where nothing is sorted. */
  readonly sort: string;
  readonly jobArn: string;
  readonly job: T;
}

/** Entries of one partition in order, and where it goes on behind them. */
export interface Chunk<T> {
  readonly entries: readonly Entry<T>[];
  readonly next: Position;
}

/** Reads on in a partition. `reads` counts how often this merge read the same partition before. */
type ReadOn<T> = (partition: number, from: Position, reads: number, open: number) => Promise<Chunk<T>>;

interface Stream<T> {
  readonly partition: number;
  /** Behind the last entry that was taken. */
  at: Position;
  waiting: readonly Entry<T>[];
  taken: number;
  /** Behind the last entry that waits. */
  next: Position;
  reads: number;
}

/** Requests at a time: the SDK has 50 sockets. */
const AT_ONCE = 20;

const head = <T>({ waiting, taken }: Stream<T>): Entry<T> | undefined => waiting[taken];

/**
 * Merges partitions that are each in order, without reading further than it must. Where an entry was taken out of a
 * chunk, the position is behind that entry: a page that is cut loses nothing.
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
    (direction * compareText(a.sort, b.sort) || compareText(a.jobArn, b.jobArn)) < 0;

  const refill = async (stream: Stream<T>, open: number): Promise<void> => {
    const { entries, next } = await readOn(stream.partition, stream.at, stream.reads, open);
    stream.reads += 1;
    stream.waiting = entries;
    stream.taken = 0;
    stream.next = next;
    if (entries.length === 0) stream.at = next;
  };

  return {
    /** Whether some partition has to be read before the next entry is known. */
    isHungry: (): boolean => streams.some(isEmpty),
    /**
     * Reads until the next entry is known. Each partition is read once whatever `mayRead` says, as nothing comes out
     * before and a caller who comes again would not get further; false where it said no after that.
     */
    async fill(mayRead: () => boolean): Promise<boolean> {
      for (;;) {
        const empty = streams.filter(isEmpty);
        if (empty.length === 0) return true;
        const allowed = empty.filter((stream) => stream.reads === 0 || mayRead());
        if (allowed.length === 0) return false;
        const open = streams.filter(({ at }) => at !== 'end').length;
        for (let done = 0; done < allowed.length; done += AT_ONCE) {
          await Promise.all(allowed.slice(done, done + AT_ONCE).map((stream) => refill(stream, open)));
        }
      }
    },
    /** The next entry; undefined at the end. To be called when nothing is hungry. */
    take(): Entry<T> | undefined {
      let first: { stream: Stream<T>; entry: Entry<T> } | undefined;
      for (const stream of streams) {
        const entry = head(stream);
        if (entry !== undefined && (first === undefined || isBefore(entry, first.entry))) first = { stream, entry };
      }
      if (first === undefined) return undefined;
      const { stream, entry } = first;
      stream.taken += 1;
      stream.at = head(stream) === undefined ? stream.next : [entry.sort, entry.jobArn];
      return entry;
    },
    /** Where each partition goes on. */
    positions: (): readonly Position[] => streams.map(({ at }) => at),
    /** Whether everything was taken. */
    isAtEnd: (): boolean => streams.every(({ at }) => at === 'end'),
  };
};
