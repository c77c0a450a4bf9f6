import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SWEEPS_TABLE } from '../../../lib/contract.ts';
import { ensureTable } from '../../../lib/local/tables.ts';
import { type LoggedWrite, startEmbeddedDynamoDb } from '../../../lib/local/embedded-dynamodb.ts';

const TableName = 'sweeps';
const KEYS = [SWEEPS_TABLE.partitionKey, SWEEPS_TABLE.sortKey];
const key = (scope: string) => ({ scope: { S: scope }, sweep: { S: 'full' } });

let folder: string;
const cleanups: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-log-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true });
});

/** The embedded DynamoDB on the same files as before, with the log of one table. */
const open = async () => {
  const server = await startEmbeddedDynamoDb({ path: folder });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1', credentials });
  await ensureTable(client, TableName, SWEEPS_TABLE);
  const log = await server.logWrites(TableName, KEYS);
  const writes: LoggedWrite[] = [];
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    client.destroy();
    await server.close();
  };
  cleanups.push(close);
  const follow = () => log.follow((write) => writes.push(write));
  return { client, log, writes, follow, close };
};
const imagesOf = (writes: readonly LoggedWrite[]) => writes.map(({ keys, before, after }) => ({ keys, before, after }));
const put = (client: DynamoDBClient, scope: string, n: string) =>
  client.send(new PutItemCommand({ TableName, Item: { ...key(scope), n: { N: n } } }));

it('tells each write of a table with the item before and after it', async () => {
  const { client, writes, follow } = await open();
  follow();
  await put(client, 'a', '1');
  const set = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '2' } } };
  await client.send(new UpdateItemCommand({ TableName, Key: key('a'), ...set }));
  await client.send(new DeleteItemCommand({ TableName, Key: key('a') }));
  const [one, two] = ['1', '2'].map((n) => ({ ...key('a'), n: { N: n } }));
  expect(imagesOf(writes)).toEqual([
    { keys: key('a'), before: undefined, after: one },
    { keys: key('a'), before: one, after: two },
    { keys: key('a'), before: two, after: undefined },
  ]);
});

it('tells of no write that is refused or changes nothing', async () => {
  const { client, writes, follow } = await open();
  follow();
  await put(client, 'a', '1');
  await put(client, 'a', '1');
  const refused = { ConditionExpression: 'attribute_not_exists(n)' };
  await expect(client.send(new DeleteItemCommand({ TableName, Key: key('a'), ...refused }))).rejects.toThrow();
  expect(writes).toHaveLength(1);
});

it('keeps what was not forgotten, in its order, for the next run', async () => {
  const first = await open();
  first.follow();
  for (const n of ['1', '2', '3']) await put(first.client, 'a', n);
  await first.log.forget(first.writes.slice(0, 1));
  await first.close();

  const second = await open();
  await put(second.client, 'a', '4');
  second.follow();
  await put(second.client, 'a', '5');
  expect(second.writes.map(({ after }) => after?.['n']?.N)).toEqual(['2', '3', '4', '5']);
  await second.log.forget(second.writes);
  await second.close();

  const third = await open();
  third.follow();
  expect(third.writes).toEqual([]);
});
