import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sorted } from '../../../lib/simulator/list.ts';

interface Item {
  readonly rank: number;
}

const read = (sorted: Sorted<Item>) => Array.from({ length: sorted.length }, (_, index) => sorted.at(index));

describe('Sorted', () => {
  it('stays in order through any additions and removals, also of equal ones', () => {
    const step = fc.record({ ranks: fc.array(fc.nat(8), { maxLength: 6 }), remove: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const sorted = new Sorted<Item>((left, right) => left.rank - right.rank);
        let expected: Item[] = [];
        for (const { ranks, remove } of steps) {
          const items = ranks.map((rank) => ({ rank }));
          const [single, ...many] = items;
          if (single) sorted.add(single);
          sorted.addAll(many);
          expected.push(...items);
          const gone = expected[remove];
          if (gone) sorted.remove(gone);
          expected = expected.filter((item) => item !== gone);
        }
        const items = read(sorted);
        expect(new Set(items)).toEqual(new Set(expected));
        expect(items.map((item) => item?.rank)).toEqual(expected.map(({ rank }) => rank).sort((a, b) => a - b));
        expect(sorted.firstWhere(({ rank }) => rank >= 4)).toBe(expected.filter(({ rank }) => rank < 4).length);
      }),
      { numRuns: 200 },
    );
  });
  it('leaves an item alone that it does not hold', () => {
    const sorted = new Sorted<Item>((left, right) => left.rank - right.rank);
    sorted.addAll([{ rank: 1 }, { rank: 2 }]);
    sorted.remove({ rank: 1 });
    expect(sorted.length).toBe(2);
  });
});
