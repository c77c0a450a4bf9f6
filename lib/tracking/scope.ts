import { STATE_SHARDS, type ScopeState, type SweepKind } from '../contract.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import { present } from '../domain/text.ts';
import { MINUTE } from '../domain/time.ts';
import type { ListedScope } from './ports.ts';

/**
 * What is known of a scope: an item of the sweeps table beside the states of its sweeps. Times are ISO-8601 UTC. It appears
 * with the first heartbeat of its spoke, or because the tracker's configuration names it, and is never deleted.
 */
export interface ScopeRecord {
  /** `<account id>#<region>` */
  readonly scope: string;
  readonly state: ScopeState;
  /** When it is to be swept next. */
  readonly due_at: string;
  /** While a sweep is under way that began before the last event. */
  readonly claimed_until?: string;
  /** 1 at first, plus 1 for each write. */
  readonly revision: number;
  readonly registered_at: string;
  /** The last heartbeat or event, to within `HEARD_EVERY`. Absent for a scope that is named and has no spoke. */
  readonly heard_at?: string;
  /** When its last active sweep ended that tracked each job. */
  readonly swept_at?: string;
  /** As Bedrock listed them in the last sweep. */
  readonly active_jobs?: number;
  readonly oldest_active_at?: string;
  /** The newest creation of a job of which CloudTrail is known to have told: there is a trail. */
  readonly creation_told_at?: string;
  /** Since when the scope cannot be asked, and how many sweeps have tried. */
  readonly failing_since?: string;
  readonly failures?: number;
  /** Why the last sweep did not track everything. */
  readonly error?: string;
  readonly released_at?: string;
}

/** How often scopes are swept by state, and how long one may be silent. Milliseconds. */
export interface ScopePeriods extends Readonly<Record<Exclude<ScopeState, 'released'>, number>> {
  readonly releaseAfter: number;
}

/** And how often each other sweep is due in a scope; absent where it is switched off. */
export interface SweepPeriods extends ScopePeriods, Readonly<Partial<Record<Exclude<SweepKind, 'active'>, number>>> {}

/** A spoke that is heard more often costs no more writes. */
const HEARD_EVERY = 10 * MINUTE;
/** Sweeps start when the schedule fires: one that is due a moment later must not wait for the next time. */
export const slackOf = ({ active }: ScopePeriods): number => active / 2;

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

/** The partition of the index by state. */
export const shardOf = ({ scope, state }: Pick<ScopeRecord, 'scope' | 'state'>): string => {
  let hash = 0;
  for (let at = 0; at < scope.length; at += 1) hash = (hash * 31 + scope.charCodeAt(at)) % 65_521;
  return `${state}#${(hash % STATE_SHARDS).toString()}`;
};

/** Up to which `due_at` scopes are swept now. */
export const dueBefore = (now: string, periods: ScopePeriods): string => later(now, slackOf(periods));

export const isDue = ({ state, due_at }: ScopeRecord, now: string, periods: ScopePeriods): boolean =>
  state !== 'released' && due_at <= dueBefore(now, periods);

/** What tells of a scope: the configuration that names it, the heartbeat of its spoke, or an event about a job or model. */
export type Word = 'named' | 'heartbeat' | 'event';

/**
 * The record after a word about a scope, or the same if it says nothing new. A new scope, and one that was released, is due
 * at once. So is one of which an event tells, even during a sweep, which may have listed the jobs before the event.
 */
export const heard = (
  previous: ScopeRecord | undefined,
  { scope, word, now }: { readonly scope: Scope; readonly word: Word; readonly now: string },
): ScopeRecord => {
  const told = word === 'named' ? {} : { heard_at: now };
  if (previous === undefined || previous.state === 'released') {
    const registered_at = previous?.registered_at ?? now;
    const state = word === 'event' ? 'idle' : 'empty';
    const revision = (previous?.revision ?? 0) + 1;
    return { scope: formatScope(scope), state, due_at: now, revision, registered_at, ...told };
  }
  const { heard_at = '', state, due_at, revision } = previous;
  const isNews = word !== 'named' && later(heard_at === '' ? new Date(0).toISOString() : heard_at, HEARD_EVERY) <= now;
  const isWoken = word === 'event' && (due_at > now || previous.claimed_until !== undefined);
  const hasJobs = word === 'event' && state === 'empty';
  if (!isNews && !isWoken && !hasJobs) return previous;
  return present({
    ...previous,
    ...(isNews ? told : {}),
    ...(hasJobs ? { state: 'idle' } : {}),
    ...(isWoken ? { due_at: due_at > now ? now : due_at, claimed_until: undefined } : {}),
    revision: revision + 1,
  });
};

/** The record while a sweep is under way: if that dies, the next one comes as soon as that of an active scope. */
export const claimed = (previous: ScopeRecord, now: string, { active }: ScopePeriods): ScopeRecord => {
  const due_at = later(now, active);
  return { ...previous, due_at, claimed_until: due_at, revision: previous.revision + 1 };
};

