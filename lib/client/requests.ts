import type { JOBS_TABLE } from '../contract.ts';
import type { JobRecord, JobStatus, Transition } from '../domain/record.ts';
import type { Scope } from '../domain/identity.ts';

/** What every index of the jobs table carries of a record. */
export type JobSummary = Pick<
  JobRecord,
  (typeof JOBS_TABLE.projected)[number] | 'job_arn' | 'status' | 'creation_time' | 'last_modified_time'
>;

/** What a read cost. DynamoDB bills reads by these units. */
export interface ReadCost {
  /** Read units as DynamoDB reported them, all requests of the call together. */
  readonly readUnits: number;
  /** Requests to DynamoDB. */
  readonly requests: number;
}

/** By which time jobs are sorted. */
export const SORT_ATTRIBUTES = ['creation_time', 'last_modified_time'] as const;
/** One of {@link SORT_ATTRIBUTES}. */
export type SortAttribute = (typeof SORT_ATTRIBUTES)[number];

/** Which jobs are asked for. Several filters must all hold. Times are ISO-8601 with an offset or `Z`, or a Date. */
export interface JobFilter {
  /** One status or several, 50 at most; statuses that AWS adds are taken too. */
  readonly status?: JobStatus | readonly JobStatus[];
  /** True for jobs that still move (neither final, missing nor untracked), false for all others. */
  readonly active?: boolean;
  /** Twelve digits. */
  readonly account?: string;
  /** A Region, such as us-east-1. */
  readonly region?: string;
  /** ARN of the model that the job starts from, or the id of a foundation model where the Regions are known. */
  readonly baseModel?: string;
  /** FINE_TUNING, DISTILLATION and so on. */
  readonly customizationType?: string;
  /** A tag's key alone, or its key and value; several must all be there. */
  readonly tag?: TagFilter | readonly TagFilter[];
  /** Part of the job's name, upper and lower case told apart. */
  readonly nameContains?: string;
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
  /** Any value where absent. */
  readonly value?: string;
}

/** Which jobs to list, and in which order. */
export interface ListJobsRequest extends JobFilter {
  /** Newest first or oldest first, by the time that the answer names as `sortedBy`. @default 'newest' */
  readonly order?: 'newest' | 'oldest';
  /** The time to sort by. @default the sort key of the index that answers cheapest, docs/querying.md says which */
  readonly sortBy?: SortAttribute;
  /** At most this many jobs, 1 to 1000. @default 100 */
  readonly limit?: number;
  /** Where an earlier answer of the same request ended. */
  readonly cursor?: string;
  /**
   * Read units after which a call answers with what it found so far: filters that few jobs meet would otherwise read on
   * to the end of the history. One request for each account and Region, status or model is sent whatever this says.
   * @default 250 (some 2 MB, 2,000 index entries)
   */
  readonly maxReadUnits?: number;
  /** Allows to read the whole table where no index answers. Needs dynamodb:Scan; the order is none. @default false */
  readonly allowScan?: boolean;
}

/** One page of jobs. */
export interface JobsPage extends ReadCost {
  readonly jobs: readonly JobSummary[];
  /** Present where there may be more: hand it back for the next page. A page may be short, even empty, and have one. */
  readonly cursor?: string;
  /** The index that answered, or `table` for a scan. */
  readonly index: string;
  /** By what the jobs are sorted; absent for a scan. */
  readonly sortedBy?: SortAttribute;
}

/** How a single record is read. */
export interface GetJobOptions {
  /**
   * By ARN a consistent read (one read unit for each 4 KB instead of a half). A name or id is looked up in an index,
   * which may lag by moments, and the record is then read this way. @default true
   */
  readonly consistent?: boolean;
  /** The account of a name that several scopes know. */
  readonly account?: string;
  /** The Region of a name that several scopes know. */
  readonly region?: string;
}

/** One record, or none. */
export interface JobAnswer extends ReadCost {
  /** Undefined where the table has no such job. */
  readonly job: JobRecord | undefined;
}

/** A job's history. */
export interface TransitionsAnswer extends ReadCost {
  /** Oldest first; undefined where the table has no such job. */
  readonly transitions: readonly Transition[] | undefined;
  /** How many older ones were folded away. */
  readonly folded: number;
}

/** For what to wait, and how long. */
export interface WaitForJobOptions {
  /**
   * `ended`: the job is final, or nobody sees it any more (missing or untracked). One or several statuses: the end of the
   * job ends this wait too, as they cannot come any more. Or a test of the record. @default 'ended'
   */
  readonly until?: 'ended' | JobStatus | readonly JobStatus[] | ((job: JobRecord) => boolean);
  /** Milliseconds after which it gives up with WAIT_TIMED_OUT. @default no limit */
  readonly timeout?: number;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks, each one consistent read. @default 10000 */
  readonly interval?: number;
  /** Milliseconds for which a job without a record is waited for: the tracker may not have seen it. @default 60000 */
  readonly appearsWithin?: number;
  /** Is told of each look that shows a change, and of the first. */
  readonly onChange?: (job: JobRecord) => void;
}

