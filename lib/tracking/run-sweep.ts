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
import type { KnownScope, ScopeStore, SweepStore } from './ports.ts';
import type { SweepPeriods } from './scope.ts';
import { areCreationsTold, sweepActive } from './sweep-active.ts';
import { sweepFull } from './sweep-full.ts';
import { jobTracker, type TrackingDependencies } from './track-job.ts';
import type { UsageDependencies } from './measure-usage.ts';
import type { ModelDependencies } from './track-model.ts';
import type { Swept } from './release-scope.ts';
import { RECORD_VERSION } from '../domain/record.ts';
import { present } from '../domain/text.ts';
import { DAY, HOUR } from '../domain/time.ts';

/**
 * Functions of the previous deployment may write records of the old version for up to a quarter of an hour. A pass that
 * begins after this time finds what they left.
 */
const SETTLED_AFTER_MS = HOUR;
/** A job that always fails must not make every full sweep look at all others for ever. */
const MAX_PASSES = 5;

/** The version of the scope's records in a sweep's state. */
export type Versioned = Pick<SweepState, 'record_version' | 'refresh'>;

/** Version 1 is not written: states from before there were versions are of version 1. */
const versionFields = (version: number, refresh: Refresh | undefined): Versioned =>
  present({ record_version: version === 1 ? undefined : version, refresh });

const newRefresh = (known: SweepState, now: Date): Refresh => {
  // The first sweep of a scope looks at every job anyway: one pass is enough.
  const isNew = Object.keys(known).length === 0;
  const since = isNew ? new Date(now.getTime() - SETTLED_AFTER_MS) : now;
  return { since: since.toISOString(), begun_at: now.toISOString(), passes: 0 };
};

/**
 * The state with which a full sweep starts. A new pass has no watermark. If the records are of another version, a new
 * pass looks at all jobs, whatever an unfinished pass did.
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

/** The versions after a pass over all jobs. It was complete if each job could be tracked. */
export const endPass = ({ record_version = 1, refresh }: SweepState, isComplete: boolean): Versioned => {
  if (refresh === undefined) return versionFields(record_version, undefined);
  const next = { ...refresh, passes: refresh.passes + 1 };
  return versionFields(record_version, isDone(next, isComplete) ? undefined : next);
};

export interface SweepDependencies extends TrackingDependencies {
  readonly sweeps: SweepStore;
  readonly scopes: ScopeStore;
  readonly periods: SweepPeriods;
  /** The scopes that the configuration names: they are tracked whether a spoke tells of them or not. */
  readonly named: readonly Scope[];
  /** Absent where models are not tracked. */
  readonly models?: Omit<ModelDependencies, 'clock'>;
  /** Absent where their use is not measured. */
  readonly usage?: Pick<UsageDependencies, 'useOf' | 'idleAfterMs'>;
  /**
   * Full sweeps compare a job's tags for this many days after its last change.
   * @default 30, and never where CloudTrail tells of what happens in the scope
   */
  readonly tagRefreshDays?: number;
  /** Jobs that a full sweep or a release handles before it saves its progress. @default 500 */
  readonly chunk?: number;
  /** @default RECORD_VERSION */
  readonly recordVersion?: number;
}

export interface RunTimes {
  readonly begunAt: Date;
  readonly deadline: Date;
}

/** The state after a run: only a pass without failures counts as a success. */
export const stateAfter = (before: SweepState, report: SweepReport, now: string): SweepState => {
  const isComplete = report.counts.failed === 0 && before.incomplete !== true;
  const { first_swept_at, begun_at, succeeded_at, finished_at, watermark } = before;
  const { finished, counts, creationToldAt: creation_told_at } = report;
  return present({
    first_swept_at,
    begun_at,
    succeeded_at: finished && isComplete ? now : succeeded_at,
    finished_at: finished ? now : finished_at,
    unfinished: finished ? undefined : true,
    watermark: finished ? undefined : watermark,
    creation_told_at,
    ...versionAfter(before, report, isComplete),
    counts,
  });
};

