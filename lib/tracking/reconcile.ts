import pMap from 'p-map';
import { TrackerError } from '../domain/errors.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import type { SweepStore } from './ports.ts';
import { sweepActive } from './sweep-active.ts';
import { sweepFull } from './sweep-full.ts';
import type { SweepKind, SweepReport, SweepState } from './sweep-state.ts';
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

/** What a run over several scopes did, and which scopes it could not sweep at all. */
export interface ReconcileReport {
  readonly reports: readonly SweepReport[];
  readonly errors: readonly { readonly scope: Scope; readonly error: unknown }[];
}

/** Limits are Bedrock's per account and Region, so scopes do not slow each other down. */
const SCOPE_CONCURRENCY = 4;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A lease outlasts its run by what the last job in flight may take. */
const LEASE_MARGIN_MS = 60 * 1000;

/** The state after a run: only a pass without failures counts as a success. */
const stateAfter = (before: SweepState, report: SweepReport, now: string): SweepState => ({
  ...(before.succeeded_at === undefined ? {} : { succeeded_at: before.succeeded_at }),
  ...(before.finished_at === undefined ? {} : { finished_at: before.finished_at }),
  ...(report.finished ? { finished_at: now } : { unfinished: true }),
  ...(report.finished && report.counts.failed === 0 ? { succeeded_at: now } : {}),
  ...(!report.finished && before.watermark !== undefined ? { watermark: before.watermark } : {}),
  counts: report.counts,
});

const runActive = async (deps: ReconcileDependencies, scope: Scope, deadline: Date, via: 'sweep' | 'backfill') => {
  const before = (await deps.sweeps.get(scope, 'active')) ?? {};
  const report = await sweepActive(deps, { scope, deadline, via });
  await deps.sweeps.save(scope, 'active', stateAfter(before, report, deps.clock().toISOString()));
  return report;
};

/** Undefined where another run is at it: two would only ask Bedrock the same. */
const runFull = async (deps: ReconcileDependencies, scope: Scope, deadline: Date): Promise<SweepReport | undefined> => {
  const { sweeps, clock } = deps;
  const lease = { now: clock().toISOString(), until: new Date(deadline.getTime() + LEASE_MARGIN_MS).toISOString() };
  const acquired = await sweeps.acquire(scope, 'full', lease);
  if (acquired === undefined) return undefined;
  // From here on marked as unfinished, so that a run that is killed is taken up by the next.
  let state: SweepState = { ...acquired, unfinished: true, lease_until: lease.until };
  const save = async (next: SweepState) => {
    state = next;
    await sweeps.save(scope, 'full', next);
  };
  try {
    await save(state);
    const report = await sweepFull(deps, {
      scope,
      deadline,
      via: acquired.finished_at === undefined ? 'backfill' : 'sweep',
      watermark: acquired.unfinished === true ? acquired.watermark : undefined,
      tagsSince: new Date(clock().getTime() - deps.tagRefreshDays * DAY_MS).toISOString(),
      saveWatermark: (watermark) => save({ ...state, watermark }),
    });
    await save(stateAfter(state, report, clock().toISOString()));
    return report;
  } catch (error) {
    const { lease_until: _, ...released } = state;
    // The first error counts. A lease that cannot be given back now runs out by itself.
    await save(released).catch(() => undefined);
    throw error;
  }
};

const reconcileScope = async (
  deps: ReconcileDependencies,
  run: ReconcileRun,
  scope: Scope,
  report: (done: SweepReport) => void,
): Promise<void> => {
  const full = await deps.sweeps.get(scope, 'full');
  const backfilled = full?.finished_at !== undefined;
  if (run.sweep === 'active') report(await runActive(deps, scope, run.deadline, backfilled ? 'sweep' : 'backfill'));
  if (run.sweep === 'active' && backfilled && full.unfinished !== true) return;
  const done = await runFull(deps, scope, run.deadline);
  if (done !== undefined) report(done);
};

/**
 * Sweeps each scope, side by side. A run that asks for the active sweep also begins the backfill of a scope that never
 * had a full sweep, and goes on with a full sweep that stopped before its end. One scope's failure leaves the others be.
 */
export const reconcile = async (
  deps: ReconcileDependencies,
  run: ReconcileRun,
  scopes: readonly Scope[],
): Promise<ReconcileReport> => {
  const reports: SweepReport[] = [];
  const errors: ReconcileReport['errors'][number][] = [];
  await pMap(
    scopes,
    async (scope) => {
      try {
        await reconcileScope(deps, run, scope, (done) => reports.push(done));
      } catch (error) {
        errors.push({ scope, error });
      }
    },
    { concurrency: SCOPE_CONCURRENCY },
  );
  return { reports, errors };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The error that a run ends with where anything was left undone that time alone does not bring; names each job and scope. */
export const incompleteness = ({ reports, errors }: ReconcileReport): TrackerError | undefined => {
  const ofScopes = errors.map(({ scope, error }) => `scope ${formatScope(scope)}: ${messageOf(error)}`);
  const ofJobs = reports.flatMap((report) =>
    report.failures.map(({ jobArn, error }) => `${jobArn}: ${messageOf(error)}`),
  );
  const failedJobs = reports.reduce((sum, report) => sum + report.counts.failed, 0);
  if (ofScopes.length + failedJobs === 0) return undefined;
  const unnamed = failedJobs - ofJobs.length;
  return new TrackerError(
    'SWEEP_INCOMPLETE',
    [
      `${errors.length} scopes and ${failedJobs} jobs could not be swept, all others were.`,
      ...ofScopes,
      ...ofJobs,
      ...(unnamed > 0 ? [`and ${unnamed} more jobs`] : []),
    ].join(' | '),
    { cause: errors[0]?.error ?? reports.find((report) => report.failures.length > 0)?.failures[0]?.error },
  );
};
