/**
 * What the dashboard's server and its web application agree on: every address below `/api`, what it takes and what it
 * answers. Errors are `{ error }` with a sentence for a person, and a fitting HTTP status. Times are ISO-8601 UTC.
 */
import type { JobSummary } from '../client/requests.ts';
import type { JobRecord, JobStatus } from '../domain/record.ts';

export type { JobSummary } from '../client/requests.ts';

/** `GET /api/session`: what the application has to know of the server that serves it. */
export interface Session {
  readonly tableName: string;
  readonly region: string;
  readonly scopes: readonly string[];
  /** Sent back as the header `x-dashboard-token` with every call that changes something; absent where none may. */
  readonly token?: string;
  /** Milliseconds between two looks at the table for live updates. */
  readonly updateInterval: number;
}

/** One sweep of a scope, as far as the tracker's health shows. */
export interface SweepHealth {
  readonly succeededAt?: string;
  readonly finishedAt?: string;
  readonly unfinished?: boolean;
  readonly corrected?: number;
  readonly failed?: number;
}

/** How the tracker does. */
export interface Health {
  readonly scopes: readonly { readonly scope: string; readonly active?: SweepHealth; readonly full?: SweepHealth }[];
  /** Queues that are empty unless something is wrong; absent where they could not be asked. */
  readonly queues?: readonly { readonly name: string; readonly messages: number }[];
  /** What is wrong, each a sentence with the next step; empty where all is well. */
  readonly problems: readonly string[];
}

/** `GET /api/overview`, of jobs created in the last 30 days. */
export interface Overview {
  /**
   * True while counts, days, models and usual durations are still being summed up, which a first look at a large table
   * takes seconds for: they are empty then. Ask again a second later.
   */
  readonly pending?: true;
  readonly active: readonly (JobSummary & {
    /** How long jobs of the same base model and type took that completed, in milliseconds; absent where none did. */
    readonly usual?: { readonly p50: number; readonly p95: number };
  })[];
  /** Newest first, at most 10. */
  readonly failures: readonly JobSummary[];
  readonly jobs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** 0 to 1; absent where no job completed or failed. */
  readonly successRate?: number;
  readonly byDay: readonly { readonly day: string; readonly byStatus: Readonly<Record<string, number>> }[];
  readonly models: readonly {
    readonly baseModelArn: string;
    readonly customizationType: string;
    readonly jobs: number;
    readonly p50?: number;
    readonly p95?: number;
    readonly bestTrainingLoss?: number;
  }[];
  readonly health: Health;
}

/**
 * `GET /api/jobs?…`: the members of this as query parameters, those that are lists repeated. Also the addresses of the
 * list page, so that they can be shared.
 */
export interface JobsQuery {
  readonly status?: readonly JobStatus[];
  readonly active?: boolean;
  /** `<account id>#<region>` */
  readonly scope?: string;
  readonly baseModel?: string;
  readonly customizationType?: string;
  /** `key` or `key:value`; a colon in the key itself is written `%3A` (before the query's own encoding). */
  readonly tag?: readonly string[];
  /** Part of a name; a whole ARN, name or id finds its job wherever it is. */
  readonly search?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly sortBy?: 'creation_time' | 'last_modified_time';
  readonly order?: 'newest' | 'oldest';
  /** 1 to 200. @default 50 */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What `GET /api/jobs` answers. */
export interface JobsAnswer {
  readonly jobs: readonly JobSummary[];
  /** Present where there may be more. */
  readonly cursor?: string;
  readonly sortedBy?: 'creation_time' | 'last_modified_time';
  readonly readUnits: number;
}

/** `GET /api/jobs/<ARN, percent-encoded>`. 404 with `near` where there is none. */
export interface JobDetails {
  readonly job: JobRecord;
  /** The job that made the base model, where that is a custom model. */
  readonly parent?: JobSummary;
  /** Jobs that started from this job's model. */
  readonly children: readonly JobSummary[];
  /** Jobs on the same base model with the same training data, newest first, this one left out. */
  readonly siblings: readonly JobSummary[];
}

/**
 * `GET /api/jobs/<ARN>/loss`: from the job's own S3 output. Of a curve with more than 4,000 points those that look as
 * all do: the lowest and highest of each stretch.
 */
export type { LossCurves, LossPoint } from '../domain/loss-curve.ts';

/**
 * `PUT /api/jobs/<ARN>/tags` adds or changes these tags, `DELETE` takes away those keys, `POST …/stop` takes nothing.
 * Each with `content-type: application/json` and the token, answered by 204 once Bedrock took it; the record follows
 * when the tracker has seen it.
 */
export interface TagsChange {
  readonly tags: Readonly<Record<string, string>>;
}
export interface TagsRemoval {
  readonly keys: readonly string[];
}

/** An answer that is not 2xx. */
export interface ApiError {
  readonly error: string;
  /** Names like the one that was asked for. */
  readonly near?: readonly string[];
}

/**
 * `GET /api/updates` (server-sent events): an event `jobs` with this as its data whenever records changed, `health` with
 * a {@link Health} when that did, `problem` with a {@link UpdatesProblem} when the table cannot be read, and again when
 * it can. The stream opens with none of them, at a moment after which no change is missed: whoever sees it open (the
 * first time, and after each break) reads what they show, and so does whoever hears that a problem is over.
 */
export interface JobsChanged {
  /** ARNs of records that are new or changed. */
  readonly changed: readonly string[];
}

/** Why there are no updates at the moment; the stream goes on by itself. */
export interface UpdatesProblem {
  /** A sentence; absent once the problem is over. */
  readonly error?: string;
}
