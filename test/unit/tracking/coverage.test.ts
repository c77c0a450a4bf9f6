import { describe, expect, it } from '@jest/globals';
import type { Scope } from '../../../lib/domain/identity.ts';
import { countCovered, sweptKinds } from '../../../lib/tracking/reconcile-report.ts';
import { NO_COUNTS, NONE_MISSED, type SweepReport, type SweepState } from '../../../lib/tracking/sweep-state.ts';
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

describe('a scope is covered by a full sweep', () => {
  it.each<[what: string, change: Partial<SweepReport>, covered: number]>([
    ['that finished', {}, 1],
    ['that ran out of time', { finished: false }, 0],
    ['that failed at a job', { counts: { ...NO_COUNTS, failed: 1 } }, 0],
  ])('%s in this run, by the report alone', async (_what, change, covered) => {
    const store = storeOf({});
    expect(await countCovered(store, 'full', { reports: [reportOf(change)], errors: [] }, [SCOPE])).toBe(covered);
    expect(store.reads).toEqual([]);
  });

  it.each<[what: string, state: SweepState | Error | undefined, covered: number]>([
    ['tracked every job', DONE, 1],
    ['failed at a job', { finished_at: AT, succeeded_at: EARLIER }, 0],
    ['never tracked every job', { finished_at: AT }, 0],
    ['is under way', { ...DONE, unfinished: true }, 0],
    ['never was', undefined, 0],
    ['cannot be read', new Error('no table'), 0],
  ])('that this run did not touch, where its last pass %s', async (_what, state, covered) => {
    const report = { reports: [reportOf()], errors: [] };
    expect(await countCovered(storeOf({ [OTHER.region]: state }), 'full', report, [SCOPE, OTHER])).toBe(1 + covered);
  });

  it('not where this run failed at it, whatever an earlier pass did', async () => {
    const report = { reports: [reportOf()], errors: [{ scope: OTHER, error: new Error('denied') }] };
    expect(await countCovered(storeOf({ [OTHER.region]: DONE }), 'full', report, [SCOPE, OTHER])).toBe(1);
  });

  it('not where only its active sweep was reported', async () => {
    const report = { reports: [reportOf({ sweep: 'active' })], errors: [] };
    expect(await countCovered(storeOf({}), 'full', report, [SCOPE])).toBe(0);
  });
});

describe('a run was at', () => {
  const active = reportOf({ sweep: 'active' });
  const failed = (scope: Scope) => ({ scope, error: new Error('denied') });

  it.each<[what: string, swept: Parameters<typeof sweptKinds>[1], kinds: string[]]>([
    ['nothing at all', { reports: [], errors: [] }, ['active']],
    ['active sweeps', { reports: [active], errors: [] }, ['active']],
    ['an active sweep that failed', { reports: [], errors: [failed(SCOPE)] }, ['active']],
    ['one that failed beside one that did not', { reports: [active], errors: [failed(OTHER)] }, ['active']],
    ['a backfill after it', { reports: [active, reportOf()], errors: [] }, ['active', 'full']],
    [
      'a backfill that failed after it',
      { reports: [active], errors: [failed(OTHER), failed(SCOPE)] },
      ['active', 'full'],
    ],
    [
      'a full sweep of another run, and a failure',
      { reports: [reportOf()], errors: [failed(OTHER)] },
      ['active', 'full'],
    ],
  ])('active sweeps, and full ones as far as it made some: %s', (_what, swept, kinds) => {
    expect(sweptKinds({ sweep: 'active' }, swept)).toEqual(kinds);
  });

  it('full sweeps alone where it was asked for those, whatever became of them', () => {
    expect(sweptKinds({ sweep: 'full' }, { reports: [], errors: [failed(SCOPE)] })).toEqual(['full']);
  });
});

describe('a scope is covered by an active sweep', () => {
  it('of this run alone: each run makes a whole one', async () => {
    const store = storeOf({ [SCOPE.region]: DONE, [OTHER.region]: DONE });
    const report = { reports: [reportOf({ sweep: 'active' })], errors: [] };
    expect(await countCovered(store, 'active', report, [SCOPE, OTHER])).toBe(1);
    expect(store.reads).toEqual([]);
  });
});
