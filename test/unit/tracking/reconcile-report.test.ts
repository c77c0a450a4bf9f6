import { describe, expect, it } from '@jest/globals';
import type { Scope } from '../../../lib/domain/identity.ts';
import { incompleteError, together } from '../../../lib/tracking/reconcile-report.ts';
import type { ReleaseReport } from '../../../lib/tracking/release-scope.ts';
import {
  NO_COUNTS,
  NONE_MISSED,
  type SweepFailure,
  type SweepKind,
  type SweepReport,
} from '../../../lib/tracking/sweep-state.ts';
import { SCOPE } from '../../support/fixtures.ts';

const AT = '2026-01-02T00:00:00.000Z';

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
      releases: [releaseOf(1, { failures: [failureOf('b')] })],
    };
    expect(incompleteError(report)).toMatchObject({
      code: 'SWEEP_INCOMPLETE',
      message:
        '1 scope and 2 jobs could not be swept, all others were. | scope 123456789012#us-east-1: denied | ' +
        'a: a failed | b: b failed',
    });
  });

  it('counts the jobs of all sweeps and releases, and those that it does not name', () => {
    const reports = [withFailures(1, failureOf('a')), withFailures(2)];
    expect(incompleteError({ reports, errors: [], releases: [releaseOf(3), releaseOf(4)] })?.message).toBe(
      '0 scopes and 10 jobs could not be swept, all others were. | a: a failed | and 9 more jobs',
    );
  });

  it('tells what was done in several scopes as one', () => {
    const [one, other] = [reportOf(), reportOf({ sweep: 'active' })];
    const denied = failed(SCOPE);
    expect(
      together([
        { reports: [one], errors: [], releases: [releaseOf(0)] },
        { reports: [other], errors: [denied], releases: [] },
      ]),
    ).toEqual({ reports: [one, other], errors: [denied], releases: [releaseOf(0)] });
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
