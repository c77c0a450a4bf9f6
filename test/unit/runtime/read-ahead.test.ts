import { describe, expect, it } from '@jest/globals';
import { setImmediate as settled } from 'node:timers/promises';
import { readAhead } from '../../../lib/runtime/list-pages.ts';

describe('readAhead', () => {
  it('asks for one page while the one before is worked on, and for no more', async () => {
    let asked = 0;
    async function* pages(): AsyncGenerator<number, void, undefined> {
      while (asked < 4) yield await Promise.resolve((asked += 1));
    }
    const seen: (readonly [page: number, asked: number])[] = [];
    for await (const page of readAhead(pages())) {
      await settled();
      seen.push([page, asked]);
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 4],
    ]);
  });

  it('fails where the page is missing, after those before it', async () => {
    async function* pages(): AsyncGenerator<number, void, undefined> {
      yield await Promise.resolve(1);
      throw new Error('throttled');
    }
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const page of readAhead(pages())) {
        await settled();
        seen.push(page);
      }
    };
    await expect(read()).rejects.toThrow('throttled');
    expect(seen).toEqual([1]);
  });

  it('leaves nothing unhandled where nobody reads the page that fails', async () => {
    async function* pages(): AsyncGenerator<number, void, undefined> {
      yield await Promise.resolve(1);
      throw new Error('throttled');
    }
    const seen: number[] = [];
    for await (const page of readAhead(pages())) {
      seen.push(page);
      break;
    }
    await settled();
    expect(seen).toEqual([1]);
  });
});
