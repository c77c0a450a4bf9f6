import type { JOBS_TABLE, MODELS_TABLE, REGISTERED_SCOPES } from '../contract.ts';
import type { Deployment, MAKING, ModelRecord, ProvisionedThroughput } from '../domain/model-record.ts';
import type { CatalogFields, JobRecord, JobStatus, Transition } from '../domain/record.ts';
import type { ResourceKind, Scope } from '../domain/identity.ts';

/** The part of a record that each index of the jobs table carries. */
export type JobSummary = Pick<
  JobRecord,
  (typeof JOBS_TABLE.projected)[number] | 'job_arn' | 'status' | 'creation_time' | 'last_modified_time'
>;

/** The cost of a read, in the units that DynamoDB bills. */
export interface ReadCost {
  /** Read units of all requests of the call, as DynamoDB reported them. */
  readonly readUnits: number;
  /** Requests to DynamoDB. */
  readonly requests: number;
}

/** The times to sort jobs by. */
export const SORT_ATTRIBUTES = ['creation_time', 'last_modified_time'] as const;
/** One of {@link SORT_ATTRIBUTES}. */
export type SortAttribute = (typeof SORT_ATTRIBUTES)[number];

/** Filters, which must all match. Times are ISO-8601 with an offset or `Z`, or a Date. */
export interface JobFilter {
  /** One status or up to 50, also ones that AWS adds. */
  readonly status?: JobStatus | readonly JobStatus[];
  /** True for active jobs (not finished, missing or untracked), false for all others. */
  readonly active?: boolean;
  /** Twelve digits. */
  readonly account?: string;
  /** A Region, such as us-east-1. */
  readonly region?: string;
  /** ARN of the model that the job starts from, or the id of a foundation model if the Regions are known. */
  readonly baseModel?: string;
  /** FINE_TUNING, DISTILLATION and so on. */
  readonly customizationType?: string;
  /** A tag's key, or its key and value. Several must all be present. */
  readonly tag?: TagFilter | readonly TagFilter[];
  /** Part of the job's name, case-sensitive. */
  readonly nameContains?: string;
  /** Part of the job's name or of the name of the model that it makes, case-sensitive. */
  readonly search?: string;
  /** Created at this time or later. */
  readonly createdAfter?: string | Date;
  /** Created before this time. */
  readonly createdBefore?: string | Date;
  /** Changed at this time or later. */
  readonly modifiedAfter?: string | Date;
}

/** A tag that a job must have. */
export interface TagFilter {
  readonly key: string;
  /** @default any value */
  readonly value?: string;
}

/** The jobs to list, and their order. */
export interface ListJobsRequest extends JobFilter {
  /** By the time that the answer names as `sortedBy`. @default 'newest' */
  readonly order?: 'newest' | 'oldest';
  /** The time to sort by. @default the sort key of the cheapest index, see docs/querying.md */
  readonly sortBy?: SortAttribute;
  /** At most this many jobs, 1 to 1000. @default 100 */
  readonly limit?: number;
  /** The cursor of an earlier answer to the same request. */
  readonly cursor?: string;
  /**
   * Read units after which a call answers with the jobs found so far, as a filter that few jobs match could read the whole
   * history. The first request for each account and Region, status or model is always sent.
   * @default 250 (about 2 MB, 2,000 index entries)
   */
  readonly maxReadUnits?: number;
  /** Allows reading the whole table, unsorted, if no index answers. Needs dynamodb:Scan. @default false */
  readonly allowScan?: boolean;
}

/** The jobs to iterate over, and their order. */
export interface IterateJobsRequest extends Omit<ListJobsRequest, 'cursor' | 'maxReadUnits'> {
  /** Ends after this many jobs. @default all of them */
  readonly most?: number;
}

/** How a page of a list was read. */
export interface Page extends ReadCost {
  /** For the next page; absent at the end. A short or empty page may have one. */
  readonly cursor?: string;
  /** The index that answered, or `table` for a scan. */
  readonly index: string;
  /** Absent for a scan. */
  readonly sortedBy?: SortAttribute;
}

