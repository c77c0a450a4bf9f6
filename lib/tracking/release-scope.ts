import pMap from 'p-map';
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
import type { Clock, SweepStore } from './ports.ts';
import { arnOf } from '../domain/kind.ts';
import { release, type Tracker } from './track.ts';

export interface ReleaseDependencies {
  readonly sweeps: SweepStore;
  readonly clock: Clock;
  /** Records to mark before progress is saved. @default 500 */
  readonly chunk?: number;
}

/** One kind of resource as sweeps see it: the state of its passes, and how it is tracked in a scope. */
export interface Swept {
  readonly sweep: 'full' | 'models';
  readonly trackerOf: (scope: Scope) => Tracker;
  /** Full sweeps compare the tags of a resource for this many days after its last change. @default never */
  readonly tagRefreshDays?: number;
}

export interface ReleaseReport {
  readonly scope: Scope;
  /** False if time ran out or a record could not be marked: the next run goes on. */
  readonly finished: boolean;
  readonly marked: number;
  readonly failed: number;
  /** The first failures, at most `MAX_NAMED_FAILURES`; `failed` counts all. */
  readonly failures: readonly SweepFailure[];
}

/** A sweep or an event that is under way may remove marks. A pass that ends after this time finds what it left. */
const SETTLED_AFTER_MS = HOUR;

/** True if nothing is left to do: all records are marked, and none can have lost its mark since. */
export const isReleased = ({ untracked_since, released_at }: SweepState): boolean =>
  untracked_since !== undefined &&
  released_at !== undefined &&
  Date.parse(released_at) >= Date.parse(untracked_since) + SETTLED_AFTER_MS;

/** True if nothing is left to do now. */
const isDone = (state: SweepState, now: Date): boolean =>
  isReleased(state) ||
  (state.released_at !== undefined && now.getTime() < Date.parse(state.untracked_since ?? '') + SETTLED_AFTER_MS);

type Pass = Omit<ReleaseReport, 'scope' | 'error'>;

type Outcome = 'marked' | 'kept' | 'skipped' | SweepFailure;

const markRecords = (tracker: Tracker, deadline: Date, arns: readonly string[]): Promise<readonly Outcome[]> =>
  pMap(
    arns,
    async (arn): Promise<Outcome> => {
      const now = tracker.clock();
      if (now >= deadline) return 'skipped';
      try {
        const { outcome } = await release(tracker, arn, now.toISOString());
        return outcome === 'updated' ? 'marked' : 'kept';
      } catch (error) {
        return { arn, error };
      }
    },
    { concurrency: TRACK_CONCURRENCY },
  );

/** One pass over the records of a scope, newest first, from the watermark. Holds one chunk at a time. */
const passOver = async (
  tracker: Tracker,
  { chunk = CHUNK, deadline, state }: { chunk: number | undefined; deadline: Date; state: SweepState },
  save: HeldLease['save'],
): Promise<Pass> => {
  const { kind, store, scope, clock } = tracker;
  const records = store.listScope(scope, state.watermark === undefined ? {} : { createdBefore: state.watermark });
  let [marked, failed] = [0, 0];
  const failures: SweepFailure[] = [];
  const ended = (finished: boolean): Pass => ({ finished: finished && failed === 0, marked, failed, failures });
  for await (const part of toChunks(records, chunk)) {
    const due = part.filter(({ untracked_since }) => untracked_since === undefined).map((one) => arnOf(kind, one));
    const outcomes = await markRecords(tracker, deadline, due);
    const failedNow = outcomes.filter((outcome) => typeof outcome === 'object');
    marked += outcomes.filter((outcome) => outcome === 'marked').length;
    failed += failedNow.length;
    failures.push(...failedNow.slice(0, MAX_NAMED_FAILURES - failures.length));
    const watermark = part.at(-1)?.creation_time;
    // The watermark must not pass a failed record: the next run starts where this one did.
    if (outcomes.includes('skipped') || clock() >= deadline) return ended(false);
    if (failed === 0 && watermark !== undefined) await save({ ...state, watermark });
  }
  return ended(true);
};

/**
 * Marks the records of a scope that is not tracked any more with `untracked_since`: they stay, and leave the sparse
 * indexes. A marker replaces the state of the scope's full sweep, so that it is backfilled like a new one if it is tracked
 * again. Costs one read of the scope's index, and a read and a write for each unmarked record. The next run goes on from a
 * watermark if time runs out. Undefined if nothing is left to do, or another run is at it.
 */
export const releaseScope = async (
  deps: ReleaseDependencies,
  { sweep, trackerOf }: Swept,
  scope: Scope,
  deadline: Date,
): Promise<ReleaseReport | undefined> =>
  withLease(
    deps,
    { scope, sweep, deadline },
    async ({ before, save }): Promise<LeaseResult<ReleaseReport | undefined>> => {
      const now = deps.clock();
      // Another run may have finished since the states were read.
      if (isDone(before, now)) return { result: undefined, state: before };
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
      const pass = await passOver(trackerOf(scope), { chunk: deps.chunk, deadline, state }, saveProgress);
      const { untracked_since = now.toISOString() } = state;
      return {
        result: { scope, ...pass },
        state: pass.finished ? { untracked_since, released_at: deps.clock().toISOString() } : state,
      };
    },
  );
