import { formatScope, resourceKindOf } from '../domain/identity.ts';
import type { ScopeReport } from './sweep-scope.ts';
import type { SweepReport } from './sweep-state.ts';
import { TrackerError } from '../domain/errors.ts';
import { pluralize, redact } from '../domain/text.ts';

/** Redacted, as Lambda logs what a function throws. */
const messageOf = (error: unknown): string => redact(error instanceof Error ? error.message : String(error));

/** What was done in several scopes. */
export const together = (all: readonly ScopeReport[]): ScopeReport => ({
  reports: all.flatMap(({ reports }) => reports),
  errors: all.flatMap(({ errors }) => errors),
  releases: all.flatMap(({ releases }) => releases),
});

/** What a sweep counted at one scope, `<account id>#<Region>`. */
export type SweptScope = { readonly scope: string } & Pick<SweepReport, 'sweep' | 'finished' | 'counts'>;

export const sweptScopes = ({ reports }: ScopeReport): readonly SweptScope[] =>
  reports.map(({ scope, sweep, finished, counts }) => ({ scope: formatScope(scope), sweep, finished, counts }));

type Incomplete = Pick<ScopeReport, 'reports' | 'errors'> & Partial<ScopeReport>;

/** The error of a run in which anything failed, naming each job or other resource, and each scope. Running out of time is not a failure. */
export const incompleteError = ({ reports, errors: ofScopes, releases = [] }: Incomplete): TrackerError | undefined => {
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
      ...ofScopes.map(({ scope, error }) => `scope ${formatScope(scope)}: ${messageOf(error)}`),
      ...ofJobs.map(({ arn, error }) => `${arn}: ${messageOf(error)}`),
      ...(unnamed > 0 ? [`and ${pluralize(unnamed, `more ${noun}`)}`] : []),
    ].join(' | '),
    { cause: ofScopes[0]?.error ?? ofJobs[0]?.error },
  );
};