/** Only a pass over everything has these: whether its pass is complete, and the version of the records. */
const versionAfter = (before: SweepState, { sweep, finished }: SweepReport, isComplete: boolean): SweepState => {
  if (sweep === 'active') return {};
  if (finished) return endPass(before, isComplete);
  const { record_version, refresh } = before;
  return present({ incomplete: isComplete ? undefined : true, record_version, refresh });
};

/** A scope that was released and is tracked again counts as new. */
const knownOf = (full: SweepState): SweepState => (full.untracked_since === undefined ? full : {});

/** This run's time if there was no sweep before. Unknown if an older version of the tracker swept first. */
const firstSweptAt = ({ first_swept_at, finished_at }: SweepState, { begunAt }: RunTimes): string | undefined =>
  first_swept_at ?? (finished_at === undefined ? begunAt.toISOString() : undefined);

/** The report of a sweep for which no time was left. */
export const emptyReport = (scope: Scope, sweep: SweepKind, now: Date): SweepReport => ({
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

export const runActive = async (
  deps: SweepDependencies,
  scope: Scope,
  { active = {}, full = {} }: KnownScope['sweeps'],
  run: RunTimes,
): Promise<SweepReport> => {
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

const TAG_REFRESH_DAYS = 30;

/** Jobs as full sweeps see them. Where CloudTrail tells of creations, it tells of tags too. */
export const sweptJobs = (
  deps: TrackingDependencies & Pick<SweepDependencies, 'tagRefreshDays'>,
  creationToldAt?: string,
): Swept => {
  const byTrail = areCreationsTold(creationToldAt, deps.clock()) ? undefined : TAG_REFRESH_DAYS;
  return {
    sweep: 'full',
    trackerOf: (scope) => jobTracker(deps, scope),
    ...present({ tagRefreshDays: deps.tagRefreshDays ?? byTrail }),
  };
};

/**
 * Compares all resources of one kind in a scope, from where the last run stopped, under a lease. Undefined if another run
 * holds it.
 */
export const runFull = (
  deps: Pick<SweepDependencies, 'sweeps' | 'clock' | 'chunk' | 'recordVersion'>,
  { sweep, trackerOf, tagRefreshDays }: Swept,
  scope: Scope,
  run: RunTimes,
): Promise<SweepReport | undefined> =>
  withLease(
    deps,
    { scope, sweep, deadline: run.deadline },
    async ({ before, save }): Promise<LeaseResult<SweepReport>> => {
      const now = deps.clock();
      const known = knownOf(before);
      const sweptFirst = firstSweptAt(known, run);
      const first: SweepState = sweptFirst === undefined ? {} : { first_swept_at: sweptFirst };
      if (now >= run.deadline) {
        return { result: emptyReport(scope, sweep, now), state: { ...known, ...first, unfinished: true } };
      }
      const tracker = trackerOf(scope);
      // Unfinished from here on, so that the next run goes on if this one is killed.
      const begun = beginPass(known, now, deps.recordVersion ?? tracker.kind.version);
      let state: SweepState = { ...begun, ...first, unfinished: true, begun_at: now.toISOString() };
      await save(state);
      const report = await sweepFull(tracker, {
        sweep,
        deadline: run.deadline,
        firstSweptAt: sweptFirst,
        watermark: begun.watermark,
        refreshes: begun.refresh !== undefined,
        ...(deps.chunk === undefined ? {} : { chunk: deps.chunk }),
        ...(tagRefreshDays === undefined
          ? {}
          : { tagsSince: new Date(now.getTime() - tagRefreshDays * DAY).toISOString() }),
        saveWatermark: (watermark, failed) => {
          state = { ...state, watermark, ...(failed > 0 ? { incomplete: true } : {}) };
          return save(state);
        },
      });
      return { result: report, state: stateAfter(state, report, deps.clock().toISOString()) };
    },
  );
