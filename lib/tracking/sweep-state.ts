import type { EventKind, SweepKind } from '../contract.ts';
import type { Scope } from '../domain/identity.ts';
import { MINUTE } from '../domain/time.ts';
import type { Clock, SweepStore } from './ports.ts';

export type { SweepKind };

/** What is kept about a scope's sweeps between runs. Times are ISO-8601 UTC. */
export interface SweepState {
  /** When the run began that was the first to sweep the scope. Full sweeps alone have it. */
  readonly first_swept_at?: string;
  /** When its last run began: who waited longest comes first. Full sweeps alone have it. */
  readonly begun_at?: string;
  /** When the last pass over all its jobs ended, whether or not each could be tracked. */
  readonly finished_at?: string;
  /** When the last pass ended with every job tracked. */
  readonly succeeded_at?: string;
  /** Where an unfinished full sweep (or release) goes on: jobs created up to this time are still to be done. */
  readonly watermark?: string;
  /** True while a full sweep stopped before its end. */
  readonly unfinished?: boolean;
  /** True where a job could not be tracked by an earlier run of the pass that is under way. */
  readonly incomplete?: true;
  /** Until when a run holds the sweep. */
  readonly lease_until?: string;
  /** Since when the scope is not tracked any more. It stands in place of all that is known of its full sweeps. */
  readonly untracked_since?: string;
  /** When all its records were marked. */
  readonly released_at?: string;
  /** The version of records (`RECORD_VERSION`) that full sweeps bring or have brought all to. Absent for the first. */
  readonly record_version?: number;
  /** While they do. */
  readonly refresh?: Refresh;
  /** Creation time of the newest job of which a sweep knows that an event told of its creation. Active sweeps alone have it. */
  readonly creation_told_at?: string;
  /** The counts of the last run. */
  readonly counts?: SweepCounts;
}

/** How far the records of a scope have been brought to a new version. Times are ISO-8601 UTC. */
export interface Refresh {
  /** When the first run of that version met the scope. */
  readonly since: string;
  /** When the pass began that is under way, or the last. */
  readonly begun_at: string;
  /** How many passes over all jobs have ended. */
  readonly passes: number;
}

export interface SweepCounts {
  /** Jobs that Bedrock listed. */
  readonly listed: number;
  /** Jobs that were looked at because their record was not what Bedrock lists. */
  readonly drifted: number;
  /** Records whose job's own status the sweep was the first to see: the missed events. Backfilled jobs are left out. */
  readonly corrected: number;
  /** Records marked because Bedrock no longer knows their job. */
  readonly missing: number;
  readonly failed: number;
}

/** A job that a sweep could not track. */
export interface SweepFailure {
  readonly jobArn: string;
  readonly error: unknown;
}

/** How many events of each kind a sweep found missing: what it was the first to see. */
export type MissedEvents = Readonly<Record<EventKind, number>>;
export const NONE_MISSED: MissedEvents = { 'state-change': 0, creation: 0 };

/** The jobs that still move, as Bedrock lists them. */
export interface ActiveJobs {
  readonly count: number;
  /** Creation time of the oldest, ISO-8601 UTC; absent where there is none. */
  readonly oldestCreationTime?: string;
}

/** What one run of a sweep over one scope did. */
export interface SweepReport {
  readonly scope: Scope;
  readonly sweep: SweepKind;
  /** When it began and ended, ISO-8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** False where time ran out: the next run goes on. */
  readonly finished: boolean;
  readonly counts: SweepCounts;
  readonly missed: MissedEvents;
  /** How many looks at a difference changed nothing: Bedrock's list and its answers tell a job differently. */
  readonly unchanged: number;
  /** What an active sweep found to be running; a full sweep does not tell. */
  readonly active?: ActiveJobs;
  /** What `SweepState` keeps by this name, as an active sweep knows it now. */
  readonly creationToldAt?: string;
  /** The first failures, at most `MAX_NAMED_FAILURES`; `counts.failed` counts all. */
  readonly failures: readonly SweepFailure[];
}

/** A report of millions of failures would not fit a log line: this many are named, the rest are counted. */
export const MAX_NAMED_FAILURES = 20;

export const NO_COUNTS: SweepCounts = { listed: 0, drifted: 0, corrected: 0, missing: 0, failed: 0 };

export const addCounts = (a: SweepCounts, b: SweepCounts): SweepCounts => ({
  listed: a.listed + b.listed,
  drifted: a.drifted + b.drifted,
  corrected: a.corrected + b.corrected,
  missing: a.missing + b.missing,
  failed: a.failed + b.failed,
});

/** A lease outlasts its run by what the last job in flight may take. */
const LEASE_MARGIN_MS = MINUTE;

/** What goes on while the lease is held: the state as it was, and how to save progress. */
export interface HeldLease {
  readonly before: SweepState;
  readonly save: (state: SweepState) => Promise<void>;
}

export interface LeaseResult<Result> {
  readonly result: Result;
  readonly state: SweepState;
}

/**
 * Works on all jobs of a scope while no other run does: a full sweep, or the release of the scope. The state that the
 * work ends with is saved as the lease is given back; a run that fails leaves the state that it saved last, and one that
 * is killed blocks nobody for longer than it could have lived. Undefined where another run is at it.
 */
export const withLease = async <Result>(
  { sweeps, clock }: { readonly sweeps: SweepStore; readonly clock: Clock },
  { scope, deadline }: { readonly scope: Scope; readonly deadline: Date },
  work: (held: HeldLease) => Promise<LeaseResult<Result>>,
): Promise<Result | undefined> => {
  const until = new Date(deadline.getTime() + LEASE_MARGIN_MS).toISOString();
  const acquired = await sweeps.acquire(scope, 'full', { now: clock().toISOString(), until });
  if (acquired === undefined) return undefined;
  const { lease_until: _, ...before } = acquired;
  let saved: SweepState = before;
  const save = async (state: SweepState): Promise<void> => {
    saved = state;
    await sweeps.save(scope, 'full', { ...state, lease_until: until });
  };
  try {
    const { result, state } = await work({ before, save });
    await sweeps.save(scope, 'full', state);
    return result;
  } catch (error) {
    // The first error counts. A lease that cannot be given back now runs out by itself.
    await sweeps.save(scope, 'full', saved).catch(() => undefined);
    throw error;
  }
};
