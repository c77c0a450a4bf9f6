import { describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, type BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { getRecords, type RecordsTable } from '../../../lib/operator/batch-get.ts';

type Answer = Partial<BatchGetCommandOutput>;

const recordOf = (jobArn: string) => ({ job_arn: jobArn, status: 'Completed' });
const answer = (found: readonly string[], left: readonly string[] = []): Answer => ({
  Responses: { jobs: found.map(recordOf) },
  UnprocessedKeys: left.length === 0 ? {} : { jobs: { Keys: left.map((jobArn) => ({ job_arn: jobArn })) } },
  ConsumedCapacity: [{ CapacityUnits: found.length / 2 }],
});

const tableWith = (answers: readonly Answer[], last?: Answer) => {
  const dynamoDb = mockClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })));
  const call = dynamoDb.on(BatchGetCommand);
  for (const each of answers) call.resolvesOnce(each);
  if (last !== undefined) call.resolves(last);
  const costs: number[] = [];
  const table: RecordsTable = {
    dynamoDb: dynamoDb,
    tableName: 'jobs',
    onCost: (units) => costs.push(units),
    signal: new AbortController().signal,
    random: () => 0,
  };
  const asked = () =>
    dynamoDb
      .commandCalls(BatchGetCommand)
      .map(({ args }) => args[0].input.RequestItems?.['jobs']?.Keys?.map((key) => String(key['job_arn'])));
  return { table, costs, asked };
};

describe('reading records in batches', () => {
  it('keeps the order that was asked for, whatever the order of the answer', async () => {
    const { table, costs } = tableWith([answer(['c', 'a', 'b'])]);
    expect(await getRecords(['a', 'b', 'c'], table)).toEqual(['a', 'b', 'c'].map(recordOf));
    expect(costs).toEqual([1.5]);
  });

  it('asks again for what DynamoDB left, until it has all', async () => {
    const { table, asked, costs } = tableWith([answer(['b'], ['a', 'c']), answer([], ['a', 'c']), answer(['c', 'a'])]);
    expect(await getRecords(['a', 'b', 'c'], table)).toEqual(['a', 'b', 'c'].map(recordOf));
    expect(asked()).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
      ['a', 'c'],
    ]);
    expect(costs).toEqual([0.5, 0, 1]);
  });

  it('leaves out a job whose record is gone since the index was read', async () => {
    const { table } = tableWith([answer(['b'])]);
    expect(await getRecords(['a', 'b'], table)).toEqual([recordOf('b')]);
  });

  it('gives up where DynamoDB brings nothing for long, and says what to do', async () => {
    const { table, asked } = tableWith([], answer([], ['a']));
    await expect(getRecords(['a'], table)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(asked()).toHaveLength(10);
  });

  it('waits longer each time that nothing came, and ends with the signal', async () => {
    const { table } = tableWith([], answer([], ['a']));
    const controller = new AbortController();
    const reason = new Error('asked to end');
    setTimeout(() => controller.abort(reason), 50);
    const started = Date.now();
    const reading = getRecords(['a'], { ...table, random: () => 1, signal: controller.signal });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});
