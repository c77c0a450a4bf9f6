import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { AbstractValueIterator } from 'abstract-level';
import { INDEX, JOBS_TABLE, SWEEPS_TABLE, type TableSchema } from '../../../lib/contract.ts';
import { createTableInput, ensureTable, LOCAL_TABLES, openLocalTables } from '../../../lib/local/tables.ts';
import {
  type EmbeddedDynamoDb,
  type LoggedWrite,
  startEmbeddedDynamoDb,
} from '../../../lib/local/embedded-dynamodb.ts';
import { ANY_PORT } from '../../../lib/loopback.ts';
import { eventually } from '../../support/integration/suite.ts';

let server: EmbeddedDynamoDb;
let client: DynamoDBClient;
let folder: string;
const start = async (): Promise<void> => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
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

const ensureJobs = (data?: string) => ensureTable(client, 'jobs', JOBS_TABLE, data);
const keys = (id: string) => ({
  job_arn: { S: `arn-${id}` },
  job_id: { S: 'hz8iofftyjny' },
  creation_time: { S: `2026-11-21T04:36:24.${id}Z` },
});
const putJob = (id: string) =>
  client.send(new PutItemCommand({ TableName: 'jobs', Item: { ...keys(id), job_name: { S: 'any' } } }));
const queryById = (more: object = {}) =>
  client.send(
    new QueryCommand({
      TableName: 'jobs',
      IndexName: INDEX.byJobId,
      KeyConditionExpression: 'job_id = :id',
      ExpressionAttributeValues: { ':id': { S: 'hz8iofftyjny' } },
      ...more,
    }),
  );

describe('a table of the contract', () => {
  it('is made once, and found again by a later run', async () => {
    await ensureJobs();
    await ensureJobs();
    await stop();
    await start();
    await expect(ensureJobs()).resolves.toBeUndefined();
  });

  it('finds a job by its id, with the keys and nothing besides', async () => {
    await ensureJobs();
    await putJob('298');
    expect((await queryById()).Items).toEqual([keys('298')]);
  });

  it.each([
    ['a page of a query', () => queryById({ Limit: 2 })],
    ['a query to its end', () => queryById()],
    ['a scan', () => client.send(new ScanCommand({ TableName: 'jobs', Limit: 3 }))],
  ])('closes what %s opened in LevelDB', async (_name, read) => {
    await ensureJobs();
    for (const id of ['101', '102', '103', '104']) await putJob(id);
    const close = jest.spyOn(AbstractValueIterator.prototype, 'close');
    for (let reads = 0; reads < 3; reads += 1) expect((await read()).Count).toBeGreaterThan(1);
    await eventually(() => {
      expect(close).toHaveBeenCalledTimes(3);
    });
    close.mockRestore();
  });
});

describe('a table of another version', () => {
  const { [INDEX.byJobId]: _, ...sixIndexes } = JOBS_TABLE.indexes;
  const WITHOUT_IDS: TableSchema = { ...JOBS_TABLE, indexes: sixIndexes };
  const withIndex = (name: string, partitionKey: string, sortKey: string): TableSchema => ({
    ...JOBS_TABLE,
    indexes: { ...JOBS_TABLE.indexes, [name]: { partitionKey, sortKey } },
  });

  it.each<[string, TableSchema, string]>([
    ['lacks an index', WITHOUT_IDS, 'by-job-id is missing or differs'],
    [
      'has an index that this one does not',
      withIndex('by-colour', 'colour', 'shade'),
      'by-colour is missing or differs',
    ],
    ['sorts an index by another key', withIndex('active', 'active_scope', 'job_name'), 'active is missing or differs'],
    [
      'carries less in its indexes',
      { ...JOBS_TABLE, projected: JOBS_TABLE.projected.filter((name) => name !== 'tags') },
      'by-status, active, by-scope, by-base-model, by-output-model, by-job-name are missing or differ',
    ],
  ])('that %s is refused: a reader of the index would fail', async (_case, schema, problem) => {
    await client.send(new CreateTableCommand(createTableInput('jobs', schema)));
    await expect(ensureJobs('/data')).rejects.toMatchObject({
      code: 'LOCAL_RUN_REFUSED',
      message: expect.stringMatching(
        new RegExp(
          `^The table jobs in /data was made by another version of the tracker: ${problem}\\. Delete that folder`,
        ),
      ),
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'jobs' }));
    expect(Table?.GlobalSecondaryIndexes).toHaveLength(Object.keys(schema.indexes).length);
  });

  it('that carries the same in another order is the same', async () => {
    const schema: TableSchema = { ...JOBS_TABLE, projected: JOBS_TABLE.projected.toReversed() };
    await client.send(new CreateTableCommand(createTableInput('jobs', schema)));
    await expect(ensureJobs()).resolves.toBeUndefined();
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

describe('the log of a table’s writes', () => {
  const TableName = 'sweeps';
  const Key = { scope: { S: 'a' }, sweep: { S: 'full' } };
  const item = (n: string) => ({ ...Key, n: { N: n } });
  const put = (n: string) => client.send(new PutItemCommand({ TableName, Item: item(n) }));

  const openLog = async () => {
    await ensureTable(client, TableName, SWEEPS_TABLE);
    const log = await server.logWrites(TableName, [SWEEPS_TABLE.partitionKey, SWEEPS_TABLE.sortKey]);
    const writes: LoggedWrite[] = [];
    return { log, writes, follow: () => log.follow((write) => writes.push(write)) };
  };

  it('tells each write with the item before and after it, and none that is refused or changes nothing', async () => {
    const { writes, follow } = await openLog();
    follow();
    await put('1');
    await put('1');
    const refused = { ConditionExpression: 'attribute_not_exists(n)' };
    await expect(client.send(new DeleteItemCommand({ TableName, Key, ...refused }))).rejects.toThrow();
    const set = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '2' } } };
    await client.send(new UpdateItemCommand({ TableName, Key, ...set }));
    await client.send(new DeleteItemCommand({ TableName, Key }));
    expect(writes.map(({ keys: of, before, after }) => ({ of, before, after }))).toEqual([
      { of: Key, before: undefined, after: item('1') },
      { of: Key, before: item('1'), after: item('2') },
      { of: Key, before: item('2'), after: undefined },
    ]);
  });

  it('keeps what was not forgotten, in its order, for the next run', async () => {
    const first = await openLog();
    first.follow();
    for (const n of ['1', '2', '3']) await put(n);
    await first.log.forget(first.writes.slice(0, 1));
    await stop();

    await start();
    const second = await openLog();
    await put('4');
    second.follow();
    await put('5');
    expect(second.writes.map(({ after }) => after?.['n']?.N)).toEqual(['2', '3', '4', '5']);
    await second.log.forget(second.writes);
    await stop();

    await start();
    const third = await openLog();
    third.follow();
    expect(third.writes).toEqual([]);
  });
});
