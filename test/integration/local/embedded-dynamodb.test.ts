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
import {
  startEmbeddedDynamoDb,
  type EmbeddedDynamoDb,
  type LoggedWrite,
} from '../../../lib/local/embedded-dynamodb.ts';
import { createTableInput, ensureTable, LOCAL_TABLES, openLocalTables } from '../../../lib/local/tables.ts';
import { ANY_PORT } from '../../../lib/loopback.ts';
import { eventually } from '../../support/integration/suite.ts';

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

describe('the log of a table', () => {
  const TableName = 'sweeps';
  const key = (scope: string) => ({ scope: { S: scope }, sweep: { S: 'full' } });
  const item = (n: string) => ({ ...key('a'), n: { N: n } });
  const put = (n: string) => client.send(new PutItemCommand({ TableName, Item: item(n) }));
  const open = async () => {
    await ensureTable(client, TableName, SWEEPS_TABLE);
    const log = await server.logWrites(TableName, [SWEEPS_TABLE.partitionKey, SWEEPS_TABLE.sortKey]);
    const writes: LoggedWrite[] = [];
    return { log, writes, follow: () => log.follow((write) => writes.push(write)) };
  };

  it('tells each write of a table with the item before and after it', async () => {
    const { writes, follow } = await open();
    follow();
    await put('1');
    const set = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '2' } } };
    await client.send(new UpdateItemCommand({ TableName, Key: key('a'), ...set }));
    await client.send(new DeleteItemCommand({ TableName, Key: key('a') }));
    expect(writes.map(({ place: _, ...write }) => write)).toEqual([
      { keys: key('a'), after: item('1') },
      { keys: key('a'), before: item('1'), after: item('2') },
      { keys: key('a'), before: item('2') },
    ]);
  });

  it('tells of no write that is refused or changes nothing', async () => {
    const { writes, follow } = await open();
    follow();
    await put('1');
    await put('1');
    const refused = { ConditionExpression: 'attribute_not_exists(n)' };
    await expect(client.send(new DeleteItemCommand({ TableName, Key: key('a'), ...refused }))).rejects.toThrow();
    expect(writes).toHaveLength(1);
  });

  it('keeps what was not forgotten, in its order, for the next run', async () => {
    const first = await open();
    first.follow();
    for (const n of ['1', '2', '3']) await put(n);
    await first.log.forget(first.writes.slice(0, 1));
    await stop();
    await start();

    const second = await open();
    await put('4');
    second.follow();
    await put('5');
    expect(second.writes.map(({ after }) => after?.['n']?.N)).toEqual(['2', '3', '4', '5']);
    await second.log.forget(second.writes);
    await stop();
    await start();

    const third = await open();
    third.follow();
    expect(third.writes).toEqual([]);
  });
});

describe('what a read opens in LevelDB', () => {
  const query = {
    TableName: 'jobs',
    IndexName: 'by-scope',
    KeyConditionExpression: '#scope = :scope',
    ExpressionAttributeNames: { '#scope': 'scope' },
    ExpressionAttributeValues: { ':scope': { S: '111122223333#us-east-1' } },
  };
  it.each([
    ['a page of a query', () => new QueryCommand({ ...query, Limit: 2 })],
    ['a query to its end', () => new QueryCommand(query)],
    ['a scan', () => new ScanCommand({ TableName: 'jobs', Limit: 3 })],
  ])('is closed after %s', async (_name, commandOf) => {
    await ensureTable(client, 'jobs', JOBS_TABLE);
    for (let n = 0; n < 5; n += 1) {
      const keys = {
        job_arn: { S: String(n) },
        scope: { S: '111122223333#us-east-1' },
        creation_time: { S: String(n) },
      };
      await client.send(new PutItemCommand({ TableName: 'jobs', Item: keys }));
    }
    const close = jest.spyOn(AbstractValueIterator.prototype, 'close');
    const command = commandOf();
    for (let read = 0; read < 3; read += 1) expect((await client.send(command)).Count).toBeGreaterThan(1);
    await eventually(() => {
      expect(close).toHaveBeenCalledTimes(3);
    });
    close.mockRestore();
  });
});
