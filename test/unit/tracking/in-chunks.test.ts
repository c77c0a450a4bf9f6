import { describe, expect, it } from '@jest/globals';
import { toChunks } from '../../../lib/tracking/sweep-full.ts';

async function* from<Item>(items: readonly Item[]) {
  for (const item of items) yield await Promise.resolve(item);
}

describe('what comes in chunks', () => {
  it.each<[what: string, items: number[], chunks: number[][]]>([
    ['nothing', [], []],
    ['less than a chunk', [1], [[1]]],
    [
      'whole chunks, without an empty one after them',
      [1, 2, 3, 4],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a rest', [1, 2, 3], [[1, 2], [3]]],
  ])('holds as many as it is told: %s', async (_what, items, chunks) => {
    expect(await Array.fromAsync(toChunks(from(items), 2))).toEqual(chunks);
  });
});
