import type { Scope } from '../domain/scope.ts';
import { withLease, type Ended } from './lease.ts';
import type { SweepStore } from './ports.ts';
import { beginPass, endPass } from './refresh.ts';
import { sweepActive } from './sweep-active.ts';
import { sweepFull } from './sweep-full.ts';
import { NO_COUNTS, NONE_MISSED, type SweepKind, type SweepReport, type SweepState } from './sweep-state.ts';
import type { TrackingDependencies } from './track-job.ts';

export interface SweepDependencies extends TrackingDependencies {
  readonly sweeps: SweepStore;
  /** For how long after a job's last change full sweeps compare its tags, in days. */
  readonly tagRefreshDays: number;
  /** How many jobs a full sweep and a release compare before they save their progress. @default 500 */
  readonly chunk?: number;
  /** The version of the records that a look makes. @default RECORD_VERSION */
  readonly recordVersion?: number;
}

/** When a run over all scopes began, and when it is to stop beginning work. */
export interface RunTimes {
  readonly begunAt: Date;
  readonly deadline: Date;
}

/** A scope with what is known of its sweeps. */
export interface KnownScope {
  readonly scope: Scope;
  readonly active: SweepState;
  readonly full: SweepState;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The state after a run: only a pass without failures counts as a success. */
const stateAfter = (before: SweepState, report: SweepReport, now: string): SweepState => {
  const isComplete = report.counts.failed === 0 && before.incomplete !== true;
  return {
    ...(before.first_swept_at === undefined ? {} : { first_swept_at: before.first_swept_at }),
    ...(before.begun_at === undefined ? {} : { begun_at: before.begun_at }),
    ...(before.succeeded_at === undefined ? {} : { succeeded_at: before.succeeded_at }),
    ...(before.finished_at === undefined ? {} : { finished_at: before.finished_at }),
    ...(report.finished ? { finished_at: now } : { unfinished: true }),
    ...(report.finished && isComplete ? { succeeded_at: now } : {}),
    ...(!report.finished && before.watermark !== undefined ? { watermark: before.watermark } : {}),
    ...(report.creationToldAt === undefined ? {} : { creation_told_at: report.creationToldAt }),
    ...versionAfter(before, report, isComplete),
    counts: report.counts,
  };
};

/** What only a full sweep's state has: how far its pass and its records' version are. */
const versionAfter = (before: SweepState, { sweep, finished }: SweepReport, isComplete: boolean): SweepState => {
  if (sweep === 'active') return {};
  if (finished) return endPass(before, isComplete);
  const { record_version, refresh } = before;
  return {
    ...(isComplete ? {} : { incomplete: true }),
    ...(record_version === undefined ? {} : { record_version }),
    ...(refresh === undefined ? {} : { refresh }),
  };
};

/** What is known of the full sweeps of a scope. One that was released and is tracked again is a new scope. */
const knownOf = (full: SweepState): SweepState => (full.untracked_since === undefined ? full : {});

/** By this run, where none was before it. A state that an older version kept says only that there was one. */
const firstSweptAt = ({ first_swept_at, finished_at }: SweepState, { begunAt }: RunTimes): string | undefined =>
  first_swept_at ?? (finished_at === undefined ? begunAt.toISOString() : undefined);

/** The report of a sweep that time did not suffice to begin. */
const notBegun = (scope: Scope, sweep: SweepKind, now: Date): SweepReport => ({
  scope,
  sweep,
  startedAt: now.toISOString(),
  endedAt: now.toISOString(),
  finished: false,
  counts: NO_COUNTS,
  missed: NONE_MISSED,
  unchanged: 0,
  failures: [],
});

/** The active sweep of a scope, and its state after it. */
export const runActive = async (deps: SweepDependencies, { scope, active, full }: KnownScope, run: RunTimes) => {
  const now = deps.clock();
  const { deadline } = run;
  if (now >= deadline) return notBegun(scope, 'active', now);
  const report = await sweepActive(deps, {
    scope,
    deadline,
    firstSweptAt: firstSweptAt(knownOf(full), run),
    creationToldAt: active.creation_told_at,
  });
  await deps.sweeps.save(scope, 'active', stateAfter(active, report, deps.clock().toISOString()));
  return report;
};

/**
 * The full sweep of a scope from where the last one stopped, under its lease, and its state after it. Undefined where
 * another run is at it: two would only ask Bedrock the same.
 */
export const runFull = (deps: SweepDependencies, scope: Scope, run: RunTimes): Promise<SweepReport | undefined> =>
  withLease(deps, { scope, deadline: run.deadline }, async ({ before, save }): Promise<Ended<SweepReport>> => {
    const now = deps.clock();
    const known = knownOf(before);
    const sweptFirst = firstSweptAt(known, run);
    const first: SweepState = sweptFirst === undefined ? {} : { first_swept_at: sweptFirst };
    if (now >= run.deadline) {
      return { result: notBegun(scope, 'full', now), state: { ...known, ...first, unfinished: true } };
    }
    // From here on marked as unfinished, so that a run that is killed is taken up by the next.
    const begun = beginPass(known, now, deps.recordVersion);
    let state: SweepState = { ...begun, ...first, unfinished: true, begun_at: now.toISOString() };
    await save(state);
    const report = await sweepFull(deps, {
      scope,
      deadline: run.deadline,
      firstSweptAt: sweptFirst,
      watermark: begun.watermark,
      refreshes: begun.refresh !== undefined,
      ...(deps.chunk === undefined ? {} : { chunk: deps.chunk }),
      tagsSince: new Date(now.getTime() - deps.tagRefreshDays * DAY_MS).toISOString(),
      saveWatermark: (watermark, failed) => {
        state = { ...state, watermark, ...(failed > 0 ? { incomplete: true } : {}) };
        return save(state);
      },
    });
    return { result: report, state: stateAfter(state, report, deps.clock().toISOString()) };
  });
