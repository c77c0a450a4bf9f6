import { RECORD_VERSION } from '../domain/record.ts';
import type { Refresh, SweepState } from './sweep-state.ts';

/**
 * Functions of the deployment before may write records of its version for the quarter of an hour that they can live on.
 * A pass that begins later than this finds what they left.
 */
const SETTLED_AFTER_MS = 60 * 60 * 1000;
/** A job that can never be looked at must not make each full sweep look at all the others for ever. */
const MAX_PASSES = 5;

/** What a sweep's state says of the version of the scope's records. */
export type Versioned = Pick<SweepState, 'record_version' | 'refresh'>;

/** The first version is not written: what was kept before there were versions is of the first. */
const versioned = (version: number, refresh: Refresh | undefined): Versioned => ({
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
  if (record_version !== version) return { ...rest, ...versioned(version, newRefresh(known, now)) };
  if (known.unfinished !== true || watermark === undefined) {
    return { ...rest, ...versioned(version, refresh && { ...refresh, begun_at: now.toISOString() }) };
  }
  return { ...rest, watermark, ...(incomplete ? { incomplete } : {}), ...versioned(version, refresh) };
};

const isDone = ({ since, begun_at, passes }: Refresh, isComplete: boolean): boolean =>
  passes >= MAX_PASSES || (isComplete && Date.parse(begun_at) >= Date.parse(since) + SETTLED_AFTER_MS);

/** What is left to do after a pass over all jobs, which was complete where each could be tracked. */
export const endPass = ({ record_version = 1, refresh }: SweepState, isComplete: boolean): Versioned => {
  if (refresh === undefined) return versioned(record_version, undefined);
  const next = { ...refresh, passes: refresh.passes + 1 };
  return versioned(record_version, isDone(next, isComplete) ? undefined : next);
};
