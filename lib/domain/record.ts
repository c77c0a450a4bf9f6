/**
 * The record of one model customization job: the public catalog schema of `aws_bedrock_model_customization_job`
 * (every field of GetModelCustomizationJob in snake_case, nested ones too) and what the tracker adds.
 *
 * A field is absent if Bedrock gave none. Timestamps are ISO-8601 UTC with milliseconds. Keys of maps
 * (`hyper_parameters`, `equals`, `not_equals`, `tags`) are the user's own and stay as they are.
 */

/** A number, or as text one that DynamoDB cannot hold: `NaN`, `Infinity`, or beyond 2^53 − 1 or below 1e-130 in size. */
export type MetricNumber = number | 'NaN' | 'Infinity' | '-Infinity' | `${number}`;

/** Bedrock may add statuses: the known ones are listed, any other stays as it came. */
export const JOB_STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
/** A status of a job: one that is known, or one that AWS added since. */
export type JobStatus = (typeof JOB_STATUSES)[number] | (string & {});

/** The known kinds of customization. Bedrock may add some. */
export const CUSTOMIZATION_TYPES = [
  'FINE_TUNING',
  'CONTINUED_PRE_TRAINING',
  'DISTILLATION',
  'REINFORCEMENT_FINE_TUNING',
  'IMPORTED',
] as const;

const TERMINAL_STATUSES: readonly (JobStatus | undefined)[] = ['Completed', 'Failed', 'Stopped'];
const NON_TERMINAL_STATUSES: readonly (JobStatus | undefined)[] = ['InProgress', 'Stopping'];

/** Statuses that ListModelCustomizationJobs is asked for to find the jobs that still move. */
export const ACTIVE_STATUSES = ['InProgress', 'Stopping'] as const satisfies readonly JobStatus[];

/** True once the job can no longer change its status. A status that is not known yet counts as final when the job has ended. */
export const isTerminal = (job: { readonly status?: string; readonly end_time?: string }): boolean => {
  if (TERMINAL_STATUSES.includes(job.status)) return true;
  if (NON_TERMINAL_STATUSES.includes(job.status)) return false;
  return job.end_time !== undefined;
};

/** The phases of a job that Bedrock reports on, in the order in which they run. */
export const SUB_TASKS = ['validation', 'data_processing', 'training'] as const;
/** A phase of the job, as `status_details` names it without its `_details`. */
export type SubTask = (typeof SUB_TASKS)[number];

/** How one phase of a job is doing. Timestamps are ISO-8601 UTC. */
export interface SubTaskDetails {
  /** A status of a job, NotStarted, or one that AWS adds. */
  readonly status?: string;
  readonly creation_time?: string;
  readonly last_modified_time?: string;
}

/** How each phase of a job is doing. */
export type StatusDetails = { readonly [Task in SubTask as `${Task}_details`]?: SubTaskDetails };

/** Which invocation logs are taken as training data, by the metadata of their requests. Keys are the user's own words. */
export interface RequestMetadataFilter {
  readonly equals?: Readonly<Record<string, string>>;
  readonly not_equals?: Readonly<Record<string, string>>;
}

/** Such a filter, or several of which all or any must hold. */
export interface RequestMetadataFilters extends RequestMetadataFilter {
  readonly and_all?: readonly RequestMetadataFilter[];
  readonly or_all?: readonly RequestMetadataFilter[];
}

