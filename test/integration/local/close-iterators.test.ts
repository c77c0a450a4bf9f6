import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { AbstractValueIterator } from 'abstract-level';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { eventually } from '../../support/integration/suite.ts';
import { loadTable, manyJob } from '../../support/integration/jobs.ts';

let tables: EmbeddedTables;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  await loadTable(
    tables,
    Array.from({ length: 20 }, (_, n) => manyJob(n)),
  );
});
afterAll(() => tables.close());

const READS = [
  ['a page of a query', { Limit: 2 }],
  ['a query to its end', {}],
] as const;

it.each(READS)('closes what %s opened in LevelDB', async (_name, more) => {
  const close = jest.spyOn(AbstractValueIterator.prototype, 'close');
  const { client, jobsTable } = tables;
  const query = new QueryCommand({
    TableName: jobsTable,
    IndexName: 'by-scope',
    KeyConditionExpression: '#scope = :scope',
    ExpressionAttributeNames: { '#scope': 'scope' },
    ExpressionAttributeValues: { ':scope': '111122223333#us-east-1' },
    ...more,
  });
  for (let read = 0; read < 5; read += 1) expect((await client.send(query)).Count).toBeGreaterThan(1);
  await eventually(() => {
    expect(close).toHaveBeenCalledTimes(5);
  });
  close.mockRestore();
});

it('closes what a scan opened in LevelDB', async () => {
  const close = jest.spyOn(AbstractValueIterator.prototype, 'close');
  await tables.client.send(new ScanCommand({ TableName: tables.jobsTable, Limit: 3 }));
  await eventually(() => {
    expect(close).toHaveBeenCalledTimes(1);
  });
  close.mockRestore();
});
