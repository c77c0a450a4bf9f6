import path from 'node:path';
import { DeleteCustomModelCommand } from '@aws-sdk/client-bedrock';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createModelsClient } from '../../../lib/client/index.ts';
import { carriedBy, MODEL_INDEX, MODEL_TRANSITION_DETAIL_TYPE, MODELS_TABLE } from '../../../lib/contract.ts';
import type { IndexSchema } from '../../../lib/contract.ts';
import { REMOVED } from '../../../lib/domain/model-record.ts';
import { aws, bedrock, eventually, python, table } from '../support/aws.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { callEvent, deploy, itemOf, makeModel, modelsTable, modelWith, provision } from '../support/models.ts';
import { jobsTable, recordWith, sweep } from '../support/records.ts';
import { allowPublishing, makeSubscriber, subscribeToBus, type Subscriber } from '../support/subscriber.ts';
import type { MadeModel } from '../support/models.ts';

const HERE = import.meta.dirname;
type Item = Readonly<Record<string, unknown>>;

interface Described {
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
  readonly GlobalSecondaryIndexes: readonly (Pick<Described, 'KeySchema'> & {
    readonly IndexName: string;
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  })[];
}

const keys = ({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey?: string }) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
];

describe('the deployed models table', () => {
  let described: Described;

  beforeAll(async () => {
    const words = ['dynamodb', 'describe-table', '--table-name', modelsTable];
    described = (await aws<{ Table: Described }>(...words)).Table;
  });

  test('has its key, and no index besides those of the contract', () => {
    expect(described.KeySchema).toEqual(keys(MODELS_TABLE));
    expect(described.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).sort()).toEqual(
      Object.values(MODEL_INDEX).sort(),
    );
  });

  test.each(Object.entries<IndexSchema>(MODELS_TABLE.indexes))(
    'the index %s is as readers expect it',
    (name, index) => {
      const { KeySchema, Projection } = described.GlobalSecondaryIndexes.find((one) => one.IndexName === name) ?? {};
      expect(KeySchema).toEqual(keys(index));
      expect([...(Projection?.NonKeyAttributes ?? [])].sort()).toEqual(
        index.keysOnly === true ? [] : carriedBy(index, MODELS_TABLE.projected).sort(),
      );
    },
  );
});

