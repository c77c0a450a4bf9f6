import type { ListedJob, TrackedJob } from '../domain/drift.ts';
import type { BedrockAnswer } from '../domain/normalize.ts';
import type { JobRecord, JobStatus } from '../domain/record.ts';
import type { Scope } from '../domain/identity.ts';
import type { SweepKind, SweepState } from './sweep-state.ts';

/** Bedrock's customization jobs of one scope. */
export interface BedrockJobs {
  /**
   * One job by full ARN or name, as GetModelCustomizationJob answers. One call.
   * Throws JOB_NOT_FOUND, ACCESS_DENIED or INVALID_JOB; throttling that outlasts the SDK's retries comes as it is.
   */
  getJob(jobIdentifier: string): Promise<BedrockAnswer>;
  /** The tags of a job by full ARN. One call; errors as `getJob`, but TAGS_NOT_FOUND where there is nothing to tag. */
  listTags(jobArn: string): Promise<Readonly<Record<string, string>>>;
  /** The jobs of the scope, newest first, read page by page (one call for 1000) as they are asked for. */
  listJobs(query: ListJobsQuery): AsyncIterable<ListedJob>;
}

export interface ListJobsQuery {
  /** One status; all where absent. */
  readonly status?: JobStatus;
  /** Only jobs created before this time, ISO-8601 UTC; that very millisecond may or may not be included. */
  readonly createdBefore?: string;
}

/** Bedrock of a scope. Throws SCOPE_NOT_TRACKED for a scope that is not configured. */
export type BedrockOf = (scope: Scope) => BedrockJobs;

/** The table of records. Reads by key are consistent; the lists come from indexes and may lag behind by moments. */
export interface JobStore {
  /** One consistent read. */
  get(jobArn: string): Promise<JobRecord | undefined>;
  /**
   * Writes the record where the stored one has the revision before it (revision 1: where none is stored).
   * `conflict` means that another writer was faster and nothing was written. Throws RECORD_TOO_LARGE.
   */
  put(record: JobRecord): Promise<'written' | 'conflict'>;
  /** The records of a scope that are not terminal, newest first. */
  listActive(scope: Scope): AsyncIterable<TrackedJob>;
  /** All records of a scope, newest first; with `createdBefore` only those created before or at that time. */
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
  /** The states of all scopes that were ever swept, tracked ones and others. One consistent read of the whole table. */
  list(): Promise<readonly KnownSweep[]>;
  get(scope: Scope, sweep: SweepKind): Promise<SweepState | undefined>;
  /**
   * Takes the lease of a sweep until a time, where nobody holds it now, and gives the state as it was (empty at first).
   * Undefined means that another run holds it.
   */
  acquire(scope: Scope, sweep: SweepKind, lease: Lease): Promise<SweepState | undefined>;
  /** Writes the whole state: with `lease_until` the lease is kept, without it is given back. */
  save(scope: Scope, sweep: SweepKind, state: SweepState): Promise<void>;
}

/** Times in ISO-8601 UTC. */
export interface Lease {
  readonly now: string;
  readonly until: string;
}

/** The present time. */
export type Clock = () => Date;
