import type { ListedJob, TrackedJob } from '../domain/drift.ts';
import type { BedrockAnswer } from '../domain/normalize.ts';
import type { Tracked } from '../domain/kind.ts';
import type { ListedModel, Serving, TrackedModel } from '../domain/model-kind.ts';
import type { Served } from '../domain/model-normalize.ts';
import type { ModelRecord, ServingPointer } from '../domain/model-record.ts';
import type { JobRecord, JobStatus } from '../domain/record.ts';
import type { Scope } from '../domain/identity.ts';
import type { ScopeState } from '../contract.ts';
import type { ScopeRecord } from './scope.ts';
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

export interface ListQuery {
  /** Only what was created before this time, ISO-8601 UTC; that very millisecond may or may not be included. */
  readonly createdBefore?: string;
}

export interface ListJobsQuery extends ListQuery {
  /** Default: all. */
  readonly status?: JobStatus;
}

export type BedrockOf = (scope: Scope) => BedrockJobs;

/** A table of records. Reads by key are consistent; lists come from indexes, which lag a moment behind. */
export interface RecordStore<R, T = Tracked> {
  /** One consistent read. */
  get(arn: string): Promise<R | undefined>;
  /**
   * Writes the record if the stored one has the previous revision (revision 1: if none is stored). `conflict`: another
   * writer was faster, and nothing was written. Throws RECORD_TOO_LARGE.
   */
  put(record: R): Promise<'written' | 'conflict'>;
  /** All records of a scope, newest first, or those created at or before `createdBefore`. */
  listScope(scope: Scope, query: ListQuery): AsyncIterable<T>;
}

export interface JobStore extends RecordStore<JobRecord, TrackedJob> {
  /** The active records of a scope, newest first. */
  listActive(scope: Scope): AsyncIterable<TrackedJob>;
}

/** Bedrock's custom models of one scope, and what serves them. Errors as of `BedrockJobs`, but MODEL_NOT_FOUND and INVALID_MODEL. */
export interface BedrockModels {
  /** GetCustomModel by ARN or name. One call. */
  getModel(modelIdentifier: string): Promise<BedrockAnswer>;
  listTags(modelArn: string): Promise<Readonly<Record<string, string>>>;
  /** A deployment or a throughput by ARN or name. One call. */
  getServing(list: keyof Serving, identifier: string): Promise<Served>;
  /** The models of the scope, newest first, page by page (one call for 1000) on demand. */
  listModels(query: ListQuery): AsyncIterable<Omit<ListedModel, keyof Serving | 'fetched_at'>>;
  /** Deployments or throughputs, of all models or of one, page by page. Those of foundation models are among them. */
  listServing(list: keyof Serving, modelArn?: string): AsyncIterable<Served>;
}

/** The table of model records, and of pointers to them. */
export interface ModelStore extends RecordStore<ModelRecord, TrackedModel> {
  /** What a deployment or throughput serves in a scope, newest first. */
  listServing(scope: Scope): AsyncIterable<TrackedModel>;
  /** Writes a pointer unless the stored one is newer. */
  putPointer(pointer: ServingPointer): Promise<void>;
  /** One consistent read. */
  getPointer(arn: string): Promise<ServingPointer | undefined>;
  /** ARNs of models, deployments and throughputs with a name, in all scopes, newest first; at most one page. */
  listNamed(name: string): Promise<readonly string[]>;
}

/** The table of sweep state, one item for each scope and kind of sweep. */
export interface SweepStore {
  get(scope: Scope, sweep: SweepKind): Promise<SweepState | undefined>;
  /**
   * Takes the lease of a sweep if it is free, and returns the previous state (empty at first). Undefined: another run
   * holds it.
   */
  acquire(scope: Scope, sweep: SweepKind, lease: Lease): Promise<SweepState | undefined>;
  /** Replaces the state. Without `lease_until` this releases the lease. */
  save(scope: Scope, sweep: SweepKind, state: SweepState): Promise<void>;
}

/** What the index by state carries of a scope. */
export type ListedScope = Pick<
  ScopeRecord,
  'scope' | 'due_at' | 'active_jobs' | 'oldest_active_at' | 'swept_at' | 'failing_since' | 'error'
> & { readonly state: ScopeState };

/** What is stored of a scope. */
export interface KnownScope {
  /** Absent where it is not registered. */
  readonly record?: ScopeRecord;
  /** Of sweeps that were made. */
  readonly sweeps: Readonly<Partial<Record<SweepKind, SweepState>>>;
}

/** The scopes that are registered: items of the table of sweep state. */
export interface ScopeStore {
  /** One consistent Query of its items. */
  read(scope: Scope): Promise<KnownScope>;
  /** Writes the record if the stored one has the previous revision (revision 1: if none is stored). */
  put(record: ScopeRecord): Promise<'written' | 'conflict'>;
  /** Those in some states, or of them those due at or before a time. A Query for each shard, page by page on demand. */
  list(states: readonly ScopeState[], dueUpTo?: string): AsyncIterable<ListedScope>;
}

/** Times in ISO-8601 UTC. */
export interface Lease {
  readonly now: string;
  readonly until: string;
}

export type Clock = () => Date;
