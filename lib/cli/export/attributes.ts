import type { JobRecord } from '../../domain/record.ts';

/**
 * What an attribute holds, as far as it is certain. Structures name the fields that are known: Bedrock may add some, and
 * what has no place in its shape goes to {@link OTHER_ATTRIBUTES}.
 */
export type Shape =
  | 'text'
  | 'time'
  /** A count. */
  | 'whole'
  /** A number, or one as text that DynamoDB cannot hold. */
  | 'number'
  /** Text by the user's own keys. */
  | 'map'
  /** A document whose fields depend on the kind of job: unions, which Bedrock extends. */
  | 'document'
  | { readonly list: Shape }
  | { readonly struct: Readonly<Record<string, Shape>> };

const SUB_TASK = { struct: { status: 'text', creation_time: 'time', last_modified_time: 'time' } } as const;
const LOCATION = { struct: { s3_uri: 'text' } } as const;

/** Every attribute of a record in the order of docs/table.md, which is the order of an export's columns. */
export const ATTRIBUTES = {
  job_arn: 'text',
  job_name: 'text',
  output_model_name: 'text',
  output_model_arn: 'text',
  client_request_token: 'text',
  role_arn: 'text',
  status: 'text',
  status_details: {
    struct: { validation_details: SUB_TASK, data_processing_details: SUB_TASK, training_details: SUB_TASK },
  },
  failure_message: 'text',
  creation_time: 'time',
  last_modified_time: 'time',
  end_time: 'time',
  base_model_arn: 'text',
  hyper_parameters: 'map',
  training_data_config: { struct: { s3_uri: 'text', invocation_logs_config: 'document' } },
  validation_data_config: { struct: { validators: { list: LOCATION } } },
  output_data_config: LOCATION,
  customization_type: 'text',
  output_model_kms_key_arn: 'text',
  training_metrics: { struct: { training_loss: 'number' } },
  validation_metrics: { list: { struct: { validation_loss: 'number' } } },
  vpc_config: { struct: { subnet_ids: { list: 'text' }, security_group_ids: { list: 'text' } } },
  customization_config: 'document',
  _key: 'text',
  account_id: 'text',
  region: 'text',
  scope: 'text',
  job_id: 'text',
  tags: 'map',
  fetched_at: 'time',
  observed_via: 'text',
  first_seen_at: 'time',
  revision: 'whole',
  transitions: {
    list: { struct: { task: 'text', from: 'text', to: 'text', at: 'time', observed_at: 'time', via: 'text' } },
  },
  transitions_folded: 'whole',
  missing_since: 'time',
  untracked_since: 'time',
  listed_as: 'text',
  active_scope: 'text',
} as const satisfies Readonly<Record<keyof JobRecord, Shape>>;

/** The last column: what the other columns have no place for, as a document under the names of the record. */
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
