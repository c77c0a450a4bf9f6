import type { EventKind, SweepKind } from '../contract.ts';
import type { Scope } from '../domain/identity.ts';
import { MINUTE } from '../domain/time.ts';
import type { Clock, SweepStore } from './ports.ts';

export type { SweepKind };

/** The state of a scope's sweeps between runs. Times are ISO-8601 UTC. */
export interface SweepState {
  /** When the first run that swept the scope began. Full sweeps only. */
  readonly first_swept_at?: string;
  /** When its last run began: the longest waiting scope comes first. Full sweeps only. */
  readonly begun_at?: string;
  /** When the last pass over all jobs ended, even if some jobs failed. */
  readonly finished_at?: string;
  /** When the last pass without failures ended. */
  readonly succeeded_at?: string;
  /** Where an unfinished full sweep or release goes on: jobs created up to this time are not done. */
  readonly watermark?: string;
  /** True while a full sweep has not reached its end. */
  readonly unfinished?: boolean;
  /** True if an earlier run of the current pass had a failure. */
  readonly incomplete?: true;
  /** Until when a run holds the lease. */
  readonly lease_until?: string;
  /** Since when the scope is no longer tracked. Replaces the rest of its full sweep's state. */
  readonly untracked_since?: string;
  readonly released_at?: string;
  /** The version (`RECORD_VERSION`) to which full sweeps bring all records. Absent for version 1. */
  readonly record_version?: number;
  /** While they bring them there. */
  readonly refresh?: Refresh;
  /** Creation time of the newest job whose creation event is known to have arrived. Active sweeps only. */
  readonly creation_told_at?: string;
  readonly counts?: SweepCounts;
}

/** Progress of bringing a scope's records to a new version. Times are ISO-8601 UTC. */
export interface Refresh {
  /** When a run of that version first saw the scope. */
  readonly since: string;
  /** When the current or last pass began. */
  readonly begun_at: string;
  /** Finished passes over all jobs. */
  readonly passes: number;
}

export interface SweepCounts {
  readonly listed: number;
  /** Jobs looked at because their record differed from the list. */
  readonly drifted: number;
  /** Records whose job's own status the sweep saw first, that is, missed events. Without backfilled jobs. */
  readonly corrected: number;
  /** Records marked as missing: Bedrock no longer knows their job. */
  readonly missing: number;
  readonly failed: number;
}

export interface SweepFailure {
  readonly arn: string;
  readonly error: unknown;
}

/** How many events of each kind were missed: the sweep saw the change first. */
export type MissedEvents = Readonly<Record<EventKind, number>>;
export const NONE_MISSED: MissedEvents = { 'state-change': 0, creation: 0 };

/** The active jobs, as Bedrock lists them. */
export interface ActiveJobs {
  readonly count: number;
  /** ISO-8601 UTC; absent if there is none. */
  readonly oldestCreationTime?: string;
}

/** What one run of a sweep did in one scope. */
export interface SweepReport {
  readonly scope: Scope;
  readonly sweep: SweepKind;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** False if time ran out: the next run goes on. */
  readonly finished: boolean;
  readonly counts: SweepCounts;
  readonly missed: MissedEvents;
  /** Looks at a difference that changed nothing: List and Get differ. */
  readonly unchanged: number;
  /** Active sweeps only. */
  readonly active?: ActiveJobs;
  /** As in `SweepState`. */
  readonly creationToldAt?: string;
  /** The first failures, at most `MAX_NAMED_FAILURES`; `counts.failed` counts all. */
  readonly failures: readonly SweepFailure[];
}

/** A report names this many failures and counts the rest, so that it fits a log line. */
export const MAX_NAMED_FAILURES = 20;

export const NO_COUNTS: SweepCounts = { listed: 0, drifted: 0, corrected: 0, missing: 0, failed: 0 };

export const addCounts = (a: SweepCounts, b: SweepCounts): SweepCounts => ({
  listed: a.listed + b.listed,
  drifted: a.drifted + b.drifted,
  corrected: a.corrected + b.corrected,
  missing: a.missing + b.missing,
  failed: a.failed + b.failed,
});

/** A lease outlasts its run by the time that the last job in flight may take. */
const LEASE_MARGIN_MS = MINUTE;

/** The state when the lease was taken, and how to save progress. */
export interface HeldLease {
  readonly before: SweepState;
  readonly save: (state: SweepState) => Promise<void>;
}

export interface LeaseResult<Result> {
  readonly result: Result;
  readonly state: SweepState;
}

/**
 * Runs a full sweep or the release of a scope while no other run does. Saves the resulting state and releases the lease;
 * after an error the last saved state stays. The lease of a killed run expires by itself. Undefined if another run holds
 * the lease.
 */
export const withLease = async <Result>(
  { sweeps, clock }: { readonly sweeps: SweepStore; readonly clock: Clock },
  { scope, sweep, deadline }: { readonly scope: Scope; readonly sweep: SweepKind; readonly deadline: Date },
  work: (held: HeldLease) => Promise<LeaseResult<Result>>,
): Promise<Result | undefined> => {
  const until = new Date(deadline.getTime() + LEASE_MARGIN_MS).toISOString();
  const acquired = await sweeps.acquire(scope, sweep, { now: clock().toISOString(), until });
  if (acquired === undefined) return undefined;
  const { lease_until: _, ...before } = acquired;
  let saved: SweepState = before;
  const save = async (state: SweepState): Promise<void> => {
    saved = state;
    await sweeps.save(scope, sweep, { ...state, lease_until: until });
  };
  try {
    const { result, state } = await work({ before, save });
    await sweeps.save(scope, sweep, state);
    return result;
  } catch (error) {
    // The first error counts. A lease that cannot be released now expires by itself.
    await sweeps.save(scope, sweep, saved).catch(() => undefined);
    throw error;
  }
};
