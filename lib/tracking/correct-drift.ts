import pMap from 'p-map';
import { canonicalJson } from '../domain/text.ts';
import type { Drift, TagCheck } from '../domain/drift.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { storedTags } from '../domain/normalize.ts';
import {
  MAX_NAMED_FAILURES,
  NO_COUNTS,
  type MissedEvents,
  type SweepCounts,
  type SweepFailure,
} from './sweep-state.ts';
import { markMissing, track, type Tracker } from './track.ts';

/** Enough for 200 calls a second of 150 ms each; the client's rate limiter keeps to what Bedrock allows. */
export const TRACK_CONCURRENCY = 16;

export interface SweepRun {
  /** When the scope was first swept, ISO-8601 UTC; absent if unknown. */
  readonly firstSweptAt?: string | undefined;
  /** Full sweeps compare the tags of what was modified since this time, ISO-8601 UTC. */
  readonly tagsSince?: string | undefined;
  /** Whether to look at all that is listed: its record may be of an older version of the tracker. */
  readonly refreshes?: boolean;
  /** When to start no more work, so that started work ends before the function times out. */
  readonly deadline: Date;
}

export interface Correction {
  readonly counts: SweepCounts;
  readonly missed: MissedEvents;
  /** Looks at a difference that changed nothing: List and Get differ. */
  readonly unchanged: number;
  readonly failures: readonly SweepFailure[];
  /** False if time ran out. */
  readonly finished: boolean;
}

/** `found` is a new job that is InProgress: only its creation event can have been missed. */
type Outcome = 'corrected' | 'found' | 'tracked' | 'unchanged' | 'current' | 'missing' | 'skipped' | SweepFailure;

const correctOne = async (tracker: Tracker, run: SweepRun, drift: Drift | TagCheck): Promise<Outcome> => {
  const { arn } = drift;
  if (drift.reason === 'tags-due') {
    const isCurrent = canonicalJson(storedTags(await tracker.listTags(arn))) === canonicalJson(drift.tags);
    if (isCurrent) return 'current';
  }
  // Before the call, as in a look: a look that finds the resource meanwhile is newer.
  const askedAt = tracker.clock().toISOString();
  try {
    const { firstSweptAt, tagsSince } = run;
    const listed = drift.reason === 'tags-due' ? undefined : drift.listed;
    const { outcome, status, statusChanged, via } = await track(tracker, {
      identifier: arn,
      via: 'sweep',
      firstSweptAt,
      ...(run.refreshes === true ? {} : { listed, tagsSince }),
    });
    if (listed?.problem !== undefined) throw new TrackerError('INVALID_JOB', listed.problem);
    if (outcome === 'known') return 'current';
    if (statusChanged && via !== 'backfill') {
      return outcome === 'created' && status === 'InProgress' ? 'found' : 'corrected';
    }
    const isInVain = outcome === 'unchanged' || outcome === 'stale';
    return isInVain && drift.reason !== 'outdated' && drift.reason !== 'tags-due' ? 'unchanged' : 'tracked';
  } catch (error) {
    if (drift.reason !== 'unlisted' || !hasCode(error, 'JOB_NOT_FOUND')) throw error;
    await markMissing(tracker, arn, askedAt);
    return 'missing';
  }
};

/** Tracks all that drifted, several at a time. What fails is reported and stops nothing else. */
export const correctDrift = async (
  tracker: Tracker,
  run: SweepRun,
  drifted: readonly (Drift | TagCheck)[],
): Promise<Correction> => {
  const outcomes = await pMap(
    drifted,
    async (drift): Promise<Outcome> => {
      if (tracker.clock() >= run.deadline) return 'skipped';
      try {
        return await correctOne(tracker, run, drift);
      } catch (error) {
        return { arn: drift.arn, error };
      }
    },
    { concurrency: TRACK_CONCURRENCY },
  );
  const failures = outcomes.filter((outcome) => typeof outcome === 'object');
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  const skipped = count('skipped');
  const looked = outcomes.length - skipped - count('current');
  return {
    counts: {
      ...NO_COUNTS,
      drifted: looked,
      corrected: count('corrected') + count('found'),
      missing: count('missing'),
      failed: failures.length,
    },
    missed: { 'state-change': count('corrected'), creation: count('found') },
    unchanged: count('unchanged'),
    failures: failures.slice(0, MAX_NAMED_FAILURES),
    finished: skipped === 0,
  };
};
