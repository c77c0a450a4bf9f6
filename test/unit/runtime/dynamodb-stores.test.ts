import { describe, expect, it } from '@jest/globals';
import { DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamoDbJobStore, putRecordInput, queryScopeInput } from '../../../lib/runtime/dynamodb-stores.ts';
import { JOBS_TABLE } from '../../../lib/contract.ts';
import { advance } from '../../../lib/domain/advance.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { startEmbeddedTables } from '../../support/embedded-tables.ts';
import { SCOPE, snapshotOf } from '../../support/fixtures.ts';

const recordOf = (change: Record<string, unknown> = {}): JobRecord => {
  const decision = advance(undefined, snapshotOf('fine-tuning-completed', change));
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

describe('the write of a record', () => {
  it('requires that there is no record, for the first revision', () => {
    expect(putRecordInput('jobs', recordOf())).toMatchObject({
      TableName: 'jobs',
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': 'job_arn' },
    });
  });

  it('requires the previous revision, for any later one', () => {
    expect(putRecordInput('jobs', { ...recordOf(), revision: 8 })).toMatchObject({
      ConditionExpression: '#revision = :previous',
      ExpressionAttributeNames: { '#revision': 'revision' },
      ExpressionAttributeValues: { ':previous': 7 },
    });
  });
});

describe('the query of a scope', () => {
  it('includes the creation time, newest first', () => {
    expect(queryScopeInput('jobs', 'by-scope', SCOPE, '2026-01-01T00:00:00.000Z')).toMatchObject({
      IndexName: 'by-scope',
      KeyConditionExpression: '#scope = :scope AND #created <= :before',
      ExpressionAttributeValues: { ':scope': '123456789012#us-east-1', ':before': '2026-01-01T00:00:00.000Z' },
      ScanIndexForward: false,
    });
  });

  it('reads only what the indexes carry, as anything else would look like drift', () => {
    const names = Object.values(queryScopeInput('jobs', 'active', SCOPE).ExpressionAttributeNames ?? {});
    const carried: string[] = [...JOBS_TABLE.projected, 'job_arn', 'active_scope', 'creation_time'];
    expect(names.filter((name) => !carried.includes(name))).toEqual([]);
  });
});

describe('the jobs table', () => {
  it('names a record that is too large, and writes nothing', async () => {
    const tables = await startEmbeddedTables();
    try {
      const store = dynamoDbJobStore(tables.client, tables.jobsTable);
      const record = recordOf({ hyperParameters: { huge: 'x'.repeat(410 * 1024) } });
      await expect(store.put(record)).rejects.toMatchObject({
        code: 'RECORD_TOO_LARGE',
        message: expect.stringContaining(record.job_arn) as unknown,
      });
      expect(await store.get(record.job_arn)).toBeUndefined();
    } finally {
      await tables.close();
    }
  });

  it('passes on other errors', async () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
    const throttled = new ProvisionedThroughputExceededException({ $metadata: {}, message: 'slow down' });
    mockClient(client).on(PutCommand).rejects(throttled).on(GetCommand).rejects(throttled);
    const store = dynamoDbJobStore(client, 'jobs');
    await expect(store.put(recordOf())).rejects.toBe(throttled);
    await expect(store.get('arn')).rejects.toBe(throttled);
  });
});
