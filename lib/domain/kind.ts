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

/** A resource as a list shows it. */
export interface Listed {
  readonly status?: string;
  readonly creation_time?: string;
  readonly last_modified_time?: string;
  /** What cannot be read of the listed resource, as a sentence. */
  readonly problem?: string;
  /** True where the list of its kind lacks it: only other lists show something of it, if any. */
  readonly unlisted?: true;
}

export interface History {
  readonly transitions: readonly Change[];
  /** How many older transitions were folded away. */
  readonly folded: number;
}

/** What a record is made of, besides its snapshot. */
export interface Parts<S, R> {
  readonly history: History;
  readonly marks: Marks;
  /** The record before, and the look that lost against it or that it lost against. */
  readonly previous: R | undefined;
  readonly other: S | undefined;
}

export type Beside = 'stays' | 'mark' | 'derived';

/**
 * What sets one kind of resource apart. The rules (join, history, drift, sweep, release) stand once, for every kind: jobs
 * (`job-kind.ts`) and models (`model-kind.ts`).
 */
export interface Kind<S extends Snapshot, R extends S & Kept, L extends Listed> {
  /** The attribute with the ARN: the key of the table. */
  readonly key: Key;
  /** What the records are of, in messages. */
  readonly noun: string;
  /** Grows whenever the same answers of Bedrock make another record than before: sweeps then look at everything again. */
  readonly version: number;
  /** All that a record has beside its snapshot: what a look leaves as it is, marks that a later look removes, and the rest. */
  readonly beside: Readonly<Record<Exclude<keyof R, keyof S>, Beside>>;
  /** What a look showed of a record's snapshot, if the record shows more of it. */
  readonly shownOf?: (snapshot: S) => S;
  /**
   * Orders two snapshots with different content. The later fetch decides where this is 0. Bedrock's own times come
   * first, where it has any.
   */
  readonly compare: (a: S, b: S) => number;
  /**
   * Whether a look that shows the same again leaves `fetched_at` as it is. Without times of Bedrock's own, only the last
   * look tells an old state from one that came back.
   */
  readonly keepsFirstFetch: boolean;
  /** What the newer of two snapshots takes from the older. */
  readonly merge?: (newer: S, older: S) => S;
  readonly sightingsOf: (snapshot: S, history: History) => Sighting[];
  /** Within a chain, a lower rank comes first, whatever the times say. */
  readonly rank: (sighting: Sighting) => number;
  /** When a status began that the newest snapshot shows again. */
  readonly returnedAt: (snapshot: S, sighting: Sighting, last: Change) => string;
  /** Orders chains whose transitions have the same time. */
  readonly compareChains: (a: Change, b: Change) => number;
  /** What serves the resource: a chain of any other one ends as `Removed`. */
  readonly servedBy?: (snapshot: S) => ReadonlySet<string>;
  /** The attributes that follow from the rest, such as keys of sparse indexes. */
  readonly derive: (snapshot: S, parts: Parts<S, R>) => Partial<R>;
  /** Whether a list shows another state than a record, apart from marks. */
  readonly differs: (listed: L, tracked: Partial<R>) => boolean;
  /** What sweeps compare of a listed resource, as one string. */
  readonly listing: (listed: L) => string;
  /** Whether the resource can no longer change, and is listed like that. */
  readonly isSettled: (record: R, listed: L) => boolean;
}

/** A status that the tracker gives: Bedrock no longer shows the model, or what serves it. */
export const REMOVED = 'Removed';

type Key = 'job_arn' | 'model_arn';

/** The ARN of a snapshot, a record, or a listed resource. */
export const arnOf = ({ key }: { readonly key: Key }, one: object): string =>
  (one as { readonly [Name in Key]?: string })[key] ?? '';
