/**
 * The record of one custom model: every field of GetCustomModel in snake_case, what serves the model, how it is used, and
 * what the tracker adds. Timestamps are ISO-8601 UTC with milliseconds. A field is absent if Bedrock gave none.
 */
import { REMOVED } from './kind.ts';
import type { CatalogFields, Identity, ObservedVia } from './record.ts';

/** Of a model, a deployment or a throughput that Bedrock no longer shows: deleted, or behind another model. */
export { REMOVED };

/** What a model's status is known to be; AWS may add some. */
export const MODEL_STATUSES = ['Creating', 'Active', 'Failed', REMOVED] as const;

/** The attributes that say how a model was made. */
export const MAKING = [
  'base_model_arn',
  'customization_type',
  'hyper_parameters',
  'training_data_config',
  'validation_data_config',
  'output_data_config',
  'training_metrics',
  'validation_metrics',
  'customization_config',
] as const;

/** The fields of GetCustomModel under their catalog names. */
export interface ModelFields extends Pick<CatalogFields, (typeof MAKING)[number] | 'failure_message'> {
  /** The model's ARN: the key of the table. */
  readonly model_arn: string;
  readonly model_name?: string;
  /** The job that made the model; absent for imported and copied models. */
  readonly job_arn?: string;
  readonly job_name?: string;
  readonly model_kms_key_arn?: string;
  readonly creation_time?: string;
  /** Creating, Active, Failed, or one that AWS adds. */
  readonly model_status?: string;
}

/** An on-demand deployment of the model. */
export interface Deployment {
  readonly arn: string;
  readonly name?: string;
  /** Creating, Active, Failed, one that AWS adds, or `Removed`. */
  readonly status: string;
  /** When the status began. */
  readonly since: string;
  readonly creation_time?: string;
  /** As Bedrock gives it: tells a later version from an earlier one. */
  readonly last_modified_time?: string;
  readonly failure_message?: string;
}

/** A provisioned throughput of the model. Its status is Creating, InService, Updating, Failed or `Removed`. */
export interface ProvisionedThroughput extends Deployment {
  readonly model_units?: number;
  /** The units, and below the model, that an update under way leads to; absent where they are the same. */
  readonly desired_model_units?: number;
  readonly desired_model_arn?: string;
  /** OneMonth or SixMonths; absent without a commitment. */
  readonly commitment_duration?: string;
  readonly commitment_expiration_time?: string;
}

/** Calls and tokens of some time. */
export interface Calls {
  readonly invocations: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

/** What CloudWatch tells of the use of one deployment or throughput. */
export interface Usage {
  /** Until when CloudWatch was asked. */
  readonly measured_at: string;
  /** The end of the last hour with an invocation, as far as CloudWatch still holds it. */
  readonly last_used_at?: string;
  /** Since when nothing used it: its last use, or its creation if CloudWatch holds all since then. Absent: unknown. */
  readonly unused_since?: string;
  readonly last_day?: Calls;
  readonly last_7_days?: Calls;
  readonly last_30_days?: Calls;
}

/** One change of the status of the model, or of what serves it. */
export interface ModelTransition {
  /** ARN of the deployment or the throughput; absent for the model itself. */
  readonly resource?: string;
  /** `use`: a change between `Used` and `Idle`; absent for a change of the status. */
  readonly task?: 'use';
  readonly from: string | null;
  readonly to: string;
  /** When it happened by Bedrock's timestamps; of `Removed` when it was first noticed. */
  readonly at: string;
  readonly observed_at: string;
  readonly via: ObservedVia;
}

/** The account and Region of a model, with the identity of the record. */
export type ModelIdentity = Omit<Identity, 'job_id'> & {
  /** The last 12 characters of the ARN. */
  readonly model_id: string;
};

/** What one look at Bedrock showed: the model, its tags, and what serves it now. */
export interface ModelSnapshot extends ModelFields, ModelIdentity {
  /** `model_status`, or `Removed` once Bedrock no longer knows the model. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly deployments: readonly Deployment[];
  readonly provisioned_throughputs: readonly ProvisionedThroughput[];
  readonly fetched_at: string;
  readonly observed_via: ObservedVia;
}

/** One item of the models table. */
export interface ModelRecord extends ModelSnapshot {
  /** By the ARN of the deployment or throughput; absent before the first measurement. */
  readonly usage?: Readonly<Record<string, Usage>>;
  /** The last use of all that serves or served the model. */
  readonly last_used_at?: string;
  /** What was observed, oldest first, at most 100. */
  readonly transitions: readonly ModelTransition[];
  readonly transitions_folded?: number;
  readonly first_seen_at: string;
  /** Grows by one with every write: the writer's compare-and-swap token. */
  readonly revision: number;
  /** Bedrock no longer knows the model since then; the record stays. */
  readonly missing_since?: string;
  /** The tracker no longer follows the model's scope since then. */
  readonly untracked_since?: string;
  /** How Bedrock listed the model when a look at it changed nothing: while it lists it so, sweeps do not look again. */
  readonly listed_as?: string;
  /** `<account id>#<region>` while a deployment or throughput serves the model: the key of the sparse index `serving`. */
  readonly serving_scope?: string;
}

/**
 * The other kind of item in the models table: leads from a deployment or a throughput to its model. It is no record: it has
 * no `scope`, so it is in the index of names alone.
 */
export interface ServingPointer {
  /** ARN of the deployment or the throughput: the key of the table. */
  readonly model_arn: string;
  /** Its own name. */
  readonly model_name?: string;
  readonly creation_time?: string;
  /** The model that it served at `fetched_at`. */
  readonly serves_model_arn: string;
  /** The job that made that model. Not `job_arn`: the index `by-job` has models alone. */
  readonly made_by_job_arn?: string;
  readonly fetched_at: string;
}

/** Whether a deployment or throughput with this status serves its model, or is about to. */
export const isServing = ({ status }: Pick<Deployment, 'status'>): boolean => status !== REMOVED && status !== 'Failed';
