import { describe, expect, it } from '@jest/globals';
import {
  beginsWithDay,
  firstMomentOf,
  formatDuration,
  isDayOrTime,
  millisecondsBetween,
} from '../../../lib/domain/time.ts';

describe('formatDuration', () => {
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

  it('is undefined for an invalid time, or an end before the start', () => {
    expect(millisecondsBetween('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.500Z')).toBe(1500);
    expect(millisecondsBetween('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.000Z')).toBe(0);
    expect(millisecondsBetween('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:00.000Z')).toBeUndefined();
    expect(millisecondsBetween('soon', '2026-01-01T00:00:00.000Z')).toBeUndefined();
  });
});

describe('the first moment of', () => {
  it.each([
    ['today', '2026-03-01'],
    ['yesterday', '2026-02-28'],
    ['this-week', '2026-02-23'],
    ['last-week', '2026-02-16'],
    ['this-month', '2026-03-01'],
    ['last-month', '2026-02-01'],
    ['Last month', '2026-02-01'],
    ['2026-10', '2026-10-01'],
    ['2026', '2026-01-01'],
    ['2026-11-21', '2026-11-21'],
    ['2026-11-21T04:36:24+02:00', '2026-11-21T02:36:24'],
  ])('%s is %s, in UTC', (text, moment) => {
    // A Sunday, and the first of a month.
    const now = new Date('2026-03-01T23:59:00Z');
    const iso = moment.includes('T') ? moment : `${moment}T00:00:00`;
    expect(firstMomentOf(text, now)?.toISOString()).toBe(`${iso}.000Z`);
  });

  it.each(['2026-13', '2026-00', '26', '2026-1', '2026-02-30', 'tomorrow', 'toString', ''])('%j is not one', (text) => {
    expect(firstMomentOf(text, new Date())).toBeUndefined();
  });

  it('last month in January is December', () => {
    expect(firstMomentOf('last-month', new Date('2026-01-15T00:00:00Z'))).toEqual(new Date('2025-12-01T00:00:00Z'));
  });
});

describe('beginsWithDay', () => {
  it.each([
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-12-31T23:59:59Z', true],
    ['2026-02-30', false],
    ['2026-02-29T00:00:00Z', false],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['yesterday', false],
    ['', false],
  ])('"%s": %s', (text, isOne) => {
    expect(beginsWithDay(text)).toBe(isOne);
  });
});

describe('isDayOrTime', () => {
  it.each([
    '2026-01-31',
    '2026-01-31T17:45Z',
    '2026-01-31T17:45:30Z',
    '2026-01-31T17:45:30.5Z',
    '2026-01-31T17:45:30.123456Z',
    '2026-01-31T17:45:30+05:30',
    '2026-01-31T17:45-0800',
    '2026-01-31t17:45z',
  ])('accepts "%s"', (text) => {
    expect(isDayOrTime(text)).toBe(true);
  });

  it.each([
    ['a time without its offset', '2026-01-31T17:45:30'],
    ['an invalid date', '2026-02-30'],
    ['a time of an invalid date', '2026-02-30T12:00Z'],
    ['an invalid hour', '2026-01-31T25:00Z'],
    ['an invalid offset', '2026-01-31T17:45+99:99'],
    ['a day with something before it', ' 2026-01-31'],
    ['a day with something after it', '2026-01-31 or so'],
    ['a time with something after it', '2026-01-31T17:45Z '],
    ['a month', '2026-01'],
    ['a day in words', '31 January 2026'],
    ['another order', '31-01-2026'],
    ['an hour without minutes', '2026-01-31T17Z'],
    ['a fraction without digits', '2026-01-31T17:45:30.Z'],
    ['an offset without its sign', '2026-01-31T17:45 05:30'],
    ['an empty text', ''],
  ])('refuses %s', (_what, text) => {
    expect(isDayOrTime(text)).toBe(false);
  });
});
