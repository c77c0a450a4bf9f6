import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { decodeCursor, encodeCursor, type Position } from '../../../lib/client/list/cursor.ts';
import { createMerge, type Chunk, type Entry } from '../../../lib/client/list/merge.ts';
import { byCreation } from '../../../lib/client/list/plan.ts';
import { parseListRequest } from '../../../lib/client/list/validate.ts';

interface Job {
  readonly name: string;
  readonly passes: boolean;
}
type Partitions = readonly (readonly Entry<Job>[])[];

/**
 * A table that answers as DynamoDB does: so many entries are read from a position on, those that the filter drops are
 * left out of the answer, and where reading went on is told by the last entry that was read, dropped or not.
 */
const tableOf = (partitions: Partitions, sizes: readonly number[], newestFirst = true) => {
  let requests = 0;
  const readOn = (partition: number, from: Position): Promise<Chunk<Job>> => {
    const all = partitions[partition] ?? [];
    const isAt = ({ sort, arn }: Entry<Job>): boolean =>
      from.length === 2 ? arn === from[1] : newestFirst ? sort <= from[0] : sort >= from[0];
    const at = all.findIndex(isAt);
    const start = typeof from === 'string' ? 0 : at < 0 ? all.length : at + from.length - 1;
    const read = all.slice(start, start + (sizes[requests++ % sizes.length] ?? 1));
    const last = read.at(-1);
    // DynamoDB tells that it came to the end only with the request that finds nothing more.
    const next: Position = last === undefined || read.length === 0 ? 'end' : [last.sort, last.arn];
    return Promise.resolve({ entries: read.filter(({ item }) => item.passes), next });
  };
  return { readOn, requests: () => requests };
};

const partitionsOf = (
  times: readonly (readonly [time: number, passes: boolean])[][],
  newestFirst: boolean,
): Partitions =>
  times.map((partition, p) =>
    partition
      .map(([time, passes], n) => ({ sort: `t${time}`, arn: `arn-${p}-${n}`, item: { name: `${p}-${n}`, passes } }))
      .sort((a, b) => (newestFirst ? -1 : 1) * (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0)),
  );

const some = fc.array(fc.array(fc.tuple(fc.integer({ min: 10, max: 30 }), fc.boolean()), { maxLength: 12 }), {
  maxLength: 5,
});
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 7 });

/** Pages of so many entries, each by a merge of its own from the cursor of the last one, each with so many requests. */
const inPages = async (
  partitions: Partitions,
  newestFirst: boolean,
  sizes: readonly number[],
  limit: number,
  most: number,
) => {
  const { readOn } = tableOf(partitions, sizes, newestFirst);
  const pages: Entry<Job>[][] = [];
  let at: readonly Position[] = partitions.map(() => 'beginning');
  const question = parseListRequest({ order: newestFirst ? 'newest' : 'oldest' });
  const keys = partitions.map((_, n) => String(n));
  const plan = byCreation('by-scope', keys, [], question);
  for (;;) {
    let requests = 0;
    const merge = createMerge<Job>(at, newestFirst, (...how) => {
      requests += 1;
      return readOn(how[0], how[1]);
    });
    const page: Entry<Job>[] = [];
    while (page.length < limit) {
      if (!(await merge.fill(() => requests < most))) break;
      const entry = merge.take();
      if (entry === undefined) break;
      page.push(entry);
    }
    pages.push(page);
    if (merge.isAtEnd()) return pages;
    at = decodeCursor('jobs', plan, encodeCursor('jobs', plan, merge.reached(), merge.positions()));
    if (pages.length > 500) throw new Error('it does not come to an end');
  }
};

describe('a merge of partitions', () => {
  test.prop([some, fc.boolean(), sizes, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })])(
    'gives every entry that passes once and in order, however it is cut into pages, chunks and budgets',
    async (times, newestFirst, sizes, limit, most) => {
      const partitions = partitionsOf(times, newestFirst);
      const pages = await inPages(partitions, newestFirst, sizes, limit, most);
      const found = pages.flat();
      const expected = partitions.flat().filter(({ item }) => item.passes);
      expect(found.map(({ arn }) => arn).sort()).toEqual(expected.map(({ arn }) => arn).sort());
      const sorts = found.map(({ sort }) => sort);
      expect(sorts).toEqual([...sorts].sort((a, b) => (newestFirst ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0)));
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
    },
  );

  it('decides ties of several partitions by ARN, in both orders', async () => {
    for (const newestFirst of [true, false]) {
      const tied = partitionsOf([[[1, true]], [[1, true]], [[1, true]]], newestFirst);
      const [page] = await inPages([...tied].reverse(), newestFirst, [5], 9, 99);
      expect(page?.map(({ arn }) => arn)).toEqual(['arn-0-0', 'arn-1-0', 'arn-2-0']);
    }
  });

  it('reads no partition again before it has to', async () => {
    const partitions = partitionsOf(
      [[9, 8, 7], [6, 5], [1]].map((times) => times.map((time) => [time + 10, true] as const)),
      true,
    );
    const table = tableOf(partitions, [2]);
    const merge = createMerge<Job>(['beginning', 'beginning', 'beginning'], true, table.readOn);
    await merge.fill(() => true);
    expect(merge.take()?.item.name).toBe('0-0');
    expect([await merge.fill(() => false), table.requests()]).toEqual([true, 3]);
    expect(merge.take()?.item.name).toBe('0-1');
    expect([await merge.fill(() => false), merge.positions()]).toEqual([
      false,
      [['t18', 'arn-0-1'], 'beginning', 'beginning'],
    ]);
  });

  it('reads each partition once even where nothing may be spent, as a page that gets nowhere would come for ever', async () => {
    const partitions = partitionsOf(
      [
        [
          [1, false],
          [2, false],
        ],
        [[1, true]],
      ].map((each) => each as [number, boolean][]),
      true,
    );
    const { readOn, requests } = tableOf(partitions, [1]);
    const merge = createMerge<Job>(['beginning', 'beginning'], true, readOn);
    expect(await merge.fill(() => false)).toBe(false);
    expect([requests(), merge.positions()]).toEqual([2, [['t2', 'arn-0-1'], 'beginning']]);
  });

  it('gives an entry that no other partition can precede, although a filter dropped all that was read of these', async () => {
    const partitions = partitionsOf(
      [
        [[9, true]],
        [
          [8, false],
          [7, true],
        ].map((each) => each as [number, boolean]),
      ],
      true,
    );
    const table = tableOf(partitions, [1]);
    const merge = createMerge<Job>(['beginning', 'beginning'], true, table.readOn);
    expect(await merge.fill(() => false)).toBe(true);
    expect([merge.take()?.item.name, table.requests()]).toEqual(['0-0', 2]);
    expect(await merge.fill(() => false)).toBe(false);
  });

  it('asks twenty partitions at a time: the SDK has fifty sockets', async () => {
    let [now, most] = [0, 0];
    const merge = createMerge<Job>(
      Array.from({ length: 50 }, (): Position => 'beginning'),
      true,
      async () => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now -= 1;
        return { entries: [], next: 'end' };
      },
    );
    expect([await merge.fill(() => true), merge.isAtEnd(), most]).toEqual([true, true, 20]);
  });
});
