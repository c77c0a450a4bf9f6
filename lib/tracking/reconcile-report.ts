import { formatScope, resourceKindOf, type Scope } from '../domain/identity.ts';
import type { SweepStore } from './ports.ts';
import type { ReconcileReport, ReconcileRun } from './reconcile.ts';
import type { SweepKind, SweepReport, SweepState } from './sweep-state.ts';
import { TrackerError } from '../domain/errors.ts';
import { pluralize, redact } from '../domain/text.ts';

type SweptScopes = Pick<ReconcileReport, 'reports' | 'errors'>;

/** The kinds of sweep in a run: the requested one, and those that were due besides. */
export const sweptKinds = ({ sweep }: Pick<ReconcileRun, 'sweep'>, { reports, errors }: SweptScopes): SweepKind[] => [
  ...new Set([sweep, ...[...reports, ...errors].map((one) => one.sweep)]),
];

const coversAll = ({ finished, counts }: SweepReport): boolean => finished && counts.failed === 0;

/** The last pass tracked every job, and none is under way. */
const lastPassCoveredAll = ({ unfinished, finished_at, succeeded_at }: SweepState = {}): boolean =>
  unfinished !== true && finished_at !== undefined && finished_at === succeeded_at;

/**
 * How many scopes are covered after a run: their sweep went over all jobs and tracked each.
 *
 * A full sweep can take several runs, and a run skips scopes that are finished or that another run holds. The stored
 * state decides: finished counts as covered, held does not. Costs one read for each scope without a report, for full
 * sweeps only.
 */
export const countCovered = async (
  sweeps: Pick<SweepStore, 'get'>,
  kind: SweepKind,
  { reports, errors }: SweptScopes,
  scopes: readonly Scope[],
): Promise<number> => {
  const reported = new Map(
    reports.filter(({ sweep }) => sweep === kind).map((report) => [formatScope(report.scope), report]),
  );
  const failed = new Set(errors.filter(({ sweep }) => sweep === kind).map(({ scope }) => formatScope(scope)));
  const isCovered = async (scope: Scope): Promise<boolean> => {
    const report = reported.get(formatScope(scope));
    if (report) return coversAll(report);
    if (kind === 'active' || failed.has(formatScope(scope))) return false;
    return lastPassCoveredAll(await sweeps.get(scope, kind));
  };
  // A state that cannot be read counts as not covered.
  const covered = await Promise.allSettled(scopes.map(isCovered));
  return covered.filter((scope) => scope.status === 'fulfilled' && scope.value).length;
};

/** Redacted, as Lambda logs what a function throws. */
const messageOf = (error: unknown): string => redact(error instanceof Error ? error.message : String(error));

type Incomplete = Pick<ReconcileReport, 'reports' | 'errors'> & Partial<Pick<ReconcileReport, 'releases'>>;

const failedScopes = ({ errors, releases = [] }: Incomplete) => [
  ...errors.map(({ scope, error }) => ({ what: `scope ${formatScope(scope)}`, error })),
  ...releases.flatMap(({ scope, error }) =>
    error === undefined ? [] : [{ what: `release of scope ${formatScope(scope)}`, error }],
  ),
];

/** The error of a run in which anything failed, naming each job or other resource, and each scope. Running out of time is not a failure. */
export const incompleteError = (report: Incomplete): TrackerError | undefined => {
  const { reports, releases = [] } = report;
  const ofScopes = failedScopes(report);
  const ofJobs = [...reports, ...releases].flatMap(({ failures }) => failures);
  const failedJobs =
    reports.reduce((sum, { counts }) => sum + counts.failed, 0) + releases.reduce((sum, { failed }) => sum + failed, 0);
  if (ofScopes.length + failedJobs === 0) return undefined;
  const unnamed = failedJobs - ofJobs.length;
  const noun = ofJobs.every(({ arn }) => (resourceKindOf(arn) ?? 'job') === 'job') ? 'job' : 'resource';
  return new TrackerError(
    'SWEEP_INCOMPLETE',
    [
      `${pluralize(ofScopes.length, 'scope')} and ${pluralize(failedJobs, noun)} could not be swept, all others were.`,
      ...ofScopes.map(({ what, error }) => `${what}: ${messageOf(error)}`),
      ...ofJobs.map(({ arn, error }) => `${arn}: ${messageOf(error)}`),
      ...(unnamed > 0 ? [`and ${pluralize(unnamed, `more ${noun}`)}`] : []),
    ].join(' | '),
    { cause: ofScopes[0]?.error ?? ofJobs[0]?.error },
  );
};
