import type { AdvanceOf, rulesOf } from '../domain/advance.ts';
import type { driftOf } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { arnOf, type Kept, type Kind, type Listed, type Sighting, type Snapshot } from '../domain/kind.ts';
import { storedTags } from '../domain/normalize.ts';
import type { ObservedVia } from '../domain/record.ts';
import { canonicalJson } from '../domain/text.ts';
import type { Clock, ListQuery, RecordStore } from './ports.ts';

export interface TrackRequest<L> {
  /** A full ARN, or a name. */
  readonly identifier: string;
  /** The id of the resource, if known: a request by name must find this one. */
  readonly id?: string | undefined;
  readonly via: Exclude<ObservedVia, 'backfill'>;
  /** When the scope was first swept, ISO-8601 UTC: a sweep backfills what was created before. */
  readonly firstSweptAt?: string | undefined;
  /** How Bedrock lists the resource: no look is made if an earlier one, listed the same, changed nothing. */
  readonly listed?: L | undefined;
  /** Without a look, compare the tags of a resource modified since, ISO-8601 UTC. @default never */
  readonly tagsSince?: string | undefined;
}

/** What Bedrock lists of one kind in a scope. */
export interface ResourceList<L> {
  /** Newest first, or only what was created before a time. */
  readonly listed: (query: ListQuery) => AsyncIterable<L>;
  /** What other lists show of a resource that its own list lacks; to be asked while `listed` is read. */
  readonly unlisted?: (arn: string) => L;
  /** What only other lists show, once `listed` has been read. */
  readonly rest?: () => readonly L[];
}

/** One kind of resource in one scope: its rules, its table, and how Bedrock is asked. */
export interface Tracker<S extends Snapshot, R extends S & Kept, L extends Listed> {
  readonly scope: Scope;
  readonly kind: Kind<S, R, L>;
  readonly rules: ReturnType<typeof rulesOf<S, R, L>>;
  readonly drift: ReturnType<typeof driftOf<S, R, L>>;
  readonly store: RecordStore<R>;
  readonly clock: Clock;
  readonly isArn: (identifier: string) => boolean;
  readonly listTags: (arn: string) => Promise<Readonly<Record<string, string>>>;
  /** Undefined if Bedrock shows nothing of a resource that has no record. */
  readonly look: (request: TrackRequest<L>, before: R | undefined) => Promise<S | undefined>;
  readonly list: () => ResourceList<L>;
  /** Writes what leads to the record, before it. */
  readonly beforeWrite?: (previous: R | undefined, record: R) => Promise<void>;
  /** Whether a write shows a status that no write showed before. */
  readonly hasChanged: (previous: R | undefined, record: R) => boolean;
}

export interface TrackedOutcome {
  readonly arn: string;
  /** `known`: no look was made, as an earlier one with the same listing changed nothing. */
  readonly outcome: AdvanceOf<unknown>['outcome'] | 'known';
  readonly status: string | undefined;
  readonly via: ObservedVia;
  /** True if this write was the first with a status. */
  readonly statusChanged: boolean;
}

/** Each lost attempt means that another writer succeeded, so a few are enough. */
const MAX_WRITE_ATTEMPTS = 10;

const contention = (arn: string): TrackerError =>
  new TrackerError(
    'WRITE_CONTENTION',
    `Other writers changed the record of ${arn} ${MAX_WRITE_ATTEMPTS} times in a row. The next delivery or sweep tries again.`,
  );

/** A new record of a resource that is older than its scope's first sweep is a backfill: no event of it was missed. */
const viaOf = (
  { via, firstSweptAt = '' }: Pick<TrackRequest<never>, 'via' | 'firstSweptAt'>,
  previous: unknown,
  { creation_time }: Pick<Snapshot, 'creation_time'>,
): ObservedVia =>
  via === 'sweep' && previous === undefined && creation_time !== undefined && creation_time < firstSweptAt
    ? 'backfill'
    : via;

/** Whether a look would change nothing: one with the same listing did not, and the tags are the same. */
const isKnown = async <S extends Snapshot, R extends S & Kept, L extends Listed>(
  { kind, drift, listTags }: Tracker<S, R, L>,
  { listed, tagsSince }: TrackRequest<L>,
  record: R | undefined,
): Promise<boolean> => {
  if (listed === undefined || record === undefined || !drift.isListedAsBefore(record, listed)) return false;
  const { tags, creation_time = '', last_modified_time = creation_time }: Snapshot & Listed = record;
  const areTagsDue = tagsSince !== undefined && last_modified_time >= tagsSince;
  return !areTagsDue || canonicalJson(storedTags(await listTags(arnOf(kind, record)))) === canonicalJson(tags);
};

type Written = Omit<TrackedOutcome, 'via'>;

/** Undefined: another writer was faster. */
const write = async <S extends Snapshot, R extends S & Kept, L extends Listed>(
  { store, beforeWrite, hasChanged }: Pick<Tracker<S, R, L>, 'store' | 'beforeWrite' | 'hasChanged'>,
  arn: string,
  previous: R | undefined,
  decision: AdvanceOf<R>,
): Promise<Written | undefined> => {
  const { outcome } = decision;
  if (!('record' in decision)) {
    return { arn, outcome, status: previous?.status, statusChanged: false };
  }
  const { record } = decision;
  await beforeWrite?.(previous, record);
  if ((await store.put(record)) === 'conflict') return undefined;
  return { arn, outcome, status: record.status, statusChanged: hasChanged(previous, record) };
};

