import { canonicalJson, compareText } from './text.ts';
import { isTerminal, type JobRecord, type JobSnapshot } from './record.ts';
import { withSnapshot, type History } from './transitions.ts';

/** What a snapshot does to a record: a new version to write, or nothing. */
export type Advance =
  { readonly outcome: 'created' | 'updated'; readonly record: JobRecord } | { readonly outcome: 'unchanged' | 'stale' };

type Kept = Omit<JobRecord, keyof JobSnapshot>;
type Sighted = Pick<JobSnapshot, 'fetched_at' | 'observed_via'>;

const snapshotOf = (record: JobRecord): JobSnapshot => {
  const kept: Record<keyof Kept, undefined> = {
    transitions: undefined,
    transitions_folded: undefined,
    first_seen_at: undefined,
    revision: undefined,
    missing_since: undefined,
    untracked_since: undefined,
    listed_as: undefined,
    active_scope: undefined,
  };
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => !Object.hasOwn(kept, name)),
  ) as unknown as JobSnapshot;
};

const contentOf = (snapshot: JobSnapshot): string =>
  canonicalJson({ ...snapshot, fetched_at: undefined, observed_via: undefined } satisfies Record<
    keyof Sighted,
    undefined
  >);

/**
 * Orders two snapshots of a job: a terminal one is newer, then the later last_modified_time, then (tags and metrics
 * change without it) the later fetch. 0 only for the same content.
 */
const compareSnapshots = (a: JobSnapshot, b: JobSnapshot): number => {
  const content = { a: contentOf(a), b: contentOf(b) };
  if (content.a === content.b) return 0;
  return (
    Number(isTerminal(a)) - Number(isTerminal(b)) ||
    compareText(a.last_modified_time ?? '', b.last_modified_time ?? '') ||
    compareText(a.fetched_at, b.fetched_at) ||
    compareText(content.a, content.b)
  );
};

const earlierFetch = (a: JobSnapshot, b: JobSnapshot): JobSnapshot => (b.fetched_at < a.fetched_at ? b : a);

const historyOf = (record: JobRecord): History => ({
  transitions: record.transitions,
  folded: record.transitions_folded ?? 0,
});

/** What keeps a record out of the active index: Bedrock has no such job, or its scope is not tracked. */
type Marks = Pick<JobRecord, 'missing_since' | 'untracked_since'>;

const marksOf = ({ missing_since, untracked_since }: JobRecord): Marks => ({
  ...(missing_since === undefined ? {} : { missing_since }),
  ...(untracked_since === undefined ? {} : { untracked_since }),
});

/** The marks that a look does not remove: those set at its time or later. */
const marksAt = (marks: Marks, lookedAt: string): Marks =>
  Object.fromEntries(Object.entries(marks).filter(([, since]) => lookedAt <= since));

/** Builds a record. Derived fields are derived here alone. */
const recordOf = (
  snapshot: JobSnapshot,
  history: History,
  kept: { firstSeenAt: string; marks: Marks; listedAs: string | undefined; revision: number },
): JobRecord => ({
  ...snapshot,
  transitions: history.transitions,
  ...(history.folded > 0 ? { transitions_folded: history.folded } : {}),
  first_seen_at: kept.firstSeenAt,
  revision: kept.revision,
  ...kept.marks,
  ...(kept.listedAs === undefined ? {} : { listed_as: kept.listedAs }),
  ...(isTerminal(snapshot) || Object.keys(kept.marks).length > 0 ? {} : { active_scope: snapshot.scope }),
});

const sameButRevision = (a: JobRecord, b: JobRecord): boolean =>
  canonicalJson({ ...a, revision: 0 }) === canonicalJson({ ...b, revision: 0 });

/**
 * Joins a snapshot into a record. Idempotent, monotone and independent of order: any sequence of the same snapshots ends
 * in the same record (`revision` counts the writes on the way). An older snapshot still adds its transitions.
 */
