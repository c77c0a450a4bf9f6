import type { ListedJob, TrackedJob } from '../domain/drift.ts';
import type { BedrockAnswer } from '../domain/normalize.ts';
import type { JobRecord, JobStatus } from '../domain/record.ts';
import type { Scope } from '../domain/identity.ts';
import type { SweepKind, SweepState } from './sweep-state.ts';

/** Bedrock's customization jobs of one scope. */
export interface BedrockJobs {
  /**
   * GetModelCustomizationJob by full ARN or name. One call.
   * Throws JOB_NOT_FOUND, ACCESS_DENIED, INVALID_JOB, or the SDK's error after its retries.
   */
  getJob(jobIdentifier: string): Promise<BedrockAnswer>;
  /** The tags of a job by full ARN. One call; errors as `getJob`, but TAGS_NOT_FOUND for an unknown job. */
  listTags(jobArn: string): Promise<Readonly<Record<string, string>>>;
  /** The jobs of the scope, newest first, read page by page (one call for 1000) on demand. */
  listJobs(query: ListJobsQuery): AsyncIterable<ListedJob>;
}

export interface ListJobsQuery {
  /** Default: all. */
  readonly status?: JobStatus;
  /** Only jobs created before this time, ISO-8601 UTC; that very millisecond may or may not be included. */
  readonly createdBefore?: string;
}

/** Throws SCOPE_NOT_TRACKED for a scope that is not configured. */
export type BedrockOf = (scope: Scope) => BedrockJobs;

/** The table of records. Reads by key are consistent; lists come from indexes, which lag a moment behind. */
export interface JobStore {
  /** One consistent read. */
  get(jobArn: string): Promise<JobRecord | undefined>;
  /**
   * Writes the record if the stored one has the previous revision (revision 1: if none is stored). `conflict`: another
   * writer was faster, and nothing was written. Throws RECORD_TOO_LARGE.
   */
  put(record: JobRecord): Promise<'written' | 'conflict'>;
  /** The active records of a scope, newest first. */
  listActive(scope: Scope): AsyncIterable<TrackedJob>;
  /** All records of a scope, newest first, or those created at or before `createdBefore`. */
  listScope(scope: Scope, query: { readonly createdBefore?: string }): AsyncIterable<TrackedJob>;
}

/** The state of one sweep of one scope. */
export interface KnownSweep {
  readonly scope: Scope;
  readonly sweep: SweepKind;
  readonly state: SweepState;
}

/** The table of sweep state, one item for each scope and kind of sweep. */
export interface SweepStore {
  /** The states of all scopes ever swept, tracked or not. One consistent read of the whole table. */
  list(): Promise<readonly KnownSweep[]>;
  get(scope: Scope, sweep: SweepKind): Promise<SweepState | undefined>;
  /**
   * Takes the lease of a sweep if it is free, and returns the previous state (empty at first). Undefined: another run
   * holds it.
   */
  acquire(scope: Scope, sweep: SweepKind, lease: Lease): Promise<SweepState | undefined>;
  /** Replaces the state. Without `lease_until` this releases the lease. */
  save(scope: Scope, sweep: SweepKind, state: SweepState): Promise<void>;
}

/** Times in ISO-8601 UTC. */
export interface Lease {
  readonly now: string;
  readonly until: string;
}

export type Clock = () => Date;
