import { describe, expect, it } from '@jest/globals';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { JOBS } from '../../../lib/domain/job-kind.ts';
import { newRecord } from '../../support/transitions.ts';
import { HOUR } from '../../../lib/domain/time.ts';
import {
  isListedAsBefore,
  selectDrifted,
  selectOutdated,
  selectTagChecks,
  showsLastingDifference,
  type ListedJob,
  type TrackedJob,
} from '../../../lib/domain/drift.ts';

const listed = (change: Partial<ListedJob> = {}): ListedJob => ({
  job_arn: 'arn',
  status: 'InProgress',
  creation_time: '2026-01-01T00:00:00.000Z',
  last_modified_time: '2026-01-01T01:00:00.000Z',
  status_details: { training_details: { status: 'InProgress' } },
  ...change,
});
const tracked = (change: Partial<TrackedJob> = {}): TrackedJob => ({ ...listed(), ...change });

const MODIFIED = 'last_modified_time';
const tasks = (name: string, status: string) => ({ status_details: { [`${name}_details`]: { status } } });
const BARE = { job_arn: 'arn' };
const AT_ONE = { [MODIFIED]: '2026-01-01T01:00:00.000Z' };

describe('selectDrifted', () => {
  it.each<[what: string, listed: ListedJob[], tracked: TrackedJob[], reasons: string[]]>([
    ['a job without a record', [listed()], [], ['untracked']],
    ['a job like its record', [listed()], [tracked()], []],
    ['another status', [listed({ status: 'Stopping' })], [tracked()], ['changed']],
    ['a later modification', [listed({ [MODIFIED]: '2026-01-01T02:00:00.000Z' })], [tracked()], ['changed']],
    ['an earlier one, as the list lags', [listed({ [MODIFIED]: '2026-01-01T00:30:00.000Z' })], [tracked()], []],
    ['another sub-task status', [listed(tasks('training', 'Completed'))], [tracked()], ['changed']],
    ['a sub-task that the record lacks', [listed(tasks('validation', 'Failed'))], [tracked()], ['changed']],
    [
      'a sub-task and a record without details',
      [listed(tasks('training', 'Completed'))],
      [{ ...BARE, status: 'InProgress', ...AT_ONE }],
      ['changed'],
    ],
    ['a modification and a record without a time', [{ ...BARE, ...AT_ONE }], [BARE], ['changed']],
    ['an unreadable time in the list', [listed({ problem: 'a time' })], [tracked()], ['changed']],
    ['no details in the list', [{ ...BARE, status: 'InProgress' }], [tracked()], []],
    ['a record that is not listed', [], [tracked()], ['unlisted']],
    ['a record marked missing', [], [tracked({ missing_since: 'x' })], []],
    ['a listed record marked missing', [listed()], [tracked({ missing_since: 'x' })], ['changed']],
    ['a listed record marked untracked', [listed()], [tracked({ untracked_since: 'x' })], ['changed']],
    ['a record marked untracked that is not listed', [], [tracked({ untracked_since: 'x' })], ['unlisted']],
    ['one marked missing, then untracked', [], [tracked({ missing_since: 'x', untracked_since: 'y' })], ['unlisted']],
  ])('with %s', (_what, left, right, reasons) => {
    const found = selectDrifted(left, right).map(({ listed: _, ...drift }) => drift);
    expect(found).toEqual(reasons.map((reason) => ({ arn: 'arn', reason })));
  });
});

