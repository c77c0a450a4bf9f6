import pMap from 'p-map';
import { TrackerError } from '../domain/errors.ts';
import { compareText } from '../domain/text.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type { KnownSweep } from './ports.ts';
import { SWEEPS } from '../contract.ts';
import { releaseScopes, type ReleaseReport, type RemovedScope } from './release-scopes.ts';
import {
  runActive,
  runFull,
  sweptJobs,
  type KnownScope,
  type RunTimes,
  type SweepDependencies,
} from './sweep-scope.ts';
import type { SweepKind, SweepReport, SweepState } from './sweep-state.ts';
import { runUsage } from './measure-usage.ts';
import { sweptModels } from './track-model.ts';

export interface ReconcileRun {
  readonly sweep: SweepKind;
  /** When to start no more work. */
  readonly deadline: Date;
}

/** What a run did: its sweeps, the scopes that it could not sweep, and the scopes that it released. */
export interface ReconcileReport {
  readonly reports: readonly SweepReport[];
  readonly errors: readonly { readonly scope: Scope; readonly sweep: SweepKind; readonly error: unknown }[];
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

const nothingKnown = (scope: Scope): KnownScope => ({
  scope,
  ...(Object.fromEntries(SWEEPS.map((sweep) => [sweep, {}])) as Record<SweepKind, SweepState>),
});

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

const isDue = ({ finished_at, unfinished }: SweepState, sweep: SweepKind): boolean =>
  unfinished === true || (finished_at === undefined && sweep !== 'usage');

/** What a run makes of one kind of sweep, besides active sweeps. */
interface Passes {
  readonly sweep: Exclude<SweepKind, 'active'>;
  readonly run: (scope: Scope) => Promise<SweepReport | undefined>;
  readonly release: (removed: readonly RemovedScope[]) => Promise<ReleaseReport[]>;
}

/** The kinds whose passes a run makes: of a run of active sweeps all, where they are due. */
const passesOf = (deps: SweepDependencies, sweep: SweepKind, times: RunTimes): Passes[] => {
  const { sweeps, clock, models, usage } = deps;
  const swept = [sweptJobs(deps), ...(models ? [sweptModels({ ...models, clock })] : [])];
  const all = swept.map((one): Passes => ({
    sweep: one.sweep,
    run: (scope) => runFull(deps, one, scope, times),
    release: (removed) => releaseScopes(deps, one, removed, times.deadline),
  }));
  if (models && usage) {
    const measuring = { sweeps, clock, ...models, ...usage };
    all.push({ sweep: 'usage', run: (scope) => runUsage(measuring, scope, times), release: () => Promise.resolve([]) });
  }
  return all.filter((passes) => sweep === 'active' || passes.sweep === sweep);
};

/** Those that were swept and are no longer tracked. */
const removedScopes = (
  known: ReadonlyMap<string, KnownScope>,
  scopes: readonly Scope[],
  sweep: SweepKind,
): RemovedScope[] => {
  const tracked = new Set(scopes.map(formatScope));
  return [...known].flatMap(([key, { scope, [sweep]: state }]) =>
    tracked.has(key) || (sweep !== 'full' && Object.keys(state).length === 0) ? [] : [{ scope, state }],
  );
};

const reconcileKnown = async (
  deps: SweepDependencies,
  { sweep, ...times }: Pick<ReconcileRun, 'sweep'> & RunTimes,
  scopes: readonly Scope[],
  known: ReadonlyMap<string, KnownScope>,
): Promise<ReconcileReport> => {
  const reports: SweepReport[] = [];
  const errors: ReconcileReport['errors'][number][] = [];
  const attempt = async (
    scope: Scope,
    kind: SweepKind,
    work: () => Promise<SweepReport | undefined>,
  ): Promise<void> => {
    try {
      const report = await work();
      if (report !== undefined) reports.push(report);
    } catch (error) {
      errors.push({ scope, sweep: kind, error });
    }
  };
  const tracked = scopes.map((scope) => ({ ...(known.get(formatScope(scope)) ?? nothingKnown(scope)), scope }));
  if (sweep === 'active') {
    await pMap(
      longestWaiting(tracked, ({ active }) => active.finished_at),
      (one) => attempt(one.scope, sweep, () => runActive(deps, one, times)),
      { concurrency: ACTIVE_CONCURRENCY },
    );
  }
  const unreachable = new Set(errors.map(({ scope }) => formatScope(scope)));
  const reachable = tracked.filter(({ scope }) => !unreachable.has(formatScope(scope)));
  const releases = await Promise.all(
    passesOf(deps, sweep, times).map(async (kind) => {
      const due = sweep === 'active' ? reachable.filter((one) => isDue(one[kind.sweep], kind.sweep)) : reachable;
      const [released] = await Promise.all([
        kind.release(removedScopes(known, scopes, kind.sweep)),
        pMap(
          longestWaiting(due, (one) => one[kind.sweep].begun_at),
          ({ scope }) => attempt(scope, kind.sweep, () => kind.run(scope)),
          { concurrency: FULL_CONCURRENCY },
        ),
      ]);
      return released;
    }),
  );
  return { reports, errors, releases: releases.flat() };
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
    const isOff = (run.sweep === 'models' && !deps.models) || (run.sweep === 'usage' && !deps.usage);
    if (isOff) throw new TrackerError('BAD_REQUEST', `There are no ${run.sweep} sweeps here: they are switched off.`);
    known = await deps.sweeps.list();
  } catch (error) {
    return { reports: [], errors: scopes.map((scope) => ({ scope, sweep: run.sweep, error })), releases: [] };
  }
  return reconcileKnown(deps, { ...run, begunAt }, scopes, byScope(known));
};
