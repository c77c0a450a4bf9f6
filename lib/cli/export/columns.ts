import type { ModelRecord } from '../../domain/model-record.ts';
import type { JobRecord } from '../../domain/record.ts';

/**
 * The type of an attribute, as far as it is certain. Structs name the known fields: Bedrock may add some, and a value
 * that does not have the type of its column goes to {@link OTHER_ATTRIBUTES}.
 */
export type ColumnType =
  | 'string'
  | 'timestamp'
  /** 32 bits. */
  | 'integer'
  /** A number, or one as text that DynamoDB cannot hold. */
  | 'number'
  /** Strings by the user's own keys. */
  | 'map'
  /** A document whose fields depend on the kind of job: unions, which Bedrock extends. */
  | 'json'
  | { readonly list: ColumnType }
  | { readonly struct: ColumnTypes };

export type ColumnTypes = Readonly<Record<string, ColumnType>>;

const SUB_TASK = { struct: { status: 'string', creation_time: 'timestamp', last_modified_time: 'timestamp' } } as const;
const LOCATION = { struct: { s3_uri: 'string' } } as const;

/** Attributes of one type. */
const all = <Name extends string>(type: ColumnType, ...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, type])) as Readonly<Record<Name, ColumnType>>;

/** Every attribute of a job's record in the order of docs/table.md, which is the order of an export's columns. */
export const ATTRIBUTES = {
  ...all('string', 'job_arn', 'job_name', 'output_model_name', 'output_model_arn', 'client_request_token', 'role_arn'),
  status: 'string',
  status_details: {
    struct: { validation_details: SUB_TASK, data_processing_details: SUB_TASK, training_details: SUB_TASK },
  },
  failure_message: 'string',
  ...all('timestamp', 'creation_time', 'last_modified_time', 'end_time'),
  base_model_arn: 'string',
  hyper_parameters: 'map',
  training_data_config: { struct: { s3_uri: 'string', invocation_logs_config: 'json' } },
  validation_data_config: { struct: { validators: { list: LOCATION } } },
  output_data_config: LOCATION,
  customization_type: 'string',
  output_model_kms_key_arn: 'string',
  training_metrics: { struct: { training_loss: 'number' } },
  validation_metrics: { list: { struct: { validation_loss: 'number' } } },
  vpc_config: { struct: { subnet_ids: { list: 'string' }, security_group_ids: { list: 'string' } } },
  customization_config: 'json',
  ...all('string', '_key', 'account_id', 'region', 'scope', 'job_id'),
  tags: 'map',
  fetched_at: 'timestamp',
  observed_via: 'string',
  first_seen_at: 'timestamp',
  revision: 'integer',
  transitions: {
    list: {
      struct: { ...all('string', 'task', 'from', 'to'), ...all('timestamp', 'at', 'observed_at'), via: 'string' },
    },
  },
  transitions_folded: 'integer',
  ...all('timestamp', 'missing_since', 'untracked_since'),
  ...all('string', 'listed_as', 'active_scope'),
} as const satisfies Readonly<Record<keyof JobRecord, ColumnType>>;

/** Attributes that models have like jobs. */
const asOfJobs = <Name extends keyof typeof ATTRIBUTES>(...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, (ATTRIBUTES as ColumnTypes)[name]])) as Readonly<
    Record<Name, ColumnType>
  >;

const SERVING = {
  ...all('string', 'arn', 'name', 'status'),
  ...all('timestamp', 'since', 'creation_time'),
  failure_message: 'string',
} as const;
const UNITS = {
  ...all('integer', 'model_units', 'desired_model_units'),
  ...all('string', 'desired_model_arn', 'commitment_duration'),
  commitment_expiration_time: 'timestamp',
} as const;

/** Every attribute of a model's record in the order of docs/table.md. */
export const MODEL_ATTRIBUTES = {
  ...all('string', 'model_arn', 'model_name', 'job_arn', 'job_name', 'status', 'model_status'),
  ...asOfJobs('failure_message', 'creation_time', 'base_model_arn', 'customization_type', 'hyper_parameters'),
  ...asOfJobs('training_data_config', 'validation_data_config', 'output_data_config'),
  ...asOfJobs('training_metrics', 'validation_metrics', 'customization_config'),
  model_kms_key_arn: 'string',
  deployments: { list: { struct: SERVING } },
  provisioned_throughputs: { list: { struct: { ...SERVING, ...UNITS } } },
  // By the ARN of the deployment or throughput.
  usage: 'json',
  last_used_at: 'timestamp',
  ...asOfJobs('_key', 'account_id', 'region', 'scope'),
  model_id: 'string',
  ...asOfJobs('tags', 'fetched_at', 'observed_via', 'first_seen_at', 'revision'),
  transitions: {
    list: {
      struct: { resource: 'string', ...ATTRIBUTES.transitions.list.struct },
    },
  },
  ...asOfJobs('transitions_folded', 'missing_since', 'untracked_since', 'listed_as'),
  serving_scope: 'string',
} as const satisfies Readonly<Record<keyof ModelRecord, ColumnType>>;

/** The last column: a document of everything that has no place in the others, under the names of the record. */
export const OTHER_ATTRIBUTES = 'other_attributes';

/** A record, or the part of it that an index carries. */
export type Exported = Readonly<Record<string, unknown>>;

/** How an export writes tags: as a map, or as a list of `key:value`. */
export type TagsForm = 'map' | 'list';

/** Tags as a list of `key:value`, in the order of their keys. */
export const tagList = (tags: unknown): string[] =>
  Object.entries(tags ?? {})
    .map(([key, value]) => `${key}:${String(value)}`)
    .sort();

export const withTags = (record: Exported, form: TagsForm): Exported =>
  form === 'map' ? record : { ...record, tags: tagList(record['tags']) };
