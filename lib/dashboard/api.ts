/**
 * The contract of the dashboard's server and its web application: each address below `/api`, what it takes and answers.
 * Errors are `{ error }` with a sentence and an HTTP status. Times are ISO-8601 UTC.
 */
import type { CustomModelSummary, JobSummary, Summary } from '../client/requests.ts';
import type { SweepKind } from '../contract.ts';
import type { UseRules } from '../domain/idle.ts';
import type { ModelRecord } from '../domain/model-record.ts';
import type { UsualDuration } from '../domain/pace.ts';
import type { Invocation } from '../domain/command-text.ts';
import type { JobRecord, JobStatus } from '../domain/record.ts';
import type { RunAttribute } from '../domain/run.ts';
import type { DataFindings } from '../operator/data/words.ts';
import type { Registry, ScopeCounts } from '../operator/scopes.ts';
import type { ScopeHealth } from '../operator/tracker-health.ts';

export type { CustomModelSummary, JobSummary } from '../client/requests.ts';
export type { DataFindings } from '../operator/data/words.ts';
export type { ScopeCounts, ScopeRow } from '../operator/scopes.ts';

/** `GET /api/session`: the server that the application talks to. */
export interface Session {
  readonly tableName: string;
  readonly region: string;
  /** Those that have, or had, jobs. */
  readonly scopes: readonly string[];
  /** Whether spokes register themselves: there is a page of scopes. */
  readonly isHub?: true;
  /** The header `x-dashboard-token` of each call that changes something; absent if the dashboard is read-only. */
  readonly token?: string;
  /** Milliseconds between two polls of the table for updates. */
  readonly updateInterval: number;
  /** How the command line finds this tracker, for commands to copy. */
  readonly invocation: Invocation;
  /** Where the simulator answers in Bedrock's place. */
  readonly bedrockUrl?: string;
  /** When a model is idle, and what it costs; absent if the tracker does not track models. */
  readonly models?: Omit<UseRules, 'now'>;
  /** Why models are absent, and what to do. */
  readonly modelsProblem?: string;
}

/** One sweep of a scope. */
export type SweepHealth = Pick<
  NonNullable<ScopeHealth['active']>,
  'succeeded_at' | 'finished_at' | 'unfinished' | 'counts'
>;

/** The tracker's health. */
export interface Health {
  /** How many scopes a hub has in each state, as a sentence. */
  readonly counts?: string;
  /** Of a hub with more than 10 none. */
  readonly scopes: readonly ({ readonly scope: string } & { readonly [Sweep in SweepKind]?: SweepHealth })[];
  /** Queues that are empty unless something is wrong; absent if they could not be read. */
  readonly queues?: readonly { readonly name: string; readonly messages: number }[];
  /** Each a sentence with the next step; empty if there are none. */
  readonly problems: readonly string[];
}

/** What the scopes of a hub are filtered by. A failing or late scope has a state too. */
export type ScopeGroup = keyof ScopeCounts;

/** `GET /api/scopes?show=…&search=…` of a hub: those that need a person first. */
export interface ScopesAnswer extends Pick<Registry, 'counts' | 'scopes'> {
  /** How many match: `scopes` has at most 100. */
  readonly matching: number;
}

/** `GET /api/overview`, of jobs created in the last 30 days. */
export interface Overview extends Pick<Summary, 'jobs' | 'byStatus' | 'successRate' | 'byDay'> {
  /** The sums are not ready, as the first ones over a large table take seconds. They are empty: ask again a second later. */
  readonly pending?: true;
  /** When the sums were made, which may be minutes ago; absent while they are pending. The lists are as of now. */
  readonly summedAt?: string;
  readonly active: readonly (JobSummary & {
    /** Milliseconds that completed jobs of the same base model and type took; absent if they are fewer than 5. */
    readonly usual?: UsualDuration;
  })[];
  /** Newest first, at most 10. */
  readonly failures: readonly JobSummary[];
  readonly models: readonly {
    readonly baseModelArn: string;
    readonly customizationType: string;
    readonly jobs: number;
    /** Of completed jobs; absent if they are fewer than 5. */
    readonly p50?: number;
    readonly p95?: number;
    readonly bestTrainingLoss?: number;
  }[];
  readonly health: Health;
}

/** `GET /api/jobs?…` takes these as query parameters, with lists repeated. So do the addresses of the list page. */
export interface JobsQuery {
  readonly status?: readonly JobStatus[];
  readonly active?: boolean;
  /** `<account id>#<region>` */
  readonly scope?: string;
  readonly baseModel?: string;
  readonly customizationType?: string;
  /** `key` or `key:value`; a colon in the key is `%3A` (before the query's own encoding). */
  readonly tag?: readonly string[];
  /** Part of the name of a job or its model; or a whole ARN of either, a job's name or id, which finds its job wherever it is. */
  readonly search?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly sortBy?: 'creation_time' | 'last_modified_time';
  readonly order?: 'newest' | 'oldest';
  /** 1 to 200. @default 50 */
  readonly limit?: number;
  readonly cursor?: string;
}

/** The answer of `GET /api/jobs`. */
export interface JobsAnswer {
  readonly jobs: readonly JobSummary[];
  /** Present if there may be more. */
  readonly cursor?: string;
  readonly sortedBy?: 'creation_time' | 'last_modified_time';
  readonly readUnits: number;
}

