import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { span } from '../../../lib/cli/flags.ts';
import { DAY, HOUR, SECOND } from '../../../lib/domain/time.ts';

describe('a span of time as an option', () => {
  it.each([
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['30min', 1_800_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(span(SECOND, DAY)(text)).toBe(ms);
  });

  it.each(['', '10', '10m', '-5s', '1h30min', '0s', '2d', 'toString', '1e3s'])('refuses %j', (text) => {
    expect(() => span(SECOND, DAY)(text)).toThrow(InvalidArgumentError);
  });

  it('names its limits', () => {
    expect(() => span(SECOND, HOUR)('2h')).toThrow('such as 10s, 30min, 2h or 1d, from 1 s to 1 h.');
  });
});