export const advance = (previous: JobRecord | undefined, snapshot: JobSnapshot): Advance => {
  if (previous === undefined) {
    const history = withSnapshot(undefined, snapshot, true);
    const kept = { firstSeenAt: snapshot.fetched_at, marks: {}, listedAs: undefined, revision: 1 };
    return { outcome: 'created', record: recordOf(snapshot, history, kept) };
  }
  const held = snapshotOf(previous);
  const order = compareSnapshots(snapshot, held);
  const winner = order === 0 ? earlierFetch(held, snapshot) : order > 0 ? snapshot : held;
  const record = recordOf(winner, withSnapshot(historyOf(previous), snapshot, order > 0), {
    firstSeenAt: snapshot.fetched_at < previous.first_seen_at ? snapshot.fetched_at : previous.first_seen_at,
    marks: marksAt(marksOf(previous), snapshot.fetched_at),
    listedAs: previous.listed_as,
    revision: previous.revision + 1,
  });
  if (!sameButRevision(record, previous)) return { outcome: 'updated', record };
  return { outcome: order < 0 ? 'stale' : 'unchanged' };
};

/** Joins several snapshots in one write, as after a lost race. */
export const advanceAll = (previous: JobRecord | undefined, snapshots: readonly JobSnapshot[]): Advance => {
  let outcome: Advance['outcome'] = 'unchanged';
  let record = previous;
  for (const snapshot of snapshots) {
    const decision = advance(record, snapshot);
    if ('record' in decision) record = decision.record;
    ({ outcome } = decision);
  }
  if (record === undefined || record === previous) return { outcome: outcome === 'stale' ? 'stale' : 'unchanged' };
  const revision = (previous?.revision ?? 0) + 1;
  return { outcome: previous === undefined ? 'created' : 'updated', record: { ...record, revision } };
};

const withMarks = (previous: JobRecord, marks: Marks): Advance => {
  const { first_seen_at: firstSeenAt, listed_as: listedAs } = previous;
  const kept = { firstSeenAt, marks, listedAs, revision: previous.revision + 1 };
  return { outcome: 'updated', record: recordOf(snapshotOf(previous), historyOf(previous), kept) };
};

/**
 * Marks the record of a job that Bedrock did not know at a time: it stays, and leaves the active index. An older mark
 * `untracked_since` goes, as somebody looked. An observation older than the record changes nothing.
 */
export const advanceMissing = (previous: JobRecord, observedAt: string): Advance => {
  const { missing_since = observedAt } = previous;
  const { untracked_since } = marksAt(marksOf(previous), observedAt);
  if (missing_since === previous.missing_since && untracked_since === previous.untracked_since) {
    return { outcome: 'unchanged' };
  }
  if (observedAt < previous.fetched_at) return { outcome: 'stale' };
  return withMarks(previous, { missing_since, ...(untracked_since === undefined ? {} : { untracked_since }) });
};

/**
 * Marks the record of a job whose scope is not tracked from a time on: it stays, and leaves the active index. A record
 * that holds a later look changes nothing: somebody tracks its scope.
 */
export const advanceUntracked = (previous: JobRecord, at: string): Advance => {
  if (previous.untracked_since !== undefined) return { outcome: 'unchanged' };
  if (at < previous.fetched_at) return { outcome: 'stale' };
  return withMarks(previous, { ...marksOf(previous), untracked_since: at });
};

/** Remembers how Bedrock lists a job for which a look changed nothing. */
export const advanceListed = (previous: JobRecord, listedAs: string): Advance =>
  previous.listed_as === listedAs
    ? { outcome: 'unchanged' }
    : { outcome: 'updated', record: { ...previous, listed_as: listedAs, revision: previous.revision + 1 } };

/** True where the job's own status (not a sub-task's) differs between a record and the one before it. */
export const changedStatus = (previous: JobRecord | undefined, record: JobRecord): boolean =>
  previous?.status !== record.status;