/** What the wait ended with. */
export interface WaitAnswer extends ReadCost {
  readonly job: JobRecord;
}

/** Which jobs to sum up: those created in the window. */
export interface SummarizeRequest extends Pick<
  JobFilter,
  'account' | 'region' | 'baseModel' | 'customizationType' | 'tag'
> {
  /** @default 30 days before `createdBefore` */
  readonly createdAfter?: string | Date;
  /** @default now */
  readonly createdBefore?: string | Date;
}

/** Shortest to longest of some durations, in milliseconds, of jobs that completed. */
export interface Durations {
  readonly count: number;
  /** The median. */
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/** Losses of jobs that completed and told one as a finite number. */
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
  /** From creation to end. Absent where none completed. */
  readonly durations?: Durations;
  readonly trainingLoss?: Losses;
  /** The lowest of a job's validators counts. */
  readonly validationLoss?: Losses;
}

/** Counts, durations and losses of the jobs of a window. Costs a read unit for each 8 to 13 jobs of it. */
export interface Summary extends ReadCost {
  /** ISO-8601 UTC. */
  readonly createdAfter: string;
  readonly createdBefore: string;
  readonly jobs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Completed among the Completed and Failed ones, 0 to 1; absent where there is none of them. */
  readonly successRate?: number;
  /** By UTC day of creation, `2026-11-21`, oldest first, days without jobs included. */
  readonly byDay: readonly { readonly day: string; readonly byStatus: Readonly<Record<string, number>> }[];
  /** Most jobs first. */
  readonly byModel: readonly ModelSummary[];
}

/** What a client needs to know. */
export interface JobsClientOptions {
  /** Name of the jobs table. @default the variable JOBS_TABLE_NAME, which `grantReadJobs` sets */
  readonly tableName?: string;
  /**
   * The tracked accounts and Regions: with them jobs are listed without naming an account and Region.
   * @default the variable TRACKED_SCOPES, which `grantReadJobs` sets, else none
   */
  readonly scopes?: readonly Scope[];
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number;
}

/**
 * The records, for readers. Needs dynamodb:GetItem on the table and dynamodb:Query on its indexes. Errors of DynamoDB
 * come as the SDK throws them. Indexes lag behind the table by moments.
 */
export interface JobsClient {
  /**
   * One record with its transitions: by ARN (one GetItem), by name or by the 12 characters of its id (an index, then one
   * GetItem).
   *
   * @throws TrackerError AMBIGUOUS_JOB where several scopes know the name; the message lists them. BAD_REQUEST for what
   *   can name no job
   */
  getJob(arnOrNameOrId: string, options?: GetJobOptions): Promise<JobAnswer>;
  /**
   * A page of jobs. Half a read unit for each 4 KB read, some four to six jobs.
   *
   * @throws TrackerError BAD_REQUEST naming every wrong member; SCAN_NEEDED where no index answers; BAD_CURSOR for a
   *   cursor that this request did not give out
   */
  listJobs(request?: ListJobsRequest): Promise<JobsPage>;
  /**
   * All jobs of a request, page after page, none read twice; `limit` is how many are asked for at first. Throws as
   * `listJobs` does, with the first job.
   */
  iterateJobs(request?: Omit<ListJobsRequest, 'cursor' | 'maxReadUnits'>): AsyncGenerator<JobSummary, ReadCost>;
  /**
   * The job that made a custom model, with its data and parameters: lineage. An index, then one GetItem.
   *
   * @throws TrackerError BAD_REQUEST for what is no ARN of a custom model
   */
  jobThatMade(outputModelArn: string): Promise<JobAnswer>;
  /** The history of a job, by ARN, name or id. Reads what `getJob` reads. */
  transitions(arnOrNameOrId: string, options?: GetJobOptions): Promise<TransitionsAnswer>;
  /**
   * Resolves once the job is as asked, or ended. Each look is one consistent read of the record.
   *
   * @throws TrackerError WAIT_TIMED_OUT, or JOB_NOT_FOUND where no record appears; the signal's reason; DynamoDB's throttling
   *   at the third look in a row
   */
  waitForJob(arnOrNameOrId: string, options?: WaitForJobOptions): Promise<WaitAnswer>;
  /** Counts, durations and losses over a window of creation times. Throws as `listJobs` does. */
  summarize(request?: SummarizeRequest): Promise<Summary>;
}
