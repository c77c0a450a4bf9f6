import { describe, expect, it } from '@jest/globals';
import { INDEX, JOBS_TABLE, SWEEPS_TABLE, type TableSchema } from '../../lib/contract.ts';
import { defaultTemplate, resourceOf, type CfnResource } from './support.ts';

interface Key {
  readonly AttributeName: string;
  readonly KeyType: string;
}
interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly Key[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}
interface TableProperties {
  readonly KeySchema: readonly Key[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
}

const table = (name: string): CfnResource => resourceOf(defaultTemplate(), 'AWS::DynamoDB::Table', name);
const properties = (name: string) => table(name).Properties as TableProperties;
const indexesOf = (name: string) => properties(name).GlobalSecondaryIndexes ?? [];
const indexes = () => indexesOf('JobsTable');
const keys = (partitionKey: string, sortKey?: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
];

describe('the tables', () => {
  it.each<[string, TableSchema]>([
    ['JobsTable', JOBS_TABLE],
    ['SweepsTable', SWEEPS_TABLE],
  ])('%s has the keys of the contract, all of them strings', (name, schema) => {
    expect(properties(name).KeySchema).toEqual(keys(schema.partitionKey, schema.sortKey));
    expect(properties(name).AttributeDefinitions.every(({ AttributeType }) => AttributeType === 'S')).toBe(true);
  });

  it.each(['JobsTable', 'SweepsTable'])('%s is paid by request, encrypted and can be restored', (name) => {
    expect(properties(name)).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('the jobs table outlives the stack and refuses to be deleted', () => {
    expect(table('JobsTable')).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties('JobsTable')).toMatchObject({ DeletionProtectionEnabled: true });
  });

  it('the sweeps table goes with the stack, as sweeps rebuild it', () => {
    expect(table('SweepsTable')).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(properties('SweepsTable')).toMatchObject({ DeletionProtectionEnabled: false });
  });

  it('the jobs table streams both images, without which transitions cannot be published', () => {
    expect(properties('JobsTable')).toMatchObject({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } });
  });
});

describe('the indexes', () => {
  it.each<[string, TableSchema]>([
    ['JobsTable', JOBS_TABLE],
    ['SweepsTable', SWEEPS_TABLE],
  ])('of the %s are those of the contract', (name, { indexes: expected }) => {
    expect(Object.fromEntries(indexesOf(name).map(({ IndexName, KeySchema }) => [IndexName, KeySchema]))).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([index, { partitionKey, sortKey }]) => [index, keys(partitionKey, sortKey)]),
      ),
    );
  });
});

describe('the indexes of the jobs table', () => {
  const schema: TableSchema = JOBS_TABLE;
  const isKeysOnly = (name: string) => schema.indexes[name]?.keysOnly === true;

  it.each(Object.keys(JOBS_TABLE.indexes).filter((name) => !isKeysOnly(name)))(
    '%s carries every projected attribute once',
    (name) => {
      const index = indexes().find(({ IndexName }) => IndexName === name);
      const ownKeys = index?.KeySchema.map(({ AttributeName }) => AttributeName) ?? [];
      const carried = [...ownKeys, ...(index?.Projection.NonKeyAttributes ?? [])];
      expect(index?.Projection.ProjectionType).toBe('INCLUDE');
      expect(new Set(carried).size).toBe(carried.length);
      expect(carried).toEqual(expect.arrayContaining([...JOBS_TABLE.projected]));
    },
  );

  it('by-job-id carries keys alone: what it would carry besides counts towards the 100 attributes', () => {
    const keysOnly = indexes().filter(({ Projection }) => Projection.ProjectionType === 'KEYS_ONLY');
    expect(keysOnly.map(({ IndexName }) => IndexName)).toEqual(['by-job-id']);
    expect(keysOnly[0]?.Projection).toEqual({ ProjectionType: 'KEYS_ONLY' });
    expect(Object.keys(JOBS_TABLE.indexes).filter(isKeysOnly)).toEqual(['by-job-id']);
  });

  it('stay within what DynamoDB allows: 20 projected attributes an index, 100 all together', () => {
    const counts = indexes().map(({ Projection }) => Projection.NonKeyAttributes?.length ?? 0);
    expect(counts).toHaveLength(Object.keys(INDEX).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(20);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(100);
  });

  it('project nothing heavy, which every write would pay for six times', () => {
    const carried = indexes().flatMap(({ Projection }) => Projection.NonKeyAttributes ?? []);
    for (const heavy of ['transitions', 'hyper_parameters', 'customization_config', 'training_data_config']) {
      expect(carried).not.toContain(heavy);
    }
  });
});
