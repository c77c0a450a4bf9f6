import type { JobRecord } from '../../../lib/domain/record.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const FIRST = Date.UTC(2025, 0, 1);
const STATUSES = ['Completed', 'Failed', 'Stopped', 'InProgress'] as const;

const time = (minutes: number): string => new Date(FIRST + minutes * MINUTE).toISOString();

const transitionsOf = (number: number, status: string): JobRecord['transitions'] =>
  [
    { from: null, to: 'InProgress', at: time(number) },
    { task: 'validation', from: null, to: 'InProgress', at: time(number + 1) },
    { task: 'validation', from: 'InProgress', to: 'Completed', at: time(number + 20) },
    { task: 'training', from: null, to: 'InProgress', at: time(number + 21) },
    { task: 'training', from: 'InProgress', to: status, at: time(number + 179) },
    { from: 'InProgress', to: status, at: time(number + 180) },
  ].map((transition) => ({ ...transition, observed_at: transition.at, via: 'event' })) as JobRecord['transitions'];

/** The n-th of any number of records of the usual size, some 3 KB as JSON, that differ as jobs of one scope do. */
export const syntheticRecord = (number: number): JobRecord => {
  const id = number.toString(36).padStart(12, '0');
  const arn = `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/${id}`;
  const status = STATUSES[number % STATUSES.length] ?? 'Completed';
  return {
    job_arn: arn,
    job_name: `support-triage-${number.toString()}`,
    output_model_name: `support-triage-${number.toString()}`,
    output_model_arn: arn.replace('model-customization-job', 'custom-model'),
    client_request_token: `0c2da5df-14fe-40de-999a-${id}`,
    role_arn: 'arn:aws:iam::123456789012:role/BedrockCustomization',
    status,
    status_details: {
      validation_details: { status: 'Completed', creation_time: time(number), last_modified_time: time(number + 20) },
      training_details: { status, creation_time: time(number + 21), last_modified_time: time(number + 179) },
    },
    ...(status === 'Failed' && { failure_message: `Line ${number.toString()} of the training data is no JSON, "x".` }),
    creation_time: time(number),
    last_modified_time: time(number + 180),
    ...(status !== 'InProgress' && { end_time: time(number + 180) }),
    base_model_arn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k',
    hyper_parameters: { epochCount: (number % 5).toString(), batchSize: '1', learningRate: '1.0E-5' },
    training_data_config: { s3_uri: `s3://my-bucket/data/${number.toString()}/train.jsonl` },
    validation_data_config: { validators: [{ s3_uri: `s3://my-bucket/data/${number.toString()}/validation.jsonl` }] },
    output_data_config: { s3_uri: `s3://my-bucket/output/${number.toString()}/` },
    customization_type: 'FINE_TUNING',
    training_metrics: { training_loss: 1 / (1 + number) },
    validation_metrics: [{ validation_loss: 2 / (1 + number) }],
    vpc_config: { subnet_ids: ['subnet-0a1b2c3d'], security_group_ids: ['sg-0a1b2c3d', 'sg-4e5f6a7b'] },
    _key: arn,
    account_id: '123456789012',
    region: 'us-east-1',
    scope: '123456789012#us-east-1',
    job_id: id,
    tags: { team: 'search', 'cost-center': (number % 100).toString() },
    fetched_at: time(number + 181),
    observed_via: 'event',
    first_seen_at: time(number),
    revision: 1 + (number % 7),
    transitions: transitionsOf(number, status),
  };
};

/** So many of them, one after the other, as a client would hand them over. */
export const syntheticRecords = async function* (count: number): AsyncGenerator<JobRecord> {
  for (let number = 0; number < count; number += 1) {
    // Records come in pages, and other work gets its turn between them.
    if (number % 100 === 0) await new Promise(setImmediate);
    yield syntheticRecord(number);
  }
};