/** The decision, or, if a look changed nothing, that List and Get differ for this resource. */
const rememberListing = <S extends Snapshot, R extends S & Kept, L extends Listed>(
  { kind, rules, drift, clock }: Tracker<S, R, L>,
  decision: AdvanceOf<R>,
  previous: R | undefined,
  { listed }: TrackRequest<L>,
): AdvanceOf<R> =>
  decision.outcome === 'unchanged' &&
  previous !== undefined &&
  listed &&
  drift.showsLastingDifference(previous, listed, clock())
    ? rules.advanceListed(previous, kind.listing(listed))
    : decision;

/**
 * Looks at one resource in Bedrock and updates its record: the only way in which Bedrock's answers are written.
 *
 * The record is read before Bedrock is called, so a successful write is newer than what it replaces, even if no time of
 * Bedrock's shows it. After a lost race it looks again, and the earlier looks still add their transitions.
 *
 * Costs a look, one consistent read, and a write if something changed; one read, and perhaps a ListTags, if a sweep
 * knows that List and Get differ. Throws what the look throws, RECORD_TOO_LARGE, WRITE_CONTENTION, or the SDK's error
 * after its retries.
 */
export const track = async <S extends Snapshot, R extends S & Kept, L extends Listed>(
  tracker: Tracker<S, R, L>,
  request: TrackRequest<L>,
): Promise<TrackedOutcome> => {
  const { kind, store, rules } = tracker;
  const snapshots: S[] = [];
  let arn = tracker.isArn(request.identifier) ? request.identifier : undefined;
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const before = arn === undefined ? undefined : await store.get(arn);
    const nothing = { status: before?.status, via: request.via, statusChanged: false } as const;
    if (arn !== undefined && (await isKnown(tracker, request, before))) return { arn, outcome: 'known', ...nothing };
    const snapshot = await tracker.look({ ...request, identifier: arn ?? request.identifier }, before);
    if (snapshot === undefined) return { arn: arn ?? request.identifier, outcome: 'unchanged', ...nothing };
    snapshots.push(snapshot);
    const found = arnOf(kind, snapshot);
    // By name, the record can only be read now; a later fetched_at shows a writer in between.
    const previous = arn === found ? before : await store.get(found);
    arn = found;
    const via = viaOf(request, previous, snapshot);
    const decision = rules.advanceAll(
      previous,
      snapshots.map((one) => ({ ...one, observed_via: via })),
    );
    const written = await write(tracker, arn, previous, rememberListing(tracker, decision, previous, request));
    if (written !== undefined) return { ...written, outcome: decision.outcome, via };
  }
  throw contention(arn ?? request.identifier);
};

type Marker<S extends Snapshot, R extends S & Kept, L extends Listed> = Pick<
  Tracker<S, R, L>,
  'store' | 'rules' | 'beforeWrite' | 'hasChanged'
>;

/** Changes a record without a look. One read, and a write if something is new. */
export const changeRecord = async <S extends Snapshot, R extends S & Kept, L extends Listed>(
  tracker: Marker<S, R, L>,
  arn: string,
  change: (previous: R) => AdvanceOf<R>,
): Promise<Written> => {
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const previous = await tracker.store.get(arn);
    const decision: AdvanceOf<R> = previous === undefined ? { outcome: 'stale' } : change(previous);
    const outcome = await write(tracker, arn, previous, decision);
    if (outcome !== undefined) return outcome;
  }
  throw contention(arn);
};

/** Marks the record of a resource that Bedrock did not know at `observedAt`. */
export const markMissing = <S extends Snapshot, R extends S & Kept, L extends Listed>(
  tracker: Marker<S, R, L>,
  arn: string,
  observedAt: string,
): Promise<Written> => changeRecord(tracker, arn, (previous) => tracker.rules.advanceMissing(previous, observedAt));

/** Marks the record of a resource whose scope is not tracked. */
export const release = <S extends Snapshot, R extends S & Kept, L extends Listed>(
  tracker: Marker<S, R, L>,
  arn: string,
  at: string,
): Promise<Written> => changeRecord(tracker, arn, (previous) => tracker.rules.advanceUntracked(previous, at));

/** What is measured of a resource, besides how it stands. */
export type Beside<R> = { readonly stays: Partial<R>; readonly sightings?: readonly Sighting[] };

/** Writes what a record holds beside its snapshot, such as its use, by compare-and-swap. */
export const writeBeside = <S extends Snapshot, R extends S & Kept, L extends Listed>(
  tracker: Marker<S, R, L>,
  arn: string,
  measure: (previous: R) => Beside<R> | undefined,
): Promise<Written> =>
  changeRecord(tracker, arn, (previous) => {
    const found = measure(previous);
    return found === undefined
      ? { outcome: 'unchanged' }
      : tracker.rules.advanceBeside(previous, found.stays, { sightings: found.sightings ?? [] });
  });