describe('selectTagChecks', () => {
  const since = '2026-01-01T01:00:00.000Z';
  const BEFORE = { [MODIFIED]: '2026-01-01T00:59:59.999Z' };
  it.each<[what: string, listed: ListedJob[], tracked: TrackedJob[], checks: number]>([
    ['modified in the window', [listed()], [tracked()], 1],
    ['modified before it', [listed(BEFORE)], [tracked(BEFORE)], 0],
    ['drifted: looked at anyway', [listed({ status: 'Stopping' })], [tracked()], 0],
    ['marked missing', [], [tracked({ missing_since: 'x' })], 0],
    ['marked untracked: looked at anyway', [listed()], [tracked({ untracked_since: 'x' })], 0],
  ])('checks the tags of a job %s', (_what, left, right, checks) => {
    expect(selectTagChecks(left, right, since)).toHaveLength(checks);
  });

  it('uses the creation time if a job has no other, and skips a job without times', () => {
    const recent = { ...BARE, creation_time: since };
    expect(selectTagChecks([recent], [recent], since)).toHaveLength(1);
    expect(selectTagChecks([BARE], [BARE], since)).toEqual([]);
  });

  it('passes on the tags of the record', () => {
    const check = { arn: 'arn', reason: 'tags-due' };
    expect(selectTagChecks([listed()], [tracked({ tags: { team: 'ml' } })], since)).toEqual([
      { ...check, tags: { team: 'ml' } },
    ]);
    expect(selectTagChecks([listed()], [tracked()], since)).toEqual([{ ...check, tags: {} }]);
  });
});

describe('selectOutdated', () => {
  it('takes every listed job, and those that left the list', () => {
    const all = selectOutdated([listed(), listed({ job_arn: 'new' })], [tracked(), tracked({ job_arn: 'left' })]);
    expect(all).toEqual([
      { arn: 'new', reason: 'untracked', listed: listed({ job_arn: 'new' }) },
      { arn: 'left', reason: 'unlisted' },
      { arn: 'arn', reason: 'outdated' },
    ]);
  });
});

describe('a difference between List and Get', () => {
  const MODIFIED_AT = '2026-01-01T01:00:00.000Z';
  const record = (change: Partial<JobRecord> = {}): JobRecord => ({
    ...newRecord('fine-tuning-completed'),
    listed_as: JOBS.listing(listed()),
    ...change,
  });

  it('is remembered as status, time and statuses of sub-tasks', () => {
    expect(JOBS.listing(listed())).toBe(`InProgress ${MODIFIED_AT} - - InProgress`);
    const bare: ListedJob = { ...BARE, status_details: {} };
    expect(JOBS.listing(bare)).toBe('- - - - -');
  });

  it.each<[what: string, record: JobRecord | undefined, known: boolean]>([
    ['for the same listing', record(), true],
    ['not for another listing', record({ listed_as: 'Failed - - - -' }), false],
    ['not for a missing job', record({ missing_since: 'x' }), false],
    ['not for an untracked job', record({ untracked_since: 'x' }), false],
    ['not without a record', undefined, false],
  ])('is known %s', (_what, of, known) => {
    expect(isListedAsBefore(of, listed())).toBe(known);
  });

  const FETCHED_AT = '2026-01-01T05:00:00.000Z';
  const after = (time: string, ms: number) => new Date(Date.parse(time) + ms);
  it.each<[what: string, change: object, lookedAt: Date, lasts: boolean]>([
    ['an hour after the listed change', {}, after(MODIFIED_AT, HOUR), true],
    ['not within the hour', {}, after(MODIFIED_AT, HOUR - 1), false],
    [
      'an hour after the fetch, without a listed time',
      { last_modified_time: undefined },
      after(FETCHED_AT, HOUR),
      true,
    ],
    ['not earlier, without a listed time', { last_modified_time: undefined }, after(FETCHED_AT, HOUR - 1), false],
    ['not with another status', { status: 'Failed' }, after(FETCHED_AT, HOUR), false],
  ])('lasts %s', (_what, change, lookedAt, lasts) => {
    const job = { ...listed({ status: 'Completed' }), ...change } as ListedJob;
    expect(showsLastingDifference(record({ fetched_at: FETCHED_AT }), job, lookedAt)).toBe(lasts);
  });

  it('does not last while the job runs', () => {
    const running = newRecord('continued-pre-training-in-progress');
    expect(showsLastingDifference(running, listed(), after(FETCHED_AT, 1000 * HOUR))).toBe(false);
  });
});
