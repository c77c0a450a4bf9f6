import { describe, expect, it } from '@jest/globals';
import { formatDuration, millisecondsBetween } from '../../../lib/domain/time.ts';

describe('a duration for a person', () => {
  it.each([
    [0, '0 s'],
    [499, '0 s'],
    [1_000, '1 s'],
    [59_600, '1 min'],
    [102_000, '1 min 42 s'],
    [3_600_000, '1 h'],
    [11_520_000, '3 h 12 min'],
    [11_579_000, '3 h 12 min'],
    [86_400_000, '1 d'],
    [187_200_000, '2 d 4 h'],
    [86_430_000, '1 d'],
  ])('of %d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('has no length where a time is no time, or the end is before the beginning', () => {
    expect(millisecondsBetween('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.500Z')).toBe(1500);
    expect(millisecondsBetween('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.000Z')).toBe(0);
    expect(millisecondsBetween('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:00.000Z')).toBeUndefined();
    expect(millisecondsBetween('soon', '2026-01-01T00:00:00.000Z')).toBeUndefined();
  });
});
