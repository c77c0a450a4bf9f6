import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { INDEX, JOBS_TABLE, type TableSchema } from '../../../lib/contract.ts';
import { createTableInput, ensureTable, LOCAL_TABLES, openLocalTables } from '../../../lib/local/tables.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../../lib/local/embedded-dynamodb.ts';
import { ANY_PORT } from '../../../lib/loopback.ts';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

let server: EmbeddedDynamoDb;
let client: DynamoDBClient;
let folder: string;
const start = async (): Promise<void> => {
  server = await startEmbeddedDynamoDb({ path: folder });
  client = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
};
const stop = async (): Promise<void> => {
  client.destroy();
  await server.close();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

const { [INDEX.byJobId]: _, ...sixIndexes } = JOBS_TABLE.indexes;
const WITHOUT_IDS: TableSchema = { ...JOBS_TABLE, indexes: sixIndexes };

describe('a table of the contract', () => {
  it('is made once, and found again by a later run', async () => {
    await ensureTable(client, 'jobs', JOBS_TABLE);
    await ensureTable(client, 'jobs', JOBS_TABLE);
    await stop();
    await start();
    await expect(ensureTable(client, 'jobs', JOBS_TABLE)).resolves.toBeUndefined();
  });

  it('finds a job by its id, with the keys and nothing besides', async () => {
    await ensureTable(client, 'jobs', JOBS_TABLE);
    const keys = {
      job_arn: { S: 'arn' },
      job_id: { S: 'hz8iofftyjny' },
      creation_time: { S: '2026-11-21T04:36:24.298Z' },
    };
    await client.send(
      new PutItemCommand({ TableName: 'jobs', Item: { ...keys, job_name: { S: 'any' }, status: { S: 'Failed' } } }),
    );
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'jobs',
        IndexName: INDEX.byJobId,
        KeyConditionExpression: 'job_id = :id',
        ExpressionAttributeValues: { ':id': keys.job_id },
      }),
    );
    expect(Items).toEqual([keys]);
  });
});

describe('a table of another version', () => {
  it.each<[string, TableSchema, string]>([
    ['lacks an index', WITHOUT_IDS, 'by-job-id is missing or differs'],
    [
      'has an index that this one does not',
      { ...JOBS_TABLE, indexes: { ...JOBS_TABLE.indexes, 'by-colour': { partitionKey: 'colour', sortKey: 'shade' } } },
      'by-colour is missing or differs',
    ],
    [
      'sorts an index by another key',
      {
        ...JOBS_TABLE,
        indexes: { ...JOBS_TABLE.indexes, active: { partitionKey: 'active_scope', sortKey: 'job_name' } },
      },
      'active is missing or differs',
    ],
    [
      'carries less in its indexes',
      { ...JOBS_TABLE, projected: JOBS_TABLE.projected.filter((name) => name !== 'tags') },
      'by-status, active, by-scope, by-base-model, by-output-model, by-job-name are missing or differ',
    ],
  ])('that %s is refused: a reader of the index would fail', async (_case, schema, problem) => {
    await client.send(new CreateTableCommand(createTableInput('jobs', schema)));
    await expect(ensureTable(client, 'jobs', JOBS_TABLE, '/data')).rejects.toMatchObject({
      code: 'LOCAL_RUN_REFUSED',
      message:
        `The table jobs in /data was made by another version of the tracker: ${problem}. Delete that folder, and sweeps ` +
        'read the jobs from Bedrock again, without the history that was seen; or name another folder with --data-dir.',
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'jobs' }));
    expect(Table?.GlobalSecondaryIndexes).toHaveLength(Object.keys(schema.indexes).length);
  });

  it('that carries the same in another order is the same', async () => {
    const schema: TableSchema = { ...JOBS_TABLE, projected: JOBS_TABLE.projected.toReversed() };
    await client.send(new CreateTableCommand(createTableInput('jobs', schema)));
    await expect(ensureTable(client, 'jobs', JOBS_TABLE)).resolves.toBeUndefined();
  });

  it('keeps a local run from starting, which names the folder and gives it free again', async () => {
    await client.send(new CreateTableCommand(createTableInput(LOCAL_TABLES.jobs, WITHOUT_IDS)));
    await stop();
    await expect(openLocalTables(folder, ANY_PORT)).rejects.toThrow(
      `The table bedrock-jobs in ${folder} was made by another`,
    );
    await start();
    await expect(client.send(new DescribeTableCommand({ TableName: LOCAL_TABLES.jobs }))).resolves.toBeDefined();
  });
});