/** One page of jobs. */
export interface JobsPage extends Page {
  readonly jobs: readonly JobSummary[];
}

/** How to read a single record. */
export interface GetJobOptions {
  /**
   * Consistent reads cost one read unit for each 4 KB instead of a half. The index that finds a name or id may still lag
   * by moments. @default true
   */
  readonly consistent?: boolean;
  /** If the name is ambiguous: the account. */
  readonly account?: string;
  /** If the name is ambiguous: the Region. */
  readonly region?: string;
}

/** A record, if there is one. */
export interface JobAnswer extends ReadCost {
  /** Undefined if the table has no such job. */
  readonly job: JobRecord | undefined;
}

/** A job's history. */
export interface TransitionsAnswer extends ReadCost {
  /** Oldest first; undefined if the table has no such job. */
  readonly transitions: readonly Transition[] | undefined;
  /** The number of older transitions that were dropped. */
  readonly folded: number;
}

/** What to wait for, and how long. */
export interface WaitForJobOptions {
  /**
   * `ended` (finished, missing or untracked), one or several statuses, or a test of the record. The end of the job also
   * ends a wait for statuses, as they cannot come any more. @default 'ended'
   */
  readonly until?: 'ended' | JobStatus | readonly JobStatus[] | ((job: JobRecord) => boolean);
  /** Milliseconds after which it gives up with WAIT_TIMED_OUT. @default no limit */
  readonly timeout?: number;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two consistent reads. @default 10000 */
  readonly interval?: number;
  /** Milliseconds to wait for a record to appear, as the tracker may not have seen the job. @default 60000 */
  readonly appearsWithin?: number;
  /** Called with the first record, and with each change. */
  readonly onChange?: (job: JobRecord) => void;
}

/** The record at the end of the wait. */
export interface WaitAnswer extends ReadCost {
  readonly job: JobRecord;
}

/** The jobs to sum up: those created in the window. */
export interface SummarizeRequest extends Pick<
  JobFilter,
  'account' | 'region' | 'baseModel' | 'customizationType' | 'tag'
> {
  /** @default 30 days before `createdBefore` */
  readonly createdAfter?: string | Date;
  /** @default now */
  readonly createdBefore?: string | Date;
  /**
   * Groups the jobs too: `model`, `type`, `status`, `account`, `region`, `month` of creation, or `tag:<key>`.
   * @default no groups
   */
  readonly by?: string;
}

