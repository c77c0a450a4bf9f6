import type { ObservedVia } from './record.ts';

/** One observed status: of the resource itself, of one of its phases (`task`), or of what serves it (`resource`). */
export interface Sighting {
  readonly resource?: string;
  readonly task?: string;
  readonly to: string;
  readonly at: string;
  readonly observed_at: string;
  readonly via: ObservedVia;
  /** Of a status that is not known: the resource had ended when it was seen. */
  readonly final?: true;
}

/** A sighting with the status before it. All of one resource and task are a chain. */
export interface Change extends Sighting {
  readonly from: string | null;
}

/** Why a record is no longer followed: Bedrock has no such resource, or its scope is not tracked. */
export interface Marks {
  readonly missing_since?: string;
  readonly untracked_since?: string;
}

/** What one look at Bedrock showed. */
export interface Snapshot {
  readonly scope: string;
  readonly status?: string;
  readonly creation_time?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fetched_at: string;
  readonly observed_via: ObservedVia;
}

/** What the tracker keeps beside a snapshot. */
export interface Kept extends Marks {
  readonly transitions: readonly Change[];
  readonly transitions_folded?: number;
  readonly first_seen_at: string;
  readonly revision: number;
  readonly listed_as?: string;
}

type Key = 'job_arn' | 'model_arn';
type Keyed = { readonly [Name in Key]?: string };

/** A resource as a list shows it. */
export interface Listed extends Keyed {
  readonly status?: string;
  readonly creation_time?: string;
  readonly last_modified_time?: string;
  /** What cannot be read of the listed resource, as a sentence. */
  readonly problem?: string;
  /** True where the list of its kind lacks it: only other lists show something of it, if any. */
  readonly unlisted?: true;
}

/** The fields of a record, from an index, that sweeps compare. */
export interface Tracked extends Listed, Marks {
  readonly tags?: Snapshot['tags'];
}

export interface History {
  readonly transitions: readonly Change[];
  /** How many older transitions were folded away. */
  readonly folded: number;
}

/** What a record is made of, besides its snapshot: also the record before, and the older of the joined looks. */
export interface Parts<S, R> {
  readonly history: History;
  readonly marks: Marks;
  readonly previous: R | undefined;
  readonly older?: S | undefined;
}

export type Beside = 'stays' | 'mark' | 'derived';

export type AnyRecord = Snapshot & Kept;

/**
 * What sets one kind of resource apart. The rules (join, history, drift, sweep, release) stand once, for every kind: jobs
 * (`job-kind.ts`) and models (`model-kind.ts`). Methods, so that the kernel can take any kind as one of `AnyRecord`.
 */
export interface Kind<S extends Snapshot = Snapshot, R extends S & Kept = S & Kept> {
  /** The attribute with the ARN: the key of the table. */
  readonly key: Key;
  /** Grows whenever the same answers of Bedrock make another record than before: sweeps then look at everything again. */
  readonly version: number;
  /** All that a record has beside its snapshot. A look leaves as it is what stays, and removes older marks. */
  readonly beside: Readonly<Record<string, Beside>>;
  /**
   * Whether a look that shows the same again leaves `fetched_at` as it is. Without times of Bedrock's own, only the last
   * look tells an old state from one that came back.
   */
  readonly keepsFirstFetch: boolean;
  /** What a look showed of a record's snapshot, if the record shows more of it. */
  shownOf?(snapshot: S): S;
  /** Orders snapshots with different content by what Bedrock says of them. The later fetch decides where this is 0. */
  compare(a: S, b: S): number;
  /** What the newer of two snapshots takes from the older. */
  merge?(newer: S, older: S): S;
  sightingsOf(snapshot: S, history: History): Sighting[];
  /** Within a chain, a lower rank comes first, whatever the times say. */
  rank(sighting: Sighting): number;
  /** When a status began that the newest snapshot shows again. */
  returnedAt(snapshot: S, sighting: Sighting, last: Change): string;
  /** Orders chains whose transitions have the same time. */
  compareChains(a: Change, b: Change): number;
  /** What serves the resource: the chain of any other one ends as `Removed`. */
  servedBy?(snapshot: S): ReadonlySet<string>;
  /** The attributes that follow from the rest, such as keys of sparse indexes. */
  derive(snapshot: S, parts: Parts<S, R>): Partial<R>;
  /** Whether a write shows a status that no write showed before. */
  hasChanged(previous: R | undefined, record: R): boolean;
  /** Whether a list shows another state than a record, apart from marks. */
  differs(listed: Listed, tracked: Tracked): boolean;
  /** What sweeps compare of a listed resource, as one string. */
  listing(listed: Listed): string;
  /** Whether the resource can no longer change, and is listed like that. */
  isSettled(record: R, listed: Listed): boolean;
}

/** A status that the tracker gives: Bedrock no longer shows the model, or what serves it. */
export const REMOVED = 'Removed';

/** The ARN of a snapshot, a record, or a listed resource. */
export const arnOf = ({ key }: { readonly key: Key }, one: object): string => (one as Keyed)[key] ?? '';