/** `GET /api/runs?…`: jobs with what their records hold besides. `data` is the location of the training data. */
export interface RunsQuery extends JobsQuery {
  readonly data?: string;
}

/** A job as the runs table has it. */
export type RunDetails = JobSummary & Partial<Pick<JobRecord, RunAttribute>>;

/** The answer of `GET /api/runs`. With `data`, `limit` does not count, and an answer may be empty and still have a cursor. */
export interface RunsAnswer {
  readonly jobs: readonly RunDetails[];
  /** Jobs that were read, whatever their data. */
  readonly read: number;
  /** Present if there may be more. */
  readonly cursor?: string;
  readonly readUnits: number;
}

/** `GET /api/jobs/<ARN, percent-encoded>`, by name or id too. 404 with `near` if there is no such job. */
export interface JobDetails {
  readonly job: JobRecord;
  /** The job that made the base model, if that is a custom model. */
  readonly parent?: JobSummary;
  /** Jobs that started from this job's model. */
  readonly children: readonly JobSummary[];
  /** Other jobs on the same base model and training data, newest first. */
  readonly siblings: readonly Sibling[];
  /** What the job made, if models are tracked. */
  readonly model?: ModelRecord;
  /** Why that could not be read, as a sentence. */
  readonly modelProblem?: string;
}

/** Another attempt on the same base model and training data. */
export type Sibling = JobSummary & Pick<JobRecord, 'training_data_config' | 'validation_data_config'>;

/** `GET /api/models`: the newest 5,000 models. 404 if the tracker does not track models. */
export type ModelsAnswer = readonly CustomModelSummary[];

/** `GET /api/models/<ARN, percent-encoded>` of a model, deployment, throughput or job, or a name. 404 without a model. */
export interface ModelDetails extends Pick<JobDetails, 'parent' | 'children'> {
  readonly model: ModelRecord;
  /** The job that made it. */
  readonly job?: JobRecord;
}

/**
 * `GET /api/jobs/<ARN>/loss`: from the job's S3 output. A curve of more than 4,000 points is reduced to the lowest and
 * highest of each stretch, which look the same.
 */
export type { LossCurves, LossPoint } from '../domain/loss-curve.ts';

/**
 * `PUT /api/jobs/<ARN>/tags` adds or changes tags, `DELETE` removes keys, `POST …/stop` takes nothing. Each needs
 * `content-type: application/json` and the token, and answers 204 once Bedrock has accepted it. The record follows when
 * the tracker sees the change.
 */
export interface TagsChange {
  readonly tags: Readonly<Record<string, string>>;
}
export interface TagsRemoval {
  readonly keys: readonly string[];
}

/**
 * What changes in a job like another one, by the names of `create`'s options. Pairs are `key=value`; `without` names
 * members that are left out, such as `hyperParameters.batchSize`.
 */
export interface AgainChanges {
  readonly jobName?: string;
  readonly customModelName?: string;
  readonly trainingData?: string;
  readonly validationData?: readonly string[];
  readonly hyperParameter?: readonly string[];
  readonly tag?: readonly string[];
  readonly without?: readonly string[];
}

/** What a person changes of a job like another one, as it is without changes. */
export interface AgainFields {
  readonly jobName: string;
  readonly customModelName: string;
  /** Absent where the job learns from invocation logs. */
  readonly trainingData?: string;
  readonly validationData: readonly string[];
  readonly hyperParameters: Readonly<Record<string, string>>;
  /** The path of the hyperparameters in the request. */
  readonly hyperParametersPath: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * `GET /api/jobs/<ARN>/again?…` takes {@link AgainChanges} as query parameters, with lists repeated, and answers with what
 * would be sent. `POST` takes them as JSON, with the token, checks the data, and answers 201 with
 * {@link AgainSent}, or 422 where the job would fail for its data. `check: false` creates it unchecked. When the request
 * ends before the answer, so does the check, and nothing is created.
 */
export interface Again {
  readonly fields: AgainFields;
  /** The request as YAML for `create --spec`; absent where there are problems. */
  readonly spec?: string;
  /** The words of the command that creates the same job. */
  readonly command: readonly string[];
  readonly differences: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
  /** What is wrong with the request, and where: a member of it, or an option of `create`. */
  readonly problems: readonly { readonly where: string; readonly text: string }[];
  /** What the record of the job does not tell, and what Bedrock may refuse. */
  readonly notes: readonly string[];
}

/** The job that was created. Its record follows when the tracker sees it. */
export interface AgainSent {
  readonly jobArn: string;
  readonly jobName: string;
  /** What was not checked, and warnings; absent without a check. */
  readonly data?: DataFindings;
}

/** An answer that is not 2xx. */
export interface ApiError {
  readonly error: string;
  /** Similar names. */
  readonly near?: readonly string[];
  /** Why a job would fail for its data. */
  readonly data?: DataFindings;
}

/**
 * `GET /api/updates` (server-sent events): `jobs` with this when records change, `health` with a {@link Health} when that
 * changes, `problem` with an {@link UpdatesProblem} when the table cannot be read, and again when it can. No change is
 * missed after the stream opens. So read what the page shows when it opens, when it reopens, and when a problem ends.
 */
export interface JobsChanged {
  /** ARNs of new and changed records. */
  readonly changed: readonly string[];
}

/** Why there are no updates. The stream recovers by itself. */
export interface UpdatesProblem {
  /** A sentence; absent once the problem is over. */
  readonly error?: string;
}