/** Durations of completed jobs, in milliseconds. */
export interface Durations {
  readonly count: number;
  /** The median. */
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/** Losses of completed jobs, as far as they are finite numbers. */
export interface Losses {
  readonly count: number;
  readonly best: number;
  readonly p50: number;
  /** The job with the best loss. */
  readonly bestJobArn: string;
}

/** Jobs of one base model and one kind of customization. */
export interface ModelSummary {
  readonly baseModelArn: string;
  readonly customizationType: string;
  readonly byStatus: Readonly<Record<string, number>>;
  /** From creation to end. Absent if none completed. */
  readonly durations?: Durations;
  readonly trainingLoss?: Losses;
  /** The lowest of a job's validators counts. */
  readonly validationLoss?: Losses;
}

/** Jobs of one group. */
export interface GroupSummary extends Omit<ModelSummary, 'baseModelArn' | 'customizationType'> {
  /** Absent for jobs without a value, such as those without the tag. A model without its Region. */
  readonly group?: string;
  readonly jobs: number;
  /** Completed / (Completed + Failed), 0 to 1; absent without such jobs. */
  readonly successRate?: number;
  /** The durations of finished jobs together, creation to end, in milliseconds. */
  readonly finishedMs: number;
  /** Of active jobs the time since creation together, in milliseconds. */
  readonly activeMs: number;
}

/** The jobs of a window in groups. */
export interface GroupedSummary {
  /** As requested. */
  readonly by: string;
  /** Most job time first; months in their order. */
  readonly groups: readonly GroupSummary[];
  readonly total: GroupSummary;
}

/** Counts, durations and losses of the jobs of a window. Costs a read unit for each 8 to 13 jobs. */
export interface Summary extends ReadCost, Pick<GroupSummary, 'jobs' | 'byStatus' | 'successRate'> {
  /** ISO-8601 UTC. */
  readonly createdAfter: string;
  readonly createdBefore: string;
  /** By UTC day of creation, `2026-11-21`, oldest first, including days without jobs. */
  readonly byDay: readonly { readonly day: string; readonly byStatus: Readonly<Record<string, number>> }[];
  /** Most jobs first. */
  readonly byModel: readonly ModelSummary[];
  /** Present if the request has `by`. */
  readonly grouped?: GroupedSummary;
}

/** Where a client reads. */
export interface JobsClientOptions {
  /** Name of the jobs table. @default the variable JOBS_TABLE_NAME, which `grantReadJobs` sets */
  readonly tableName?: string;
  /**
   * The tracked accounts and Regions, for lists without an account and Region. `*` stands for those that are registered
   * and have jobs: the client reads them from the sweeps table, and keeps them for five minutes.
   * @default the variable TRACKED_SCOPES, which `grantReadJobs` sets, else none
   */
  readonly scopes?: readonly Scope[] | typeof REGISTERED_SCOPES;
  /** Name of the sweeps table, if the scopes are `*`. @default the variable SWEEPS_TABLE_NAME, which `grantReadJobs` sets */
  readonly sweepsTableName?: string;
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number;
}

/**
 * Reads the records. Needs dynamodb:GetItem on the table and dynamodb:Query on its indexes, which lag behind the table
 * by moments. Throws DynamoDB's errors as the SDK does.
 */
export interface JobsClient {
  /**
   * One record with its transitions: by ARN (one GetItem), or by name or the 12 characters of the id (an index, then one
   * GetItem).
   *
   * @throws TrackerError AMBIGUOUS_JOB if several scopes have the name; the message lists the jobs. BAD_REQUEST if the
   *   text cannot name a job
   */
  getJob(arnOrNameOrId: string, options?: GetJobOptions): Promise<JobAnswer>;
  /**
   * A page of jobs. Costs half a read unit for each 4 KB, about four to six jobs.
   *
   * @throws TrackerError BAD_REQUEST naming every invalid member; SCAN_NEEDED if no index answers; BAD_CURSOR for a cursor
   *   of another request
   */
  listJobs(request?: ListJobsRequest): Promise<JobsPage>;
  /**
   * All jobs of a request, none read twice; `limit` is the size of the first reads. Throws as `listJobs` does, at the
   * first job.
   */
  iterateJobs(request?: IterateJobsRequest): AsyncGenerator<JobSummary, ReadCost>;
  /**
   * The job that made a custom model: an index, then one GetItem.
   *
   * @throws TrackerError BAD_REQUEST if the text is not the ARN of a custom model
   */
  jobThatMade(outputModelArn: string): Promise<JobAnswer>;
  /** The history of a job, by ARN, name or id. Costs what `getJob` costs. */
  transitions(arnOrNameOrId: string, options?: GetJobOptions): Promise<TransitionsAnswer>;
  /**
   * Resolves when the job is as requested, or has ended. Polls with consistent reads.
   *
   * @throws TrackerError WAIT_TIMED_OUT; JOB_NOT_FOUND if no record appears; the signal's reason; DynamoDB's throttling at
   *   the third poll in a row
   */
  waitForJob(arnOrNameOrId: string, options?: WaitForJobOptions): Promise<WaitAnswer>;
  /** Counts, durations and losses over a window of creation times. Throws as `listJobs` does. */
  summarize(request?: SummarizeRequest): Promise<Summary>;
}

/** The part of a model's record that its indexes carry: also what serves it, and its use. */
export type CustomModelSummary = Pick<ModelRecord, (typeof MODELS_TABLE.projected)[number] | 'model_arn'>;

/** The models to list, and their order. Filters must all match; those that {@link ListJobsRequest} has mean the same. */
export interface ListModelsRequest extends Omit<
  ListJobsRequest,
  'active' | 'status' | 'search' | 'modifiedAfter' | 'sortBy'
> {
  /** Whether a deployment or provisioned throughput serves the model, or is about to. */
  readonly serving?: boolean;
  /** Whether Bedrock no longer shows the model. */
  readonly removed?: boolean;
  /** Active, Creating, Failed, Removed, or one that AWS adds. */
  readonly status?: string | readonly string[];
  /** The job that made the model. */
  readonly jobArn?: string;
}

/** The models to iterate over, and their order. `most` ends after this many. */
export type IterateModelsRequest = Omit<ListModelsRequest, 'cursor' | 'maxReadUnits'> &
  Pick<IterateJobsRequest, 'most'>;

/** One page of models, sorted by creation. */
export interface ModelsPage extends Page {
  readonly models: readonly CustomModelSummary[];
}

/** A record, if there is one. */
export interface ModelAnswer extends ReadCost {
  /** Undefined if the table has no such model. */
  readonly model: ModelRecord | undefined;
}

/** Where a model comes from, and what became of it. How it was made is from the job's record, else from the model's. */
export interface Lineage extends Pick<CatalogFields, (typeof MAKING)[number]> {
  /** What was asked for. */
  readonly kind: Exclude<ResourceKind, 'foundation-model'>;
  readonly arn: string;
  /** Absent where the job has not made a model yet. */
  readonly model_arn?: string;
  /** Absent where no job made the model: imported and copied ones. */
  readonly job_arn?: string;
  /** If `base_model_arn` is a custom model too: its ARN. Its own lineage is the next link of the chain. */
  readonly parent_model_arn?: string;
  /** Absent where the table has no such record. */
  readonly model?: ModelRecord;
  readonly job?: JobRecord;
  /** What serves the model, or is about to. */
  readonly serving: readonly (Deployment | ProvisionedThroughput)[];
}

/** A lineage. */
export interface LineageAnswer extends ReadCost {
  readonly lineage: Lineage;
}

/** Where a client of models reads. */
export interface ModelsClientOptions extends Pick<JobsClientOptions, 'scopes' | 'sweepsTableName' | 'clock'> {
  /** Name of the models table. @default the variable MODELS_TABLE_NAME, which `grantReadModels` sets */
  readonly modelsTableName?: string;
  /** Name of the jobs table, which `lineage` reads too. @default the variable JOBS_TABLE_NAME, which `grantReadJobs` sets */
  readonly jobsTableName?: string;
}

/** Reads the records of models, with the same permissions as {@link JobsClient}. Throws DynamoDB's errors as the SDK does. */
export interface ModelsClient {
  /**
   * One record with its transitions: by the ARN of the model (one GetItem), of a deployment or provisioned throughput that
   * serves it (two), or by the name of any of them (an index more). The newest model counts, as a name may come back.
   *
   * @throws TrackerError AMBIGUOUS_MODEL if several accounts or Regions have the name; BAD_REQUEST
   */
  getModel(arnOrName: string, options?: GetJobOptions): Promise<ModelAnswer>;
  /** A page of models. Costs half a read unit for each 4 KB. Throws as `listJobs` does. */
  listModels(request?: ListModelsRequest): Promise<ModelsPage>;
  /** All models of a request, none read twice; `limit` is the size of the first reads. */
  iterateModels(request?: IterateModelsRequest): AsyncGenerator<CustomModelSummary, ReadCost>;
  /**
   * The model and its job, with data, hyperparameters, losses, base model and what serves it, in two reads: by the ARN of a
   * job, a model, a deployment or a provisioned throughput. The name of a model, deployment or throughput costs a read
   * more, and a job's name or id another one. A model without a record is looked for by the job that made it.
   *
   * @throws TrackerError MODEL_NOT_FOUND, JOB_NOT_FOUND, AMBIGUOUS_MODEL, AMBIGUOUS_JOB; BAD_REQUEST, also for a foundation
   *   model; BAD_CONFIGURATION if no jobs table is named
   */
  lineage(arnOrName: string, options?: GetJobOptions): Promise<LineageAnswer>;
}
