import { describe, expect, it } from '@jest/globals';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import type { ReleaseReport } from '../../../lib/tracking/release-scopes.ts';
import { NO_COUNTS, NONE_MISSED, type SweepFailure, type SweepReport } from '../../../lib/tracking/sweep-state.ts';
import { SCOPE } from '../../support/fixtures.ts';

const AT = '2026-01-01T00:00:00.000Z';
const failureOf = (jobArn: string): SweepFailure => ({ jobArn, error: new Error(`${jobArn} failed`) });
const reportOf = (failed: number, ...failures: readonly SweepFailure[]): SweepReport => ({
  scope: SCOPE,
  sweep: 'full',
  startedAt: AT,
  endedAt: AT,
  finished: true,
  unchanged: 0,
  counts: { ...NO_COUNTS, failed },
  missed: NONE_MISSED,
  failures,
});
const releaseOf = (failed: number, change: Partial<ReleaseReport> = {}): ReleaseReport => ({
  scope: SCOPE,
  finished: failed === 0,
  marked: 0,
  failed,
  failures: [],
  ...change,
});
const denied = { scope: SCOPE, error: new Error('denied') };

describe('a run is complete', () => {
  it('where each scope was swept or released with all its jobs, or time alone was short', () => {
    const reports = [reportOf(0), { ...reportOf(0), finished: false }];
    expect(incompleteError({ reports, errors: [] })).toBeUndefined();
    expect(incompleteError({ reports, errors: [], releases: [releaseOf(0)] })).toBeUndefined();
  });
});

describe('the error of a run that is not', () => {
  it('names each scope and job, in one line', () => {
    const report = {
      reports: [reportOf(1, failureOf('a'))],
      errors: [denied],
      releases: [releaseOf(1, { failures: [failureOf('b')] }), releaseOf(0, { error: 'no index' })],
    };
    expect(incompleteError(report)).toMatchObject({
      code: 'SWEEP_INCOMPLETE',
      message:
        '2 scopes and 2 jobs could not be swept, all others were. | scope 123456789012#us-east-1: denied | ' +
        'release of scope 123456789012#us-east-1: no index | a: a failed | b: b failed',
    });
  });

  it('counts the jobs of all sweeps and releases, and those that have no name in it', () => {
    const report = {
      reports: [reportOf(1, failureOf('a')), reportOf(2)],
      errors: [],
      releases: [releaseOf(3), releaseOf(4)],
    };
    expect(incompleteError(report)?.message).toBe(
      '0 scopes and 10 jobs could not be swept, all others were. | a: a failed | and 9 more jobs',
    );
  });

  it('has the first error for its cause: of a scope, else of a job, else none', () => {
    const job = failureOf('a');
    expect(incompleteError({ reports: [reportOf(1, job)], errors: [denied] })?.cause).toBe(denied.error);
    expect(incompleteError({ reports: [reportOf(1, job)], errors: [] })?.cause).toBe(job.error);
    expect(incompleteError({ reports: [reportOf(1)], errors: [] })?.cause).toBeUndefined();
  });
});
