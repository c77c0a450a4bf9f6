import { type AdvanceOf, rulesOf } from '../domain/advance.ts';
import { driftOf } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { type AnyRecord, arnOf, type Kind, type Listed, type Sighting, type Snapshot } from '../domain/kind.ts';
import { storedTags } from '../domain/normalize.ts';
import type { ObservedVia } from '../domain/record.ts';
import { canonicalJson } from '../domain/text.ts';
import type { Clock, ListQuery, RecordStore } from './ports.ts';

export interface TrackRequest {
  /** A full ARN, or a name. */
  readonly identifier: string;
  /** The id of the resource, if known: a request by name must find this one. */
  readonly id?: string | undefined;
  readonly via: Exclude<ObservedVia, 'backfill'>;
  /** When the scope was first swept, ISO-8601 UTC: a sweep backfills what was created before. */
  readonly firstSweptAt?: string | undefined;
  /** How Bedrock lists the resource: no look is made if an earlier one, listed the same, changed nothing. */
  readonly listed?: Listed | undefined;
  /** Without a look, compare the tags of a resource modified since, ISO-8601 UTC. @default never */
  readonly tagsSince?: string | undefined;
}

/** What Bedrock lists of one kind in a scope. */
export interface ResourceList {
  /** Newest first, or only what was created before a time. */
  readonly listed: (query: ListQuery) => AsyncIterable<Listed>;
  /** What other lists show of a resource that its own list lacks; to be asked while `listed` is read. */
  readonly unlisted?: (arn: string) => Listed;
  /** What only other lists show, once `listed` has been read. */
  readonly rest?: () => readonly Listed[];
}

/** One kind of resource in one scope: its rules, its table, and how Bedrock is asked. */
export interface Tracker {
  readonly scope: Scope;
  readonly kind: Kind;
  readonly store: RecordStore<AnyRecord>;
  readonly clock: Clock;
  isArn(identifier: string): boolean;
  listTags(arn: string): Promise<Snapshot['tags']>;
  /** Undefined if Bedrock shows nothing of a resource that has no record. */
  look(request: TrackRequest, before: AnyRecord | undefined): Promise<Snapshot | undefined>;
  list(): ResourceList;
  /** Writes what leads to the record, before it. */
  beforeWrite?(previous: AnyRecord | undefined, record: AnyRecord): Promise<void>;
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
  { via, firstSweptAt = '' }: TrackRequest,
  previous: AnyRecord | undefined,
  { creation_time }: Snapshot,
): ObservedVia =>
  via === 'sweep' && previous === undefined && creation_time !== undefined && creation_time < firstSweptAt
    ? 'backfill'
    : via;

/** Whether a look would change nothing: one with the same listing did not, and the tags are the same. */
const isKnown = async (
  { kind, ...tracker }: Tracker,
  { listed, tagsSince }: TrackRequest,
  record: AnyRecord | undefined,
): Promise<boolean> => {
  if (listed === undefined || record === undefined || !driftOf(kind).isListedAsBefore(record, listed)) return false;
  const { tags, creation_time = '', last_modified_time = creation_time }: Snapshot & Listed = record;
  const areTagsDue = tagsSince !== undefined && last_modified_time >= tagsSince;
  return !areTagsDue || canonicalJson(storedTags(await tracker.listTags(arnOf(kind, record)))) === canonicalJson(tags);
};

type Written = Omit<TrackedOutcome, 'via'>;

/** Undefined: another writer was faster. */
const write = async (
  tracker: Tracker,
  arn: string,
  previous: AnyRecord | undefined,
  decision: AdvanceOf<AnyRecord>,
): Promise<Written | undefined> => {
  const { outcome } = decision;
  if (!('record' in decision)) return { arn, outcome, status: previous?.status, statusChanged: false };
  const { record } = decision;
  await tracker.beforeWrite?.(previous, record);
  if ((await tracker.store.put(record)) === 'conflict') return undefined;
  return { arn, outcome, status: record.status, statusChanged: tracker.kind.hasChanged(previous, record) };
};

/** The decision, or, if a look changed nothing, that List and Get differ for this resource. */
const rememberListing = (
  { kind, clock }: Tracker,
  decision: AdvanceOf<AnyRecord>,
  previous: AnyRecord | undefined,
  { listed }: TrackRequest,
): AdvanceOf<AnyRecord> => {
  if (decision.outcome !== 'unchanged' || previous === undefined || listed === undefined) return decision;
  return driftOf(kind).showsLastingDifference(previous, listed, clock())
    ? rulesOf(kind).advanceListed(previous, kind.listing(listed))
    : decision;
};

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
export const track = async (tracker: Tracker, request: TrackRequest): Promise<TrackedOutcome> => {
  const { kind, store } = tracker;
  const snapshots: Snapshot[] = [];
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
    const seen = snapshots.map((one) => ({ ...one, observed_via: via }));
    const decision = rulesOf(kind).advanceAll(previous, seen);
    const written = await write(tracker, arn, previous, rememberListing(tracker, decision, previous, request));
    if (written !== undefined) return { ...written, outcome: decision.outcome, via };
  }
  throw contention(arn ?? request.identifier);
};

/** Changes a record without a look, by compare-and-swap. One read, and a write if something is new. */
export const changeRecord = async (
  tracker: Tracker,
  arn: string,
  change: (previous: AnyRecord, rules: ReturnType<typeof rulesOf>) => AdvanceOf<AnyRecord>,
): Promise<Written> => {
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const previous = await tracker.store.get(arn);
    const decision = previous === undefined ? ({ outcome: 'stale' } as const) : change(previous, rulesOf(tracker.kind));
    const outcome = await write(tracker, arn, previous, decision);
    if (outcome !== undefined) return outcome;
  }
  throw contention(arn);
};

/** Marks the record of a resource that Bedrock did not know at `observedAt`. */
export const markMissing = (tracker: Tracker, arn: string, observedAt: string): Promise<Written> =>
  changeRecord(tracker, arn, (previous, { advanceMissing }) => advanceMissing(previous, observedAt));

/** Marks the record of a resource whose scope is not tracked. */
export const release = (tracker: Tracker, arn: string, at: string): Promise<Written> =>
  changeRecord(tracker, arn, (previous, { advanceUntracked }) => advanceUntracked(previous, at));

/** Writes what a record holds beside its snapshot, such as its use. `measure` says what is new; undefined for nothing. */
export const writeBeside = (
  tracker: Tracker,
  arn: string,
  measure: (previous: AnyRecord) => { stays: object; sightings: readonly Sighting[] } | undefined,
): Promise<Written> =>
  changeRecord(tracker, arn, (previous, { advanceBeside }) => {
    const found = measure(previous);
    return found === undefined ? { outcome: 'unchanged' } : advanceBeside(previous, found.stays, found);
  });
