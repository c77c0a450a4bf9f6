import pMap from 'p-map';
import { compareText } from '../domain/order.ts';
import type { ObservedVia } from '../domain/record.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import { withLease, type Ended } from './lease.ts';
import type { KnownSweep, SweepStore } from './ports.ts';
import { releaseScopes, type ReleaseReport, type RemovedScope } from './release-scopes.ts';
import { sweepActive } from './sweep-active.ts';
import { sweepFull } from './sweep-full.ts';
import { NO_COUNTS, type SweepKind, type SweepReport, type SweepState } from './sweep-state.ts';
import type { TrackingDependencies } from './track-job.ts';

export interface ReconcileDependencies extends TrackingDependencies {
  readonly sweeps: SweepStore;
  /** For how long after a job's last change full sweeps compare its tags, in days. */
  readonly tagRefreshDays: number;
}

export interface ReconcileRun {
  readonly sweep: SweepKind;
  /** When to stop beginning work. */
  readonly deadline: Date;
}

/** What a run over several scopes did, which scopes it could not sweep at all, and which it released. */
export interface ReconcileReport {
  readonly reports: readonly SweepReport[];
  readonly errors: readonly { readonly scope: Scope; readonly error: unknown }[];
  /** Scopes that are not tracked any more, as far as there was something to do about them. */
  readonly releases: readonly ReleaseReport[];
}

/** A scope with what is known of its sweeps. */
interface KnownScope {
  readonly scope: Scope;
  readonly active: SweepState;
  readonly full: SweepState;
}

/**
 * Limits are Bedrock's per account and Region, so scopes do not slow each other down. Active sweeps are short and hold
 * active jobs alone: so many at once that some scopes which hang do not keep the others waiting.
 */
const ACTIVE_CONCURRENCY = 32;
/** Full sweeps hold some 1,000 jobs each. */
const FULL_CONCURRENCY = 4;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The state after a run: only a pass without failures counts as a success. */
const stateAfter = (before: SweepState, report: SweepReport, now: string): SweepState => ({
  ...(before.begun_at === undefined ? {} : { begun_at: before.begun_at }),
  ...(before.succeeded_at === undefined ? {} : { succeeded_at: before.succeeded_at }),
  ...(before.finished_at === undefined ? {} : { finished_at: before.finished_at }),
  ...(report.finished ? { finished_at: now } : { unfinished: true }),
  ...(report.finished && report.counts.failed === 0 ? { succeeded_at: now } : {}),
  ...(!report.finished && before.watermark !== undefined ? { watermark: before.watermark } : {}),
  counts: report.counts,
});

const viaOf = (full: SweepState): ObservedVia => (full.finished_at === undefined ? 'backfill' : 'sweep');

/** The report of a sweep that time did not suffice to begin. */
const notBegun = (scope: Scope, sweep: SweepKind, via: ObservedVia, now: Date): SweepReport => ({
  scope,
  sweep,
  via,
  startedAt: now.toISOString(),
  endedAt: now.toISOString(),
  finished: false,
  counts: NO_COUNTS,
  failures: [],
});

const runActive = async (deps: ReconcileDependencies, { scope, active, full }: KnownScope, deadline: Date) => {
  const now = deps.clock();
  const via = viaOf(full);
  if (now >= deadline) return notBegun(scope, 'active', via, now);
  const report = await sweepActive(deps, { scope, deadline, via });
  await deps.sweeps.save(scope, 'active', stateAfter(active, report, deps.clock().toISOString()));
  return report;
};

/** Undefined where another run is at it: two would only ask Bedrock the same. */
const runFull = (deps: ReconcileDependencies, scope: Scope, deadline: Date): Promise<SweepReport | undefined> =>
  withLease(deps, { scope, deadline }, async ({ before, save }): Promise<Ended<SweepReport>> => {
    const now = deps.clock();
    // A scope that was released and is tracked again is a new one: all its records are to be looked at.
    const known: SweepState = before.untracked_since === undefined ? before : {};
    const via = viaOf(known);
    if (now >= deadline) {
      return { result: notBegun(scope, 'full', via, now), state: { ...known, unfinished: true } };
    }
    // From here on marked as unfinished, so that a run that is killed is taken up by the next.
    let state: SweepState = { ...known, unfinished: true, begun_at: now.toISOString() };
    await save(state);
    const report = await sweepFull(deps, {
      scope,
      deadline,
      via,
      watermark: known.unfinished === true ? known.watermark : undefined,
      tagsSince: new Date(now.getTime() - deps.tagRefreshDays * DAY_MS).toISOString(),
      saveWatermark: (watermark) => {
        state = { ...state, watermark };
        return save(state);
      },
    });
    return { result: report, state: stateAfter(state, report, deps.clock().toISOString()) };
  });

const nothingKnown = (scope: Scope): KnownScope => ({ scope, active: {}, full: {} });

const byScope = (sweeps: readonly KnownSweep[]): Map<string, KnownScope> => {
  const known = new Map<string, KnownScope>();
  for (const { scope, sweep, state } of sweeps) {
    const key = formatScope(scope);
    known.set(key, { ...(known.get(key) ?? nothingKnown(scope)), [sweep]: state });
  }
  return known;
};

/** Scopes that were not done for longest come first, so that over several runs each gets its turn. */
const longestWaiting = (scopes: readonly KnownScope[], since: (known: KnownScope) => string | undefined) =>
  scopes.toSorted((a, b) => compareText(since(a) ?? '', since(b) ?? ''));

const isDue = ({ full }: KnownScope): boolean => full.finished_at === undefined || full.unfinished === true;

const removedScopes = (known: ReadonlyMap<string, KnownScope>, scopes: readonly Scope[]): RemovedScope[] => {
  const tracked = new Set(scopes.map(formatScope));
  return [...known].flatMap(([key, { scope, full }]) => (tracked.has(key) ? [] : [{ scope, state: full }]));
};

const reconcileKnown = async (
  deps: ReconcileDependencies,
  { sweep, deadline }: ReconcileRun,
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
      (one) => attempt(one.scope, () => runActive(deps, one, deadline)),
      { concurrency: ACTIVE_CONCURRENCY },
    );
  }
  const unreachable = new Set(errors.map(({ scope }) => formatScope(scope)));
  const due = tracked.filter((one) => !unreachable.has(formatScope(one.scope)) && (sweep === 'full' || isDue(one)));
  const [releases] = await Promise.all([
    releaseScopes(deps, removedScopes(known, scopes), deadline),
    pMap(
      longestWaiting(due, ({ full }) => full.begun_at),
      ({ scope }) => attempt(scope, () => runFull(deps, scope, deadline)),
      { concurrency: FULL_CONCURRENCY },
    ),
  ]);
  return { reports, errors, releases };
};

/**
 * Sweeps all scopes, side by side, and releases those that were swept before and are not tracked any more.
 *
 * All active sweeps come first, so that no scope's backfill keeps the others' active jobs waiting. Then come the full
 * sweeps: in a run that asks for active ones, only those of scopes that never had one or whose last stopped before its
 * end. One scope's failure leaves the others be; where the states of the sweeps cannot be read, all have failed.
 */
export const reconcile = async (
  deps: ReconcileDependencies,
  run: ReconcileRun,
  scopes: readonly Scope[],
): Promise<ReconcileReport> => {
  let known: readonly KnownSweep[];
  try {
    known = await deps.sweeps.list();
  } catch (error) {
    return { reports: [], errors: scopes.map((scope) => ({ scope, error })), releases: [] };
  }
  return reconcileKnown(deps, run, scopes, byScope(known));
};