describe('models', () => {
  let subscriber: Subscriber;
  let model: MadeModel;
  const serving: Record<'deployment' | 'throughput', string> = { deployment: '', throughput: '' };

  beforeAll(async () => {
    await allowPublishing();
    subscriber = await makeSubscriber('models-subscriber');
    await subscribeToBus(subscriber, 'models-subscriber', { 'detail-type': [MODEL_TRANSITION_DETAIL_TYPE] });
    // The first sweeps of a scope are its backfill.
    await sweep('active');
    await sweep('models');
    model = await makeModel();
    await putEvents(sampleEvent('state-change-completed', model.job));
    await recordWith(model.job.arn, 'Completed');
  }, 60_000);

  const toldOf = (arn: string, to: string): Promise<Item> =>
    subscriber.message(`a transition of ${arn} to ${to}`, (message) => {
      const { detail } = message as { readonly detail: Item };
      return (detail['resource'] ?? detail['model_arn']) === arn && detail['to'] === to ? detail : undefined;
    });

  test.each([
    ['deployment', deploy, 'deployments'],
    ['throughput', provision, 'provisioned_throughputs'],
  ] as const)('the call that creates a %s becomes a record of its model, and an event', async (kind, create, list) => {
    const { arn, event } = await create(model.arn);
    serving[kind] = arn;
    await putEvents(event);
    const record = await modelWith(arn, model.arn, (one) => one[list].length > 0);
    expect(record).toMatchObject({ status: 'Active', job_arn: model.job.arn, [list]: [{ arn, status: 'Creating' }] });
    expect(await itemOf(arn)).toMatchObject({ serves_model_arn: model.arn, made_by_job_arn: model.job.arn });
    expect(await toldOf(arn, 'Creating')).toMatchObject({ model_arn: model.arn, from: null, via: 'event' });
  });

  test('a models sweep finds what no event told, and an idle one looks at nothing', async () => {
    const other = await makeModel();
    const { arn } = await provision(other.arn);
    const [found] = await sweep('models');
    expect(found).toMatchObject({ sweep: 'models', finished: true, counts: { failed: 0 } });
    expect(await itemOf(other.arn)).toMatchObject({
      observed_via: 'sweep',
      provisioned_throughputs: [{ arn, model_units: 2 }],
    });
    expect(await toldOf(arn, 'Creating')).toMatchObject({ model_arn: other.arn, via: 'sweep' });
    const [idle] = await sweep('models');
    expect(idle?.counts).toMatchObject({ drifted: 0, corrected: 0, missing: 0, failed: 0 });
  });

  test('a deleted model is marked by the event of the call, or else by a sweep', async () => {
    const [told, untold] = [await makeModel(), await makeModel()];
    await sweep('models');
    for (const { arn } of [told, untold]) await bedrock.send(new DeleteCustomModelCommand({ modelIdentifier: arn }));
    await putEvents(callEvent('DeleteCustomModel', { modelIdentifier: told.arn }, null));
    const byEvent = await modelWith('missing_since', told.arn, (one) => one.missing_since !== undefined);
    expect(byEvent.transitions.at(-1)).toMatchObject({ from: 'Active', to: REMOVED, via: 'event' });
    await sweep('models');
    const bySweep = await modelWith('missing_since', untold.arn, (one) => one.missing_since !== undefined);
    expect(bySweep.transitions.at(-1)).toMatchObject({ from: 'Active', to: REMOVED, via: 'sweep' });
  });

  test("a usage sweep measures by the emulator's CloudWatch: what has no data is unused since it was made", async () => {
    const { deployment, throughput } = serving;
    const data = [
      { MetricName: 'Invocations', Value: 3 },
      { MetricName: 'InputTokenCount', Value: 700 },
      { MetricName: 'OutputTokenCount', Value: 50 },
    ].map((one) => ({ ...one, Dimensions: [{ Name: 'ModelId', Value: deployment }] }));
    const words = [
      'cloudwatch',
      'put-metric-data',
      '--namespace',
      'AWS/Bedrock',
      '--metric-data',
      JSON.stringify(data),
    ];
    await aws(...words);
    const [result] = await sweep('usage');
    expect(result).toMatchObject({ sweep: 'usage', finished: true, counts: { failed: 0 } });
    const { usage, ...record } = await modelWith('usage', model.arn, (one) => one.usage !== undefined);
    const used = { invocations: 3, input_tokens: 700, output_tokens: 50 };
    expect(usage?.[deployment]).toMatchObject({ last_day: used, last_30_days: used });
    expect(usage?.[deployment]?.last_used_at).toBe(record.last_used_at);
    const [{ creation_time } = {}] = record.provisioned_throughputs;
    expect(usage?.[throughput]).toMatchObject({ unused_since: creation_time, last_day: { invocations: 0 } });
    expect(usage?.[throughput]).not.toHaveProperty('last_used_at');
  });

  test('the client leads from each kind of ARN to the job', async () => {
    const client = createModelsClient(table, { modelsTableName: modelsTable, jobsTableName: jobsTable, scopes: [] });
    for (const arn of [model.job.arn, model.arn, serving.deployment, serving.throughput]) {
      const { lineage } = await client.lineage(arn);
      expect({ arn, model: lineage.model?.model_arn, job: lineage.job?.job_arn }).toEqual({
        ...{ arn, model: model.arn, job: model.job.arn },
      });
    }
  });

  test('boto3 leads from a deployment to model and job in two reads', async () => {
    const script = path.join(HERE, 'read_lineage.py');
    const said = await python([script, modelsTable, jobsTable, serving.deployment]);
    const read = JSON.parse(said) as Record<'model' | 'job', Item>;
    expect(read.job).toMatchObject({ job_arn: model.job.arn, output_model_arn: model.arn });
    expect(read.model).toEqual(await itemOf(model.arn));
  });

  test('boto3 finds the model by each index', async () => {
    const item = (await itemOf(model.arn)) ?? {};
    const reads = Object.entries<IndexSchema>(MODELS_TABLE.indexes).map(([index, { partitionKey: key }]) => ({
      ...{ index, key, value: item[key] },
    }));
    const script = path.join(HERE, 'read_table.py');
    // Indexes are eventually consistent.
    const found = await eventually('the model in each index', async () => {
      const items = JSON.parse(await python([script, modelsTable, JSON.stringify(reads)])) as Item[][];
      const arns = items.map((some) => some.some((one) => one['model_arn'] === model.arn));
      return arns.every(Boolean) ? arns : undefined;
    });
    expect(found).toHaveLength(reads.length);
  });
});
