import { describe, expect, test } from '@jest/globals';
import { stillPending, withPending } from '../../../../lib/dashboard/web/logic/tags.ts';
import { paceOf } from '../../../../lib/dashboard/web/logic/timeline.ts';
import { jobPath, jobsPath } from '../../../../lib/dashboard/web/logic/addresses.ts';
import { MINUTE } from '../../../../lib/domain/time.ts';

const USUAL = { p50: 60 * MINUTE, p95: 90 * MINUTE };

describe('the pace of a running job', () => {
  test.each([
    [10, 'usual', 'Usually 1 h, 95 % within 1 h 30 min'],
    [70, 'long', 'Usually 1 h, 95 % within 1 h 30 min'],
    [200, 'unusual', 'Longer than usual: usually 1 h, 95 % within 1 h 30 min'],
  ])('after %d minutes it is %s', (minutes, verdict, text) => {
    expect(paceOf(minutes * MINUTE, USUAL)).toMatchObject({ verdict, text });
  });

  test('marks and bar stay on the scale, however late the job is', () => {
    const { elapsed, p50, p95 } = paceOf(1e12, { p50: 0, p95: 0 });
    expect([elapsed, p50, p95].every((share) => share >= 0 && share < 1)).toBe(true);
  });
});

describe('tags that were changed a moment ago', () => {
  const tags = { a: '1', b: '2' };

  test('show as they will be, in one order', () => {
    expect(withPending(tags, { b: null, c: '3', a: '9' })).toEqual([
      ['a', '9', true],
      ['c', '3', true],
    ]);
  });

  test('wait until the record has them', () => {
    expect(stillPending(tags, { a: '1', b: null, c: '3', d: null })).toEqual({ b: null, c: '3' });
  });
});

test('an ARN is one part of an address', () => {
  expect([jobPath('arn:a/b'), jobsPath(), jobsPath({ active: true })]).toEqual([
    '/jobs/arn%3Aa%2Fb',
    '/jobs',
    '/jobs?active=true',
  ]);
});
