import pMap from 'p-map';
import { compareText } from '../domain/text.ts';
import type { Scope } from '../domain/identity.ts';
import { HOUR } from '../domain/time.ts';
import { TRACK_CONCURRENCY } from './correct-drift.ts';
import { CHUNK, toChunks } from './sweep-full.ts';
import {
  type LeaseResult,
  type HeldLease,
  MAX_NAMED_FAILURES,
  type SweepFailure,
  type SweepState,
  withLease,
} from './sweep-state.ts';
import type { SweepStore } from './ports.ts';
import { releaseJob, type TrackingDependencies } from './track-job.ts';

export interface ReleaseDependencies extends Pick<TrackingDependencies, 'jobs' | 'clock'> {
  readonly sweeps: SweepStore;
  /** How many records are marked before progress is saved. @default 500 */
  readonly chunk?: number;
}

/** A scope that was swept before and is no longer tracked, with the state of its full sweep. */
export interface RemovedScope {
  readonly scope: Scope;
  readonly state: SweepState;
}

/** What one run did to release a scope. */
export interface ReleaseReport {
  readonly scope: Scope;
  /** False where time ran out, or where a record could not be marked: the next run goes on. */
  readonly finished: boolean;
  /** Records marked by this run. */
  readonly marked: number;
  readonly failed: number;
  /** The first records that could not be marked, at most `MAX_NAMED_FAILURES`; `failed` counts all. */
  readonly failures: readonly SweepFailure[];
  /** Why the run ended early, where it did. */
  readonly error?: unknown;
}

/**
 * Functions of the deployment before, which still tracked the scope, may write for the quarter of an hour that they can
 * live on, and take marks back. A pass that ends later than this finds what they left.
 */
const SETTLED_AFTER_MS = HOUR;

/** True where nothing is to be done now: all was marked, and nobody may have taken a mark back since. */
export const isReleased = ({ untracked_since, released_at }: SweepState, now: Date): boolean => {
  if (untracked_since === undefined || released_at === undefined) return false;
  const settledAt = Date.parse(untracked_since) + SETTLED_AFTER_MS;
  return Date.parse(released_at) >= settledAt || now.getTime() < settledAt;
};

interface Pass {
  readonly finished: boolean;
  readonly marked: number;
  readonly failed: number;
  readonly failures: readonly SweepFailure[];
}

type Outcome = 'marked' | 'kept' | 'skipped' | SweepFailure;

const markRecords = (
  deps: ReleaseDependencies,
  deadline: Date,
  jobArns: readonly string[],
): Promise<readonly Outcome[]> =>
  pMap(
    jobArns,
    async (jobArn): Promise<Outcome> => {
      const now = deps.clock();
      if (now >= deadline) return 'skipped';
      try {
        const { outcome } = await releaseJob(deps, jobArn, now.toISOString());
        return outcome === 'updated' ? 'marked' : 'kept';
      } catch (error) {
        return { jobArn, error };
      }
    },
    { concurrency: TRACK_CONCURRENCY },
  );

/** One pass over the records of a scope, newest first, from the watermark on. Holds one chunk of them at a time. */
const passOver = async (
  deps: ReleaseDependencies,
  { scope, deadline, state }: { scope: Scope; deadline: Date; state: SweepState },
  save: HeldLease['save'],
): Promise<Pass> => {
  const records = deps.jobs.listScope(scope, state.watermark === undefined ? {} : { createdBefore: state.watermark });
  let [marked, failed] = [0, 0];
  const failures: SweepFailure[] = [];
  const ended = (finished: boolean): Pass => ({ finished: finished && failed === 0, marked, failed, failures });
  for await (const chunk of toChunks(records, deps.chunk ?? CHUNK)) {
    const due = chunk.filter(({ untracked_since }) => untracked_since === undefined).map(({ job_arn }) => job_arn);
    const outcomes = await markRecords(deps, deadline, due);
    const failedNow = outcomes.filter((outcome) => typeof outcome === 'object');
    marked += outcomes.filter((outcome) => outcome === 'marked').length;
    failed += failedNow.length;
    failures.push(...failedNow.slice(0, MAX_NAMED_FAILURES - failures.length));
    const watermark = chunk.at(-1)?.creation_time;
    // Past a record that failed the watermark must not go: the next run begins where this one did.
    if (outcomes.includes('skipped') || deps.clock() >= deadline) return ended(false);
    if (failed === 0 && watermark !== undefined) await save({ ...state, watermark });
  }
  return ended(true);
};

const releaseScope = async (
  deps: ReleaseDependencies,
  scope: Scope,
  deadline: Date,
): Promise<ReleaseReport | undefined> =>
  withLease(deps, { scope, deadline }, async ({ before, save }): Promise<LeaseResult<ReleaseReport | undefined>> => {
    const now = deps.clock();
    // Another run may have done it since the states were read.
    if (isReleased(before, now)) return { result: undefined, state: before };
    const goesOn = before.untracked_since !== undefined && before.watermark !== undefined;
    let state: SweepState = {
      untracked_since: before.untracked_since ?? now.toISOString(),
      begun_at: now.toISOString(),
      ...(goesOn ? { watermark: before.watermark } : {}),
    };
    const saveProgress = async (next: SweepState): Promise<void> => {
      state = next;
      await save(next);
    };
    await saveProgress(state);
    const pass = await passOver(deps, { scope, deadline, state }, saveProgress);
    const { untracked_since = now.toISOString() } = state;
    return {
      result: { scope, ...pass },
      state: pass.finished ? { untracked_since, released_at: deps.clock().toISOString() } : state,
    };
  });

/**
 * Marks the records of scopes that were swept before and are not tracked any more: the records stay, with
 * `untracked_since`, and leave the index of active jobs. The state of the scope's full sweep is replaced by a marker, so
 * that a released scope costs nothing more, and a scope that is tracked again is backfilled as a new one.
 *
 * Takes one scope after the other, the one that waited longest first. Costs the scope's index once, and a read and a
 * write for each record that is not marked; holds some 500 records at a time. What time does not suffice for is done by
 * the next run, from a watermark. A scope that fails leaves the others be.
 */
export const releaseScopes = async (
  deps: ReleaseDependencies,
  removed: readonly RemovedScope[],
  deadline: Date,
): Promise<ReleaseReport[]> => {
  const due = removed
    .filter(({ state }) => !isReleased(state, deps.clock()))
    .sort((a, b) => compareText(a.state.begun_at ?? '', b.state.begun_at ?? ''));
  const reports: ReleaseReport[] = [];
  for (const { scope } of due) {
    if (deps.clock() >= deadline) break;
    try {
      const report = await releaseScope(deps, scope, deadline);
      if (report !== undefined) reports.push(report);
    } catch (error) {
      reports.push({ scope, finished: false, marked: 0, failed: 0, failures: [], error });
    }
  }
  return reports;
};
