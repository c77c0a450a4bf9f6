import { TrackerError } from '../domain/errors.ts';
import { redacted } from '../domain/redacted.ts';
import { formatScope } from '../domain/scope.ts';
import { counted } from '../domain/wording.ts';
import type { ReconcileReport } from './reconcile.ts';

/** Lambda logs what a function throws. */
const messageOf = (error: unknown): string => redacted(error instanceof Error ? error.message : String(error));

type Incomplete = Pick<ReconcileReport, 'reports' | 'errors'> & Partial<Pick<ReconcileReport, 'releases'>>;

const failedScopes = ({ errors, releases = [] }: Incomplete) => [
  ...errors.map(({ scope, error }) => ({ what: `scope ${formatScope(scope)}`, error })),
  ...releases.flatMap(({ scope, error }) =>
    error === undefined ? [] : [{ what: `release of scope ${formatScope(scope)}`, error }],
  ),
];

/** The error that a run ends with where anything was left undone that time alone does not bring; names each job and scope. */
export const incompleteness = (report: Incomplete): TrackerError | undefined => {
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
      `${counted(ofScopes.length, 'scope')} and ${counted(failedJobs, 'job')} could not be swept, all others were.`,
      ...ofScopes.map(({ what, error }) => `${what}: ${messageOf(error)}`),
      ...ofJobs.map(({ jobArn, error }) => `${jobArn}: ${messageOf(error)}`),
      ...(unnamed > 0 ? [`and ${counted(unnamed, 'more job')}`] : []),
    ].join(' | '),
    { cause: ofScopes[0]?.error ?? ofJobs[0]?.error },
  );
};