/** What a sweep of a scope found. */
export interface ScopeOutcome {
  /** When it began. */
  readonly at: string;
  readonly endedAt: string;
  /** Whether a job or a model was found. */
  readonly hasJobs: boolean;
  /** Absent where active jobs were not asked for. */
  readonly active?: { readonly count: number; readonly oldestCreationTime?: string };
  readonly creationToldAt?: string | undefined;
  /** A sweep that stopped for lack of time goes on at once. */
  readonly unfinished: boolean;
  /** Whether all jobs could not be listed, of which there may be some. */
  readonly isUnknown: boolean;
  /** False if the scope could not be asked, such as one without a role. */
  readonly reached: boolean;
  /** Why not everything was tracked, for a person. */
  readonly error?: string | undefined;
}

const stateAfter = (previous: ScopeState, { hasJobs, active, reached }: ScopeOutcome): ScopeState => {
  if (active !== undefined && active.count > 0) return 'active';
  if (!reached || (active === undefined && previous === 'active')) return previous;
  return hasJobs || previous !== 'empty' ? 'idle' : 'empty';
};

/** A scope that fails again and again is asked less and less often, as often as an idle one at last. */
const periodOf = (state: ScopeState, failures: number, periods: ScopePeriods): number => {
  const period = state === 'released' ? periods.empty : periods[state];
  if (failures === 0) return period;
  return Math.min(periods.active * 2 ** Math.min(failures - 1, 10), Math.max(periods.idle, periods.active));
};

/** When a scope that nothing names falls silent for too long; undefined for one that was never heard. */
const silentAt = ({ heard_at }: ScopeRecord, { releaseAfter }: ScopePeriods): string | undefined =>
  heard_at && later(heard_at, releaseAfter);

/** True for a scope that is not tracked any more: nothing names it, and its spoke is silent. */
export const isSilent = (record: ScopeRecord, isNamed: boolean, now: string, periods: ScopePeriods): boolean =>
  !isNamed && (silentAt(record, periods) ?? '') <= now;

/**
 * The record after a sweep. If it was not this sweep that last set when the next one is due, that comes no later: an event
 * woke the scope meanwhile, or another sweep began.
 */
export const swept = (
  previous: ScopeRecord,
  outcome: ScopeOutcome,
  isNamed: boolean,
  periods: ScopePeriods,
): ScopeRecord => {
  const { at, endedAt, active, creationToldAt, unfinished, isUnknown, reached, error } = outcome;
  const failures = reached ? 0 : (previous.failures ?? 0) + 1;
  const state = stateAfter(previous.state, outcome);
  const claim = later(at, periods.active);
  const isLast = previous.claimed_until === claim;
  const pace = isUnknown && state === 'empty' ? 'idle' : state;
  const next = unfinished ? claim : later(at, periodOf(pace, failures, periods));
  const silent = isNamed ? undefined : silentAt(previous, periods);
  const due = silent !== undefined && silent < next && silent > at ? silent : next;
  const { failing_since, failures: _f, error: _e, active_jobs, oldest_active_at, ...rest } = previous;
  const known = active === undefined ? { active_jobs, oldest_active_at } : countsOf(active);
  return present({
    ...rest,
    state,
    due_at: isLast || due < previous.due_at ? due : previous.due_at,
    claimed_until: isLast ? undefined : previous.claimed_until,
    revision: previous.revision + 1,
    ...known,
    creation_told_at: creationToldAt ?? previous.creation_told_at,
    ...(reached ? {} : { failing_since: failing_since ?? endedAt, failures }),
    ...(error === undefined ? { swept_at: endedAt } : { error }),
  });
};

const countsOf = ({ count, oldestCreationTime }: NonNullable<ScopeOutcome['active']>) => ({
  active_jobs: count === 0 ? undefined : count,
  oldest_active_at: oldestCreationTime,
});

/** The record of a scope that is not tracked any more: a mark, which the next word about it removes. */
export const released = (previous: ScopeRecord, now: string): ScopeRecord => {
  const { scope, registered_at, heard_at, swept_at, creation_told_at } = previous;
  const revision = previous.revision + 1;
  return present({
    scope,
    state: 'released',
    due_at: now,
    revision,
    registered_at,
    heard_at,
    swept_at,
    creation_told_at,
    released_at: now,
  });
};

/** The longest that a run takes: Lambda ends it. */
const LONGEST_RUN = 15 * MINUTE;
/** As the alarms have it: sweeps that are frequent may fail three times. */
export const threeOf = (period: number): number => Math.max(3 * period, LONGEST_RUN);

/**
 * True where sweeps are missing: one should have begun two turns ago, or none ended for three periods though none failed. A
 * sweep that dies again and again puts off when the next is due.
 */
export const isLate = (
  { state, due_at, swept_at, failing_since, error }: ListedScope,
  now: string,
  periods: ScopePeriods,
): boolean => {
  if (state === 'released' || failing_since !== undefined) return false;
  const isOld = error === undefined && swept_at !== undefined && later(swept_at, threeOf(periods[state])) < now;
  return isOld || later(due_at, 2 * periods.active) < now;
};
