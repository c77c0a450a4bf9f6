import pMap from 'p-map';
import { compareText } from '../domain/text.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type { KnownSweep } from './ports.ts';
import { releaseScopes, type ReleaseReport, type RemovedScope } from './release-scopes.ts';
import { runActive, runFull, type KnownScope, type RunTimes, type SweepDependencies } from './sweep-scope.ts';
import type { SweepKind, SweepReport } from './sweep-state.ts';

export interface ReconcileRun {
  readonly sweep: SweepKind;
  /** When to start no more work. */
  readonly deadline: Date;
}

/** What a run did: its sweeps, the scopes that it could not sweep, and the scopes that it released. */
export interface ReconcileReport {
  readonly reports: readonly SweepReport[];
  readonly errors: readonly { readonly scope: Scope; readonly error: unknown }[];
  /** Scopes that are no longer tracked, if anything was left to do. */
  readonly releases: readonly ReleaseReport[];
}

/**
 * Bedrock's limits are per account and Region, so scopes do not slow each other down. Active sweeps are short and hold
 * only active jobs: many at once, so that scopes that hang do not block the others.
 */
const ACTIVE_CONCURRENCY = 32;
/** Full sweeps hold about 2,000 jobs each. */
const FULL_CONCURRENCY = 4;

const nothingKnown = (scope: Scope): KnownScope => ({ scope, active: {}, full: {} });

const byScope = (sweeps: readonly KnownSweep[]): Map<string, KnownScope> => {
  const known = new Map<string, KnownScope>();
  for (const { scope, sweep, state } of sweeps) {
    const key = formatScope(scope);
    known.set(key, { ...(known.get(key) ?? nothingKnown(scope)), [sweep]: state });
  }
  return known;
};

/** The longest waiting first, so that over several runs each scope gets its turn. */
const longestWaiting = (scopes: readonly KnownScope[], since: (known: KnownScope) => string | undefined) =>
  scopes.toSorted((a, b) => compareText(since(a) ?? '', since(b) ?? ''));

const isDue = ({ full }: KnownScope): boolean => full.finished_at === undefined || full.unfinished === true;

const removedScopes = (known: ReadonlyMap<string, KnownScope>, scopes: readonly Scope[]): RemovedScope[] => {
  const tracked = new Set(scopes.map(formatScope));
  return [...known].flatMap(([key, { scope, full }]) => (tracked.has(key) ? [] : [{ scope, state: full }]));
};

const reconcileKnown = async (
  deps: SweepDependencies,
  { sweep, ...times }: Pick<ReconcileRun, 'sweep'> & RunTimes,
  scopes: readonly Scope[],
  known: ReadonlyMap<string, KnownScope>,
): Promise<ReconcileReport> => {
  const reports: SweepReport[] = [];
  const errors: ReconcileReport['errors'][number][] = [];
  const attempt = async (scope: Scope, work: () => Promise<SweepReport | undefined>): Promise<void> => {
    try {
      const report = await work();
      if (report !== undefined) reports.push(report);
    } catch (error) {
      errors.push({ scope, error });
    }
  };
  const tracked = scopes.map((scope) => ({ ...(known.get(formatScope(scope)) ?? nothingKnown(scope)), scope }));
  if (sweep === 'active') {
    await pMap(
      longestWaiting(tracked, ({ active }) => active.finished_at),
      (one) => attempt(one.scope, () => runActive(deps, one, times)),
      { concurrency: ACTIVE_CONCURRENCY },
    );
  }
  const unreachable = new Set(errors.map(({ scope }) => formatScope(scope)));
  const due = tracked.filter((one) => !unreachable.has(formatScope(one.scope)) && (sweep === 'full' || isDue(one)));
  const [releases] = await Promise.all([
    releaseScopes(deps, removedScopes(known, scopes), times.deadline),
    pMap(
      longestWaiting(due, ({ full }) => full.begun_at),
      ({ scope }) => attempt(scope, () => runFull(deps, scope, times)),
      { concurrency: FULL_CONCURRENCY },
    ),
  ]);
  return { reports, errors, releases };
};

/**
 * Sweeps all scopes in parallel, and releases those that are no longer tracked.
 *
 * Active sweeps come first, so that no backfill delays them. Then come full sweeps; a run for active sweeps makes only
 * those of scopes that never finished one or whose last is unfinished. One scope's failure does not stop the others. If
 * the states of the sweeps cannot be read, all scopes fail.
 */
export const reconcile = async (
  deps: SweepDependencies,
  run: ReconcileRun,
  scopes: readonly Scope[],
): Promise<ReconcileReport> => {
  // Before the states are read: a run that they do not show yet cannot have begun much earlier.
  const begunAt = deps.clock();
  let known: readonly KnownSweep[];
  try {
    known = await deps.sweeps.list();
  } catch (error) {
    return { reports: [], errors: scopes.map((scope) => ({ scope, error })), releases: [] };
  }
  return reconcileKnown(deps, { ...run, begunAt }, scopes, byScope(known));
};
