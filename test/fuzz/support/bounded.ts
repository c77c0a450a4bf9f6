import { describe, expect, it } from '@jest/globals';
import { tryCase, type Fuzzed } from './fuzz.ts';

type Options = Partial<Omit<Fuzzed<unknown, unknown>, 'parser' | 'inputs' | 'parse'>>;

/**
 * Tests that what is deep or huge is refused quickly, by a sentence that is as short as any. Each case makes its input
 * and parses it, so that both count.
 */
export const bounded = (
  what: string,
  cases: Readonly<Record<string, () => unknown>>,
  options: Options & { readonly mayAnswer?: boolean } = {},
): void => {
  const { mayAnswer = false, ...fuzzed } = options;
  describe(`${what} that is deep or huge is refused at once:`, () => {
    it.each(Object.entries(cases))('%s', async (parser, parse) => {
      const { refused } = await tryCase({ parser, inputs: undefined as never, ...fuzzed, parse }, undefined);
      if (!mayAnswer) expect(refused).toBe(true);
    });
  });
};
