import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { formatScope } from '../../lib/domain/identity.ts';
import { isServing, type ModelRecord, type ServingPointer } from '../../lib/domain/model-record.ts';
import { MANY_MODELS, MANY_SCOPES, MANY_SINCE } from './integration/jobs.ts';
import { DAY, HOUR } from '../../lib/domain/time.ts';

const at = (ms: number): string => new Date(ms).toISOString();

/** The record with the key of the sparse index, if something serves its model. */
export const withServingScope = (record: ModelRecord): ModelRecord =>
  [...record.deployments, ...record.provisioned_throughputs].some(isServing)
    ? { ...record, serving_scope: record.scope }
    : record;

/**
 * The n-th of many models: three of four were made by a job, one of ten is gone, some are served by a deployment or a
 * throughput, and one of 25 was made from the model before it.
 */
export const manyModel = (n: number, change: Partial<ModelRecord> = {}): ModelRecord => {
  const scope = MANY_SCOPES[n % MANY_SCOPES.length] ?? MANY_SCOPES[0];
  const arn = `arn:aws:bedrock:${scope.region}:${scope.accountId}`;
  const base = MANY_MODELS[n % MANY_MODELS.length] ?? '';
  const id = `m0d${n.toString(36).padStart(9, '0')}`;
  const created = MANY_SINCE + n * HOUR;
  const isGone = n % 10 === 9;
  const status = isGone ? 'Removed' : n % 17 === 16 ? 'Creating' : 'Active';
  const entry = (kind: string, name: string) => ({
    arn: `${arn}:${kind}/${id}`,
    name: `${name}-${n}`,
    status: isGone ? 'Removed' : kind === 'provisioned-model' ? 'InService' : 'Active',
    since: at(created + DAY),
    creation_time: at(created + DAY),
  });
  const modelArn = `${arn}:custom-model/${base}/${id}`;
  const record: ModelRecord = {
    _key: modelArn,
    model_arn: modelArn,
    model_id: id,
    account_id: scope.accountId,
    region: scope.region,
    scope: formatScope(scope),
    model_name: `model-${n}`,
    ...(n % 4 !== 3 && { job_arn: `${arn}:model-customization-job/${base}/${id}`, job_name: `job-${n}` }),
    base_model_arn:
      n % 25 === 24 ? manyModel(n - 12).model_arn : `arn:aws:bedrock:${scope.region}::foundation-model/${base}`,
    customization_type: n % 4 === 3 ? 'IMPORTED' : 'FINE_TUNING',
    hyper_parameters: { epochCount: '2' },
    training_data_config: { s3_uri: `s3://acme-training/${n}.jsonl` },
    output_data_config: { s3_uri: 's3://acme-output/' },
    training_metrics: { training_loss: n / 1000 },
    creation_time: at(created),
    ...(!isGone && { model_status: status }),
    status,
    tags: n % 2 === 0 ? { team: 'search' } : {},
    deployments: n % 5 === 0 ? [entry('custom-model-deployment', 'deployment')] : [],
    provisioned_throughputs: n % 9 === 0 ? [{ ...entry('provisioned-model', 'throughput'), model_units: 2 }] : [],
    fetched_at: at(created + DAY),
    observed_via: 'sweep',
    transitions: [{ from: null, to: 'Active', at: at(created), observed_at: at(created + DAY), via: 'sweep' }],
    first_seen_at: at(created + DAY),
    revision: 1,
    ...(isGone && { missing_since: at(created + 2 * DAY) }),
    ...change,
  };
  return withServingScope(record);
};

/** What leads from the deployments and throughputs of a model to it. */
export const pointersOf = (model: ModelRecord): ServingPointer[] =>
  [...model.deployments, ...model.provisioned_throughputs].map(({ arn, name, creation_time }) => ({
    model_arn: arn,
    ...(name !== undefined && { model_name: name }),
    ...(creation_time !== undefined && { creation_time }),
    serves_model_arn: model.model_arn,
    ...(model.job_arn !== undefined && { made_by_job_arn: model.job_arn }),
    fetched_at: model.fetched_at,
  }));

export const putItems = async (
  client: DynamoDBDocumentClient,
  table: string,
  items: readonly object[],
): Promise<void> => {
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
  }
};
