import { describe, expect, it } from '@jest/globals';
import type { Scope } from '../../../lib/domain/identity.ts';
import { countCovered, incompleteError, sweptKinds } from '../../../lib/tracking/reconcile-report.ts';
import type { ReleaseReport } from '../../../lib/tracking/release-scopes.ts';
import {
  NO_COUNTS,
  NONE_MISSED,
  type SweepFailure,
  type SweepKind,
  type SweepReport,
  type SweepState,
} from '../../../lib/tracking/sweep-state.ts';
import { SCOPE } from '../../support/fixtures.ts';

const OTHER: Scope = { ...SCOPE, region: 'us-west-2' };
const AT = '2026-01-02T00:00:00.000Z';
const EARLIER = '2026-01-01T00:00:00.000Z';
const DONE: SweepState = { finished_at: AT, succeeded_at: AT };

const reportOf = (change: Partial<SweepReport> = {}): SweepReport => ({
  scope: SCOPE,
  sweep: 'full',
  startedAt: AT,
  endedAt: AT,
  finished: true,
  counts: NO_COUNTS,
  missed: NONE_MISSED,
  unchanged: 0,
  failures: [],
  ...change,
});
const failed = (scope: Scope, sweep: SweepKind = 'active') => ({ scope, sweep, error: new Error('denied') });

/** The states by Region; an Error is thrown. */
const storeOf = (states: Record<string, SweepState | Error | undefined>) => {
  const reads: string[] = [];
  const get = ({ region }: Scope) => {
    reads.push(region);
    const state = states[region];
    return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
  };
  return { reads, get };
};

describe('countCovered', () => {
  it.each<[what: string, change: Partial<SweepReport>, covered: number]>([
    ['finished', {}, 1],
    ['ran out of time', { finished: false }, 0],
    ['failed at a job', { counts: { ...NO_COUNTS, failed: 1 } }, 0],
    ['was an active one', { sweep: 'active' }, 0],
  ])('goes by the report of a full sweep in this run, which %s', async (_what, change, covered) => {
    const store = storeOf({});
    expect(await countCovered(store, 'full', { reports: [reportOf(change)], errors: [] }, [SCOPE])).toBe(covered);
    expect(store.reads).toEqual(change.sweep === 'active' ? [SCOPE.region] : []);
  });

  it.each<[what: string, state: SweepState | Error | undefined, covered: number]>([
    ['tracked every job', DONE, 1],
    ['failed at a job', { finished_at: AT, succeeded_at: EARLIER }, 0],
    ['never tracked every job', { finished_at: AT }, 0],
    ['is under way', { ...DONE, unfinished: true }, 0],
    ['never was', undefined, 0],
    ['cannot be read', new Error('no table'), 0],
  ])('goes by the state of a scope that this run skipped, whose last pass %s', async (_what, state, covered) => {
    const report = { reports: [reportOf()], errors: [] };
    expect(await countCovered(storeOf({ [OTHER.region]: state }), 'full', report, [SCOPE, OTHER])).toBe(1 + covered);
  });

  it('leaves out a scope at which this run failed, whatever an earlier pass did', async () => {
    const report = { reports: [reportOf()], errors: [failed(OTHER, 'full')] };
    expect(await countCovered(storeOf({ [OTHER.region]: DONE }), 'full', report, [SCOPE, OTHER])).toBe(1);
  });

  it('reads no state for active sweeps, as each run makes whole ones', async () => {
    const store = storeOf({ [SCOPE.region]: DONE, [OTHER.region]: DONE });
    const report = { reports: [reportOf({ sweep: 'active' })], errors: [] };
    expect(await countCovered(store, 'active', report, [SCOPE, OTHER])).toBe(1);
    expect(store.reads).toEqual([]);
  });
});

describe('sweptKinds', () => {
  const active = reportOf({ sweep: 'active' });

  it.each<[what: string, swept: Parameters<typeof sweptKinds>[1], kinds: string[]]>([
    ['nothing at all', { reports: [], errors: [] }, ['active']],
    ['active sweeps', { reports: [active], errors: [] }, ['active']],
    ['a failed active sweep', { reports: [], errors: [failed(SCOPE)] }, ['active']],
    ['one that failed and one that did not', { reports: [active], errors: [failed(OTHER)] }, ['active']],
    ['a backfill after it', { reports: [active, reportOf()], errors: [] }, ['active', 'full']],
    [
      'a failed backfill after it',
      { reports: [active], errors: [failed(OTHER), failed(SCOPE, 'full')] },
      ['active', 'full'],
    ],
    ['a full sweep, and a failure', { reports: [reportOf()], errors: [failed(OTHER)] }, ['active', 'full']],
  ])('of a run of active sweeps with %s', (_what, swept, kinds) => {
    expect(sweptKinds({ sweep: 'active' }, swept)).toEqual(kinds);
  });

  it('of a run of full sweeps are full alone', () => {
    expect(sweptKinds({ sweep: 'full' }, { reports: [], errors: [failed(SCOPE, 'full')] })).toEqual(['full']);
  });
});

describe('incompleteError', () => {
  const failureOf = (arn: string): SweepFailure => ({ arn, error: new Error(`${arn} failed`) });
  const withFailures = (count: number, ...failures: readonly SweepFailure[]) =>
    reportOf({ counts: { ...NO_COUNTS, failed: count }, failures });
  const releaseOf = (count: number, change: Partial<ReleaseReport> = {}): ReleaseReport => ({
    scope: SCOPE,
    finished: count === 0,
    marked: 0,
    failed: count,
    failures: [],
    ...change,
  });

  it('is undefined if nothing failed, even if time ran out', () => {
    const reports = [reportOf(), reportOf({ finished: false })];
    expect(incompleteError({ reports, errors: [] })).toBeUndefined();
    expect(incompleteError({ reports, errors: [], releases: [releaseOf(0)] })).toBeUndefined();
  });

  it('names each scope and job, in one line', () => {
    const report = {
      reports: [withFailures(1, failureOf('a'))],
      errors: [failed(SCOPE)],
      releases: [releaseOf(1, { failures: [failureOf('b')] }), releaseOf(0, { error: 'no index' })],
    };
    expect(incompleteError(report)).toMatchObject({
      code: 'SWEEP_INCOMPLETE',
      message:
        '2 scopes and 2 jobs could not be swept, all others were. | scope 123456789012#us-east-1: denied | ' +
        'release of scope 123456789012#us-east-1: no index | a: a failed | b: b failed',
    });
  });

  it('counts the jobs of all sweeps and releases, and those that it does not name', () => {
    const reports = [withFailures(1, failureOf('a')), withFailures(2)];
    expect(incompleteError({ reports, errors: [], releases: [releaseOf(3), releaseOf(4)] })?.message).toBe(
      '0 scopes and 10 jobs could not be swept, all others were. | a: a failed | and 9 more jobs',
    );
  });

  it('counts models and what serves them as resources', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/abcdefghijkl';
    expect(incompleteError({ reports: [withFailures(1, failureOf(arn))], errors: [] })?.message).toBe(
      `0 scopes and 1 resource could not be swept, all others were. | ${arn}: ${arn} failed`,
    );
  });

  it('has the first error as its cause: of a scope, else of a job, else none', () => {
    const job = failureOf('a');
    const denied = failed(SCOPE);
    expect(incompleteError({ reports: [withFailures(1, job)], errors: [denied] })?.cause).toBe(denied.error);
    expect(incompleteError({ reports: [withFailures(1, job)], errors: [] })?.cause).toBe(job.error);
    expect(incompleteError({ reports: [withFailures(1)], errors: [] })?.cause).toBeUndefined();
  });
});
