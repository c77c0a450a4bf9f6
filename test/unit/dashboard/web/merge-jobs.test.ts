import { describe, expect, test } from '@jest/globals';
import type { JobSummary } from '../../../../lib/dashboard/api.ts';
import {
  appendPage,
  refreshJobs,
  refreshStart,
  type LoadedJobs,
} from '../../../../lib/dashboard/web/logic/merge-jobs.ts';

const job = (id: string, status = 'InProgress'): JobSummary => ({
  job_arn: id,
  account_id: '1',
  region: 'r',
  status,
  tags: {},
});
const loaded = (...ids: string[]): LoadedJobs => ({ jobs: ids.map((id) => job(id)), cursor: 'next' });
const arns = ({ jobs }: LoadedJobs) => jobs.map(({ job_arn }) => job_arn).join('');
const answer = (ids: string, cursor?: string) => ({
  jobs: [...ids.split('')].map((id) => job(id)),
  readUnits: 1,
  ...(cursor === undefined ? {} : { cursor }),
});

describe('a further page', () => {
  test('comes behind what is there, and a job that moved meanwhile shows once', () => {
    expect(arns(appendPage(loaded('a', 'b'), answer('bc')))).toBe('abc');
  });

  test('its end is the end', () => {
    expect(appendPage(loaded('a'), answer('b')).cursor).toBeUndefined();
  });
});

describe('the beginning, read anew', () => {
  test('takes the place of all that it reaches', () => {
    expect(arns(refreshStart(loaded('a', 'b'), answer('xab', 'c')))).toBe('xab');
  });

  test('a job that no longer matches is gone', () => {
    expect(arns(refreshStart(loaded('a', 'b', 'c'), answer('ac')))).toBe('ac');
  });

  test('what lies behind it stays, with the way on', () => {
    const next = refreshStart(loaded('a', 'b', 'c', 'd'), answer('xa', 'other'));
    expect([arns(next), next.cursor]).toEqual(['xabcd', 'next']);
  });

  test('a job that moved up shows once', () => {
    expect(arns(refreshStart(loaded('a', 'b', 'c', 'd'), answer('da', 'other')))).toBe('dabc');
  });

  test('what did not change stays the same object, and what did does not', () => {
    const before = loaded('a', 'b');
    const next = refreshStart(before, { jobs: [job('a'), job('b', 'Failed')], readUnits: 1 });
    expect([next.jobs[0] === before.jobs[0], next.jobs[1] === before.jobs[1], next.jobs[1]?.status]).toEqual([
      true,
      false,
      'Failed',
    ]);
  });
});

test('single jobs change in place', () => {
  expect(refreshJobs(loaded('a', 'b'), [job('b', 'Failed')]).jobs.map(({ status }) => status)).toEqual([
    'InProgress',
    'Failed',
  ]);
});
