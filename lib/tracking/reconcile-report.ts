import { formatScope, type Scope } from '../domain/identity.ts';
import type { SweepStore } from './ports.ts';
import type { ReconcileReport, ReconcileRun } from './reconcile.ts';
import type { SweepKind, SweepReport, SweepState } from './sweep-state.ts';
import { TrackerError } from '../domain/errors.ts';
import { pluralize, redact } from '../domain/text.ts';

/** What a run did at the scopes that are tracked. */
type SweptScopes = Pick<ReconcileReport, 'reports' | 'errors'>;

/** The kinds of sweep that a run was at: what it was asked for, and a full sweep that it began or went on with. */
export const sweptKinds = ({ sweep }: Pick<ReconcileRun, 'sweep'>, { reports, errors }: SweptScopes): SweepKind[] => {
  if (sweep === 'full') return ['full'];
  const activeDone = new Set(
    reports.filter((report) => report.sweep === 'active').map(({ scope }) => formatScope(scope)),
  );
  // A scope that failed after its active sweep failed at its full one.
  const atFull =
    reports.some((report) => report.sweep === 'full') || errors.some(({ scope }) => activeDone.has(formatScope(scope)));
  return atFull ? ['active', 'full'] : ['active'];
};

const coversAll = ({ finished, counts }: SweepReport): boolean => finished && counts.failed === 0;

/** The last pass ended with every job tracked, and none is under way. */
const lastPassCoveredAll = ({ unfinished, finished_at, succeeded_at }: SweepState = {}): boolean =>
  unfinished !== true && finished_at !== undefined && finished_at === succeeded_at;

/**
 * How many of the scopes are covered after a run: the sweep of a scope went over all its jobs, and tracked each.
 *
 * A full sweep can take several runs, and a run does not touch the scopes that are done or that another run holds. Of
 * those the kept state tells: done counts as covered, held does not, as the run that holds it is not at its end; it will
 * find the others done. Costs one read of the state for each scope without a report, only for full sweeps.
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
  const failed = new Set(errors.map(({ scope }) => formatScope(scope)));
  const isCovered = async (scope: Scope): Promise<boolean> => {
    const report = reported.get(formatScope(scope));
    if (report) return coversAll(report);
    if (kind === 'active' || failed.has(formatScope(scope))) return false;
    return lastPassCoveredAll(await sweeps.get(scope, kind));
  };
  // A state that cannot be read tells of no success.
  const covered = await Promise.allSettled(scopes.map(isCovered));
  return covered.filter((scope) => scope.status === 'fulfilled' && scope.value).length;
};

/** Lambda logs what a function throws. */
const messageOf = (error: unknown): string => redact(error instanceof Error ? error.message : String(error));

type Incomplete = Pick<ReconcileReport, 'reports' | 'errors'> & Partial<Pick<ReconcileReport, 'releases'>>;

const failedScopes = ({ errors, releases = [] }: Incomplete) => [
  ...errors.map(({ scope, error }) => ({ what: `scope ${formatScope(scope)}`, error })),
  ...releases.flatMap(({ scope, error }) =>
    error === undefined ? [] : [{ what: `release of scope ${formatScope(scope)}`, error }],
  ),
];

/** The error that a run ends with where anything was left undone that time alone does not bring; names each job and scope. */
export const incompleteError = (report: Incomplete): TrackerError | undefined => {
  const { reports, releases = [] } = report;
  const ofScopes = failedScopes(report);
  const ofJobs = [...reports, ...releases].flatMap(({ failures }) => failures);
  const failedJobs =
    reports.reduce((sum, { counts }) => sum + counts.failed, 0) + releases.reduce((sum, { failed }) => sum + failed, 0);
  if (ofScopes.length + failedJobs === 0) return undefined;
  const unnamed = failedJobs - ofJobs.length;
  return new TrackerError(
    'SWEEP_INCOMPLETE',
    [
      `${pluralize(ofScopes.length, 'scope')} and ${pluralize(failedJobs, 'job')} could not be swept, all others were.`,
      ...ofScopes.map(({ what, error }) => `${what}: ${messageOf(error)}`),
      ...ofJobs.map(({ jobArn, error }) => `${jobArn}: ${messageOf(error)}`),
      ...(unnamed > 0 ? [`and ${pluralize(unnamed, 'more job')}`] : []),
    ].join(' | '),
    { cause: ofScopes[0]?.error ?? ofJobs[0]?.error },
  );
};
