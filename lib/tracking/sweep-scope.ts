import type { Scope } from '../domain/identity.ts';
import {
  type LeaseResult,
  NO_COUNTS,
  NONE_MISSED,
  type Refresh,
  type SweepKind,
  type SweepReport,
  type SweepState,
  withLease,
} from './sweep-state.ts';
import type { SweepStore } from './ports.ts';
import { sweepActive } from './sweep-active.ts';
import { sweepFull } from './sweep-full.ts';
import type { TrackingDependencies } from './track-job.ts';
import { RECORD_VERSION } from '../domain/record.ts';
import { DAY, HOUR } from '../domain/time.ts';

/**
 * Functions of the deployment before may write records of its version for the quarter of an hour that they can live on.
 * A pass that begins later than this finds what they left.
 */
const SETTLED_AFTER_MS = HOUR;
/** A job that can never be looked at must not make each full sweep look at all the others for ever. */
const MAX_PASSES = 5;

/** What a sweep's state says of the version of the scope's records. */
export type Versioned = Pick<SweepState, 'record_version' | 'refresh'>;

/** The first version is not written: what was kept before there were versions is of the first. */
const versionFields = (version: number, refresh: Refresh | undefined): Versioned => ({
  ...(version === 1 ? {} : { record_version: version }),
  ...(refresh === undefined ? {} : { refresh }),
});

const newRefresh = (known: SweepState, now: Date): Refresh => {
  // The first sweep of a scope looks at every job anyway: once is enough.
  const isNew = Object.keys(known).length === 0;
  const since = isNew ? new Date(now.getTime() - SETTLED_AFTER_MS) : now;
  return { since: since.toISOString(), begun_at: now.toISOString(), passes: 0 };
};

/**
 * The state that a full sweep goes on with. One that begins anew has no watermark; so does one whose records are of
 * another version: all jobs are to be looked at, and what an unfinished sweep of that version did counts for nothing.
 */
export const beginPass = (known: SweepState, now: Date, version: number = RECORD_VERSION): SweepState => {
  const { watermark, incomplete, record_version = 1, refresh, ...rest } = known;
  if (record_version !== version) return { ...rest, ...versionFields(version, newRefresh(known, now)) };
  if (known.unfinished !== true || watermark === undefined) {
    return { ...rest, ...versionFields(version, refresh && { ...refresh, begun_at: now.toISOString() }) };
  }
  return { ...rest, watermark, ...(incomplete ? { incomplete } : {}), ...versionFields(version, refresh) };
};

const isDone = ({ since, begun_at, passes }: Refresh, isComplete: boolean): boolean =>
  passes >= MAX_PASSES || (isComplete && Date.parse(begun_at) >= Date.parse(since) + SETTLED_AFTER_MS);

/** What is left to do after a pass over all jobs, which was complete where each could be tracked. */
export const endPass = ({ record_version = 1, refresh }: SweepState, isComplete: boolean): Versioned => {
  if (refresh === undefined) return versionFields(record_version, undefined);
  const next = { ...refresh, passes: refresh.passes + 1 };
  return versionFields(record_version, isDone(next, isComplete) ? undefined : next);
};

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
const emptyReport = (scope: Scope, sweep: SweepKind, now: Date): SweepReport => ({
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
  if (now >= deadline) return emptyReport(scope, 'active', now);
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
  withLease(deps, { scope, deadline: run.deadline }, async ({ before, save }): Promise<LeaseResult<SweepReport>> => {
    const now = deps.clock();
    const known = knownOf(before);
    const sweptFirst = firstSweptAt(known, run);
    const first: SweepState = sweptFirst === undefined ? {} : { first_swept_at: sweptFirst };
    if (now >= run.deadline) {
      return { result: emptyReport(scope, 'full', now), state: { ...known, ...first, unfinished: true } };
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
      tagsSince: new Date(now.getTime() - deps.tagRefreshDays * DAY).toISOString(),
      saveWatermark: (watermark, failed) => {
        state = { ...state, watermark, ...(failed > 0 ? { incomplete: true } : {}) };
        return save(state);
      },
    });
    return { result: report, state: stateAfter(state, report, deps.clock().toISOString()) };
  });
