import { JOBS } from './job-kind.ts';
import { canonicalJson, compareText } from './text.ts';
import type { Beside, History, Kept, Kind, Marks, Sighting, Snapshot } from './kind.ts';
import { addChanges, addSightings } from './transitions.ts';

/** What a snapshot does to a record: a new version to write, or nothing. A look that showed the same again may be kept. */
export type AdvanceOf<R> =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly record: R }
  | { readonly outcome: 'unchanged' | 'stale' };

const contentOf = (document: object): string =>
  canonicalJson({ ...document, fetched_at: undefined, observed_via: undefined, revision: undefined });

const historyOf = ({
  transitions,
  transitions_folded = 0,
}: Pick<Kept, 'transitions' | 'transitions_folded'>): History => ({
  transitions,
  folded: transitions_folded,
});

/** The marks that a look does not remove: those set at its time or later. */
const marksAt = (marks: Marks, lookedAt: string): Marks =>
  Object.fromEntries(Object.entries(marks).filter(([, since]) => lookedAt <= String(since)));

/** The rules of a record, for one kind of resource. */
export const rulesOf = <S extends Snapshot, R extends S & Kept>(kind: Kind<S, R>) => {
  const fieldsOf = (record: R, belongs: (use: Beside | undefined) => boolean) =>
    Object.fromEntries(
      // A field of Bedrock may be called as one that every object inherits.
      Object.entries(record).filter(([name]) =>
        belongs(Object.hasOwn(kind.beside, name) ? kind.beside[name] : undefined),
      ),
    );
  const snapshotOf = (record: R): S => {
    const snapshot = fieldsOf(record, (use) => use === undefined) as unknown as S;
    return kind.shownOf?.(snapshot) ?? snapshot;
  };

  const marksOf = (record: R): Marks => fieldsOf(record, (use) => use === 'mark');

  /** Positive if `a` is newer. 0 only for the same content, from the same look where the last look counts. */
  const compareSnapshots = (a: S, b: S): number => {
    const content = { a: contentOf(a), b: contentOf(b) };
    if (kind.keepsFirstFetch && content.a === content.b) return 0;
    return kind.compare(a, b) || compareText(a.fetched_at, b.fetched_at) || compareText(content.a, content.b);
  };

  /** Builds a record. Derived fields are derived here alone. */
  const recordOf = (
    snapshot: S,
    {
      history,
      firstSeenAt,
      marks,
      previous,
      older,
      stays = {},
    }: {
      readonly history: History;
      readonly firstSeenAt: string;
      readonly marks: Marks;
      readonly previous: R | undefined;
      readonly older?: S;
      readonly stays?: object;
    },
  ): R =>
    ({
      ...snapshot,
      transitions: history.transitions,
      ...(history.folded > 0 ? { transitions_folded: history.folded } : {}),
      first_seen_at: firstSeenAt,
      revision: (previous?.revision ?? 0) + 1,
      ...marks,
      ...(previous && fieldsOf(previous, (use) => use === 'stays')),
      ...stays,
      ...kind.derive(snapshot, { history, marks, previous: previous && { ...previous, ...stays }, older }),
    }) as unknown as R;

  /**
   * Joins a snapshot into a record. Idempotent, monotone and independent of order: any sequence of the same snapshots
   * ends in the same record (`revision` counts the writes on the way). An older snapshot still adds its transitions.
   */
  const advance = (previous: R | undefined, snapshot: S): AdvanceOf<R> => {
    if (previous === undefined) {
      const history = addSightings(kind, { transitions: [], folded: 0 }, { snapshot, shown: snapshot, isNewest: true });
      const record = recordOf(snapshot, { history, firstSeenAt: snapshot.fetched_at, marks: {}, previous });
      return { outcome: 'created', record };
    }
    const held = snapshotOf(previous);
    const order = compareSnapshots(snapshot, held);
    const isNewest = order === 0 ? snapshot.fetched_at < held.fetched_at : order > 0;
    const [newer, older] = isNewest ? [snapshot, held] : [held, snapshot];
    const shown = kind.merge?.(newer, older) ?? newer;
    const record = recordOf(shown, {
      history: addSightings(kind, historyOf(previous), { snapshot, shown, isNewest: order > 0 }),
      firstSeenAt: snapshot.fetched_at < previous.first_seen_at ? snapshot.fetched_at : previous.first_seen_at,
      marks: marksAt(marksOf(previous), snapshot.fetched_at),
      previous,
      older,
    });
    const comparable = ({ ...fields }: R) => canonicalJson({ ...fields, revision: 0 });
    if (comparable(record) === comparable(previous)) return { outcome: order < 0 ? 'stale' : 'unchanged' };
    const isConfirmed = !kind.keepsFirstFetch && contentOf(record) === contentOf(previous);
    return { outcome: isConfirmed ? 'unchanged' : 'updated', record };
  };

  /** Joins several snapshots in one write, as after a lost race. */
  const advanceAll = (previous: R | undefined, snapshots: readonly S[]): AdvanceOf<R> => {
    let outcome: AdvanceOf<R>['outcome'] = 'unchanged';
    let record = previous;
    let hasChanged = false;
    for (const snapshot of snapshots) {
      const decision = advance(record, snapshot);
      if ('record' in decision) ({ record } = decision);
      hasChanged ||= decision.outcome === 'created' || decision.outcome === 'updated';
      ({ outcome } = decision);
    }
    if (record === undefined || record === previous) return { outcome: outcome === 'stale' ? 'stale' : 'unchanged' };
    const written = { ...record, revision: (previous?.revision ?? 0) + 1 };
    if (previous === undefined) return { outcome: 'created', record: written };
    return { outcome: hasChanged ? 'updated' : 'unchanged', record: written };
  };

  /** Replaces what the record holds beside its snapshot, and adds transitions. */
  const advanceBeside = (
    previous: R,
    stays: Partial<R>,
    { marks = marksOf(previous), sightings = [] }: { marks?: Marks; sightings?: readonly Sighting[] } = {},
  ): AdvanceOf<R> => {
    const history = addChanges(kind, historyOf(previous), sightings);
    const { first_seen_at: firstSeenAt } = previous;
    const record = recordOf(snapshotOf(previous), { history, firstSeenAt, marks, previous, stays });
    return contentOf(record) === contentOf(previous) ? { outcome: 'unchanged' } : { outcome: 'updated', record };
  };

  /**
   * Marks the record of a resource that Bedrock did not know at a time: it stays, and leaves the sparse indexes. An
   * older mark `untracked_since` goes, as somebody looked. An observation older than the record changes nothing.
   */
  const advanceMissing = (previous: R, observedAt: string): AdvanceOf<R> => {
    const { missing_since = observedAt } = previous;
    const { untracked_since } = marksAt(marksOf(previous), observedAt);
    if (missing_since === previous.missing_since && untracked_since === previous.untracked_since) {
      return { outcome: 'unchanged' };
    }
    if (observedAt < previous.fetched_at) return { outcome: 'stale' };
    const marks = { missing_since, ...(untracked_since === undefined ? {} : { untracked_since }) };
    return advanceBeside(previous, {}, { marks });
  };

  /**
   * Marks the record of a resource whose scope is not tracked from a time on: it stays, and leaves the sparse indexes. A
   * record that holds a later look changes nothing: somebody tracks its scope.
   */
  const advanceUntracked = (previous: R, at: string): AdvanceOf<R> => {
    if (previous.untracked_since !== undefined) return { outcome: 'unchanged' };
    if (at < previous.fetched_at) return { outcome: 'stale' };
    return advanceBeside(previous, {}, { marks: { ...marksOf(previous), untracked_since: at } });
  };

  /** Remembers how Bedrock lists a resource for which a look changed nothing. */
  const advanceListed = (previous: R, listedAs: string): AdvanceOf<R> =>
    advanceBeside(previous, { listed_as: listedAs } as unknown as Partial<R>);

  return { advance, advanceAll, advanceBeside, advanceMissing, advanceUntracked, advanceListed };
};

export const { advance, advanceAll, advanceBeside, advanceMissing, advanceUntracked, advanceListed } = rulesOf(JOBS);
