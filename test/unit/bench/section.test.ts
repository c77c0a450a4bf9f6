import { describe, expect, it } from '@jest/globals';
import { formatNumber, pairedRatios } from '../../../bench/section.ts';

describe('the numbers of the benchmarks', () => {
  it.each([
    [0.8049, '0.8'],
    [0.8051, '0.81'],
    [56.78, '56.8'],
    [1234.5, '1,235'],
  ])('writes %d as %s', (value, shown) => {
    expect(formatNumber(value)).toBe(shown);
  });

  it('are compared round by round, so that a slow round cancels out', () => {
    expect(pairedRatios([10, 200, 12], [20, 400, 16])).toEqual([0.5, 0.5, 0.75]);
  });

  it('are refused where a round has no partner', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(new RangeError('2 rounds beside 1.'));
  });
});
