import type { ModelRecord } from '../../lib/domain/model-record.ts';
import type { JobRecord } from '../../lib/domain/record.ts';

/** A document with every text changed, and the keys of the maps whose keys are people's own words. */
const everyText = (value: unknown, change: (text: string, name: string) => string, name = ''): unknown => {
  if (typeof value === 'string') return change(value, name);
  if (Array.isArray(value)) return value.map((member) => everyText(member, change, name));
  if (typeof value !== 'object' || value === null) return value;
  const isMap = ['tags', 'hyper_parameters', 'equals', 'not_equals'].includes(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      isMap ? change(key, 'key') : key,
      everyText(member, change, isMap ? 'value' : key),
    ]),
  );
};

/** What has to stay for a record to be found at all, and read: its key and the indexes' keys. */
const FOUND_BY = ['job_arn', 'model_arn', 'job_id', '_key', 'scope', 'active_scope', 'account_id', 'region'];
const TIME = /_time$|^(at|observed_at|fetched_at|first_seen_at|\w+_since)$/;

/** Everything that a record can have besides what the samples have. */
const MORE: Partial<JobRecord> = {
  output_model_arn: 'arn:aws:bedrock:us-east-1:123456789012:custom-model/x/abcdefabcdef',
  output_model_kms_key_arn: 'arn:aws:kms:us-east-1:123456789012:key/x',
  client_request_token: 'token',
  failure_message: 'S3',
  hyper_parameters: { epochCount: '1', batchSize: '1' },
  tags: { team: 'x', stage: 'y' },
  vpc_config: { subnet_ids: ['subnet'], security_group_ids: ['sg'] },
  validation_data_config: { validators: [{ s3_uri: 's3://a/b' }] },
  training_data_config: {
    s3_uri: 's3://a/b',
    invocation_logs_config: {
      invocation_log_source: { s3_uri: 's3://a/b' },
      request_metadata_filters: { and_all: [{ equals: { project: 'x' } }, { not_equals: { env: 'y' } }] },
    },
  },
  customization_config: {
    distillation_config: { teacher_model_config: { teacher_model_identifier: 'x' } },
    rft_config: { grader_config: { lambda_grader: { lambda_arn: 'x' } }, hyper_parameters: { reasoning_effort: 'x' } },
  },
};

export interface HostileOptions {
  /** The last twelve characters of the ARN. */
  readonly id: string;
  /** In place of every text. */
  readonly text: string;
  /** Members that stay as they are, besides what a record is found by. */
  readonly kept?: readonly string[];
  /** Whether times are texts too: whoever may write the table can put anything there. @default false */
  readonly times?: boolean;
}

/** A record with this in place of every text, keys of tags and hyperparameters among them. */
export const hostile = (sample: JobRecord, { id, text, kept = [], times = false }: HostileOptions): JobRecord => {
  let keys = 0;
  const stays = (name: string) => FOUND_BY.includes(name) || kept.includes(name) || (!times && TIME.test(name));
  const changed = everyText({ ...sample, ...MORE }, (before, name) => {
    if (name === 'key') return `${text}${(keys += 1).toString()}`;
    return stays(name) ? before : text;
  }) as JobRecord;
  const job_arn = sample.job_arn.replace(/[^/]{12}$/, id);
  return { ...changed, job_arn, _key: job_arn, job_id: id };
};

/** A model's record with this in place of every text, times among them. */
export const hostileModel = (sample: ModelRecord, id: string, text: string): ModelRecord => {
  const changed = everyText({ ...sample, tags: { team: 'x' }, failure_message: 'x' }, (before, name) =>
    FOUND_BY.includes(name) ? before : text,
  ) as ModelRecord;
  return { ...changed, model_arn: sample.model_arn.replace(/[^/]{12}$/, id) };
};