/** The 23 fields of GetModelCustomizationJob under their catalog names. A union member that the SDK does not know stays under its own name. */
export interface CatalogFields {
  /** The job's full ARN: the key of the table. */
  readonly job_arn: string;
  /** Unique in an account and Region. */
  readonly job_name?: string;
  /** The name of the custom model that the job makes. */
  readonly output_model_name?: string;
  /** The custom model, once there is one. */
  readonly output_model_arn?: string;
  /** The idempotency token of the create call. */
  readonly client_request_token?: string;
  /** The role by which Bedrock reads and writes S3. */
  readonly role_arn?: string;
  /** InProgress, Completed, Failed, Stopping, Stopped, or one that AWS adds. */
  readonly status?: JobStatus;
  /** The status of each sub-task. */
  readonly status_details?: StatusDetails;
  /** Bedrock's words about why the job failed, up to 2,048 characters. */
  readonly failure_message?: string;
  /** When the job was created. */
  readonly creation_time?: string;
  /** Moves while the job runs, but not when its tags change. */
  readonly last_modified_time?: string;
  /** When the job ended. */
  readonly end_time?: string;
  /** The foundation or custom model that the job starts from. */
  readonly base_model_arn?: string;
  /** Text or null by the user's own keys. */
  readonly hyper_parameters?: Readonly<Record<string, string | null>>;
  /** Where the training data lies: files in S3, or invocation logs. */
  readonly training_data_config?: {
    readonly s3_uri?: string;
    readonly invocation_logs_config?: {
      readonly use_prompt_response?: boolean;
      readonly invocation_log_source?: { readonly s3_uri?: string };
      readonly request_metadata_filters?: RequestMetadataFilters;
    };
  };
  /** Where the validation data lies. */
  readonly validation_data_config?: { readonly validators?: readonly { readonly s3_uri?: string }[] };
  /** The S3 folder that the job writes to. */
  readonly output_data_config?: { readonly s3_uri?: string };
  /** FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION, REINFORCEMENT_FINE_TUNING, IMPORTED, or one that AWS adds. */
  readonly customization_type?: string;
  /** The key that encrypts the custom model. */
  readonly output_model_kms_key_arn?: string;
  /** The result of the training. */
  readonly training_metrics?: { readonly training_loss?: MetricNumber };
  /** The result of each validator; empty until the end. */
  readonly validation_metrics?: readonly { readonly validation_loss?: MetricNumber }[];
  /** The VPC that the job works in. */
  readonly vpc_config?: { readonly subnet_ids?: readonly string[]; readonly security_group_ids?: readonly string[] };
  /** Settings of distillation or of reinforcement fine-tuning. */
  readonly customization_config?: {
    readonly distillation_config?: {
      readonly teacher_model_config?: {
        readonly teacher_model_identifier?: string;
        readonly max_response_length_for_inference?: number;
      };
    };
    readonly rft_config?: {
      readonly grader_config?: { readonly lambda_grader?: { readonly lambda_arn?: string } };
      readonly hyper_parameters?: {
        readonly epoch_count?: number;
        readonly batch_size?: number;
        readonly learning_rate?: MetricNumber;
        readonly max_prompt_length?: number;
        readonly training_sample_per_prompt?: number;
        readonly inference_max_tokens?: number;
        readonly reasoning_effort?: string;
        readonly eval_interval?: number;
      };
    };
  };
}

/** How a change was noticed. `backfill` is a sweep that finds an unknown job, created before the scope was first swept. */
export type ObservedVia = 'event' | 'sweep' | 'backfill';

/** One change of a status. No API keeps these; they are what was observed, in the order in which it happened. */
export interface Transition {
  /** The phase whose status changed; absent for the job's own status. */
  readonly task?: SubTask;
  /** The status before, `null` where none was observed. */
  readonly from: string | null;
  /** The status that began. */
  readonly to: string;
  /** When it happened, by Bedrock's own timestamps. */
  readonly at: string;
  /** When the tracker saw it. */
  readonly observed_at: string;
  /** How it was noticed. */
  readonly via: ObservedVia;
  /** Of a status that is not known: the job had ended when it was seen. */
  readonly final?: true;
}

/** A job that Bedrock lists again has the status that it had: the news is that it was found. */
export const isFoundAgain = ({ from, to }: Pick<Transition, 'from' | 'to'>): boolean => from === to;

/** The account and Region of a job, with the identity of the record. */
export interface Identity {
  /** Opaque and unique: the catalog's key. */
  readonly _key: string;
  /** The account of the job: 12 digits. */
  readonly account_id: string;
  /** The Region of the job. */
  readonly region: string;
  /** `<account id>#<region>`. */
  readonly scope: string;
  /** The last 12 characters of the ARN. */
  readonly job_id: string;
}

/** What one look at Bedrock showed: the job, its tags, and when it was asked. */
export interface JobSnapshot extends CatalogFields, Identity {
  /** The job's tags by key; may be empty. */
  readonly tags: Readonly<Record<string, string>>;
  /** When Bedrock first said what the record holds. */
  readonly fetched_at: string;
  /** What led to that look. */
  readonly observed_via: ObservedVia;
}

/**
 * The version of what a look at a job leads to. It is to grow whenever the same answer of Bedrock makes another record
 * than before, as with a field that the AWS SDK has learned since: full sweeps then look at every job once more.
 */
export const RECORD_VERSION = 1;

/** One item of the jobs table: the newest snapshot of a job, its history, and what the tracker keeps beside them. */
export interface JobRecord extends JobSnapshot {
  /** What was observed, oldest first, at most 100. */
  readonly transitions: readonly Transition[];
  /** How many older transitions were folded away; absent where none. */
  readonly transitions_folded?: number;
  /** The earliest look at the job. */
  readonly first_seen_at: string;
  /** Grows by one with every write: the writer's compare-and-swap token. */
  readonly revision: number;
  /** Bedrock no longer knows the job since then; the record stays. */
  readonly missing_since?: string;
  /** The tracker no longer follows the job's scope since then; the record stays as it was. */
  readonly untracked_since?: string;
  /** How Bedrock listed the ended job when a look at it changed nothing: while it lists it so, sweeps do not look again. */
  readonly listed_as?: string;
  /** `<account id>#<region>` while the job is not terminal: the key of the sparse index of active jobs. */
  readonly active_scope?: string;
}
