import { beforeAll, describe, expect, test } from '@jest/globals';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { SCOPE_ITEM } from '../../../lib/contract.ts';
import { aws, stack, table } from '../support/aws.ts';
import { CONTEXT, deploy, synthesize } from '../support/cdk.ts';
import { createJob } from '../support/jobs.ts';
import { jobsTable, recordWith } from '../support/records.ts';
import { registryOf } from '../support/spokes.ts';
import { physicalIds, resourcesOf } from '../support/template.ts';

/** A schedule looks every ten seconds whether it is due. */
const SCHEDULED_SECONDS = 90;

const allRecords = async (): Promise<Map<unknown, unknown>> => {
  const { Items = [], LastEvaluatedKey } = await table.send(new ScanCommand({ TableName: jobsTable }));
  expect(LastEvaluatedKey).toBeUndefined();
  return new Map(Items.map((item) => [item['job_arn'], item]));
};

describe('an update of the stack in place', () => {
  let idsBefore: Readonly<Record<string, string>> = {};
  let recordsBefore = new Map<unknown, unknown>();
  let untold = '';

  beforeAll(async () => {
    [idsBefore, recordsBefore] = [await physicalIds(), await allRecords()];
    // Nothing tells of it, and no sweep is due before the update.
    untold = (await createJob()).arn;
    await synthesize(stack, { ...CONTEXT, activeSweepMinutes: '1', maxConcurrency: '3' });
    await deploy(stack);
  }, 120_000);

  test('keeps the tables, queues and functions', async () => {
    const ids = await physicalIds();
    const kept = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Lambda::Function'].flatMap((type) =>
      resourcesOf(type),
    );
    expect(kept.length).toBeGreaterThanOrEqual(8);
    for (const { id } of kept) expect({ id, name: ids[id] }).toEqual({ id, name: idsBefore[id] });
  });

  test('keeps every record', async () => {
    const records = await allRecords();
    expect(recordsBefore.size).toBeGreaterThan(0);
    for (const [arn, record] of recordsBefore) expect(records.get(arn)).toEqual(record);
  });

  test('changes what the props change', async () => {
    const ids = await physicalIds();
    const [mapping] = resourcesOf('AWS::Lambda::EventSourceMapping', 'JobEventsQueue');
    const { ScalingConfig } = await aws('lambda', 'get-event-source-mapping', '--uuid', ids[mapping?.id ?? ''] ?? '');
    expect(ScalingConfig).toEqual({ MaximumConcurrency: 3 });
  });

  test(
    'lets the schedule find a job that no event told of, once its scope is due',
    async () => {
      await registryOf().set({ account: stack.account, region: stack.region }, SCOPE_ITEM, { due_at: '2026-01-01' });
      expect(await recordWith(untold, 'InProgress', { seconds: SCHEDULED_SECONDS })).toMatchObject({
        observed_via: 'sweep',
      });
    },
    (SCHEDULED_SECONDS + 10) * 1000,
  );
});
