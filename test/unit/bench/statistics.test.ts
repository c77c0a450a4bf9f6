import { describe, expect, it } from '@jest/globals';
import { formatNumber, formatSpread, pairedRatios } from '../../../bench/statistics.ts';

describe('numbers of the benchmarks', () => {
  it.each([
    [0.8049, '0.8'],
    [0.8051, '0.81'],
    [56.78, '56.8'],
    [1234.5, '1,235'],
  ])('%d is shown as %s', (value, shown) => {
    expect(formatNumber(value)).toBe(shown);
  });

  it('stand with the quartiles around their median, whatever order they came in', () => {
    expect(formatSpread([5, 1, 4, 2, 3])).toBe('3 (2–4)');
  });

  it('of one round are compared with each other, so that a slow round slows both', () => {
    expect(pairedRatios([10, 200, 12], [20, 400, 16])).toEqual([0.5, 0.5, 0.75]);
  });

  it('are no pairs where a round is missing', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(new RangeError('2 rounds beside 1.'));
  });
});
