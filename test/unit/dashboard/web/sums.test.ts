import { describe, expect, test } from '@jest/globals';
import type { JobSummary, Overview } from '../../../../lib/dashboard/api.ts';
import { knownSums, runningNote } from '../../../../lib/dashboard/web/logic/sums.ts';
import { aRecord, NOW } from '../../../support/dashboard-server.ts';

const SUMMED = '2026-03-01T11:59:00.000Z';
const LATER = '2026-03-01T11:59:30.000Z';
const job = (change: Partial<JobSummary> = {}): JobSummary => aRecord('job', { creation_time: '2026-03-01T11:00:00.000Z', ...change }); // prettier-ignore
const failed = (end_time: string) => job({ status: 'Failed', end_time });
const overview = (change: Partial<Omit<Overview, 'health'>> = {}): Omit<Overview, 'health'> => ({
  summedAt: SUMMED,
  jobs: 7,
  byStatus: { Failed: 2 },
  byDay: [],
  models: [],
  active: [],
  failures: [],
  ...change,
});
const NONE = { jobs: 0, byStatus: {} };

describe('the sums of the overview', () => {
  test.each<[string, Partial<Omit<Overview, 'health'>>, object]>([
    ['are complete where the lists have nothing newer', { failures: [failed(SUMMED)], active: [job()] }, { state: 'complete', jobs: 7, failed: 2 }], // prettier-ignore
    ['are pending before there are any', { pending: true, ...NONE }, { state: 'pending', jobs: 0, failed: 0 }],
    [
      'never say 0 beside a failure that is newer than they are',
      { ...NONE, failures: [failed(LATER)] },
      { state: 'behind', jobs: 1, failed: 1, note: 'or more, counted 1 min ago' },
    ],
    ['lack a job that was created since', { active: [job({ creation_time: LATER })] }, { state: 'behind', jobs: 7, failed: 2 }], // prettier-ignore
    ['are complete where a running job only made progress', { active: [job({ last_modified_time: LATER })] }, { state: 'complete' }], // prettier-ignore
  ])('%s', (_, change, sums) => {
    expect(knownSums(overview(change), NOW.getTime())).toMatchObject(sums);
  });
});

describe('what is unusual about running jobs', () => {
  const usual = { p50: 1000, p95: 2000 };
  const stalled = job({
    status: 'InProgress',
    status_details: {
      validation_details: { status: 'Completed', last_modified_time: '2026-03-01T08:00:00.000Z' },
      training_details: { status: 'NotStarted' },
    },
  });

  test.each<[Pick<Overview, 'active' | 'pending'>, string]>([
    [{ active: [] }, 'none longer than usual'],
    [{ active: [job()] }, 'usual duration not known'],
    [{ active: [job()], pending: true }, 'counting…'],
    [{ active: [job(), { ...job(), usual }] }, '1 longer than usual'],
    [{ active: [{ ...job(), usual: { p50: 1000, p95: 1e9 } }] }, 'none longer than usual'],
    [{ active: [stalled] }, '1 stalled, usual duration not known'],
    [{ active: [stalled, { ...stalled, usual }] }, '2 stalled, 1 longer than usual'],
  ])('%#', (running, note) => {
    expect(runningNote(running, NOW.getTime())).toBe(note);
  });
});
