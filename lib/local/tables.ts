import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type Projection,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { carriedBy, type IndexSchema, JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE, type TableSchema } from '../contract.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from './embedded-dynamodb.ts';
import type { PortChoice } from '../loopback.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { TrackerError } from '../domain/errors.ts';

const keySchema = (partitionKey: string, sortKey?: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
];

const projectionOf = (index: IndexSchema, projected: readonly string[]): Projection =>
  index.keysOnly === true
    ? { ProjectionType: 'KEYS_ONLY' }
    : {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: carriedBy(index, projected),
      };

/** The request that makes a table of the contract, the same as the stack makes. */
export const createTableInput = (tableName: string, schema: TableSchema): CreateTableCommandInput => {
  const { partitionKey, sortKey, projected } = schema;
  const indexes = Object.entries(schema.indexes);
  const keys = [partitionKey, sortKey, ...indexes.flatMap(([, index]) => [index.partitionKey, index.sortKey])];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(partitionKey, sortKey),
    AttributeDefinitions: [...new Set(keys)]
      .filter((key) => key !== undefined)
      .map((key) => ({ AttributeName: key, AttributeType: 'S' })),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map(([name, index]) => ({
            IndexName: name,
            KeySchema: keySchema(index.partitionKey, index.sortKey),
            Projection: projectionOf(index, projected),
          })),
        }),
  };
};

type Index = Pick<GlobalSecondaryIndexDescription, 'IndexName' | 'KeySchema' | 'Projection'>;

/** An index as text that is the same for indexes that answer the same. DynamoDB keeps no order of attributes. */
const formOf = ({ KeySchema = [], Projection = {} }: Index): string =>
  JSON.stringify([
    KeySchema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]),
    Projection.ProjectionType,
    (Projection.NonKeyAttributes ?? []).toSorted(),
  ]);

/** Names of the indexes that only one of two tables has, or that differ. */
const differing = (some: readonly Index[], others: readonly Index[]): string[] => {
  const forms = (indexes: readonly Index[]) => new Map(indexes.map((index) => [index.IndexName ?? '', formOf(index)]));
  const [one, other] = [forms(some), forms(others)];
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
};

/** An index cannot be added to a table of the embedded DynamoDB: its UpdateTable takes the request and does nothing. */
const refuseOtherIndexes = async (client: DynamoDBClient, input: CreateTableCommandInput, folder: string) => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: input.TableName }));
  const names = differing(input.GlobalSecondaryIndexes ?? [], Table?.GlobalSecondaryIndexes ?? []);
  if (names.length === 0) return;
  throw new TrackerError(
    'LOCAL_RUN_REFUSED',
    `The table ${String(input.TableName)} in ${folder} was made by another version of the tracker: ` +
      `${names.join(', ')} ${names.length === 1 ? 'is missing or differs' : 'are missing or differ'}. Delete that folder, ` +
      'and sweeps read the jobs from Bedrock again, without the history that was seen; or name another folder with ' +
      '--data-dir.',
  );
};

/**
 * Makes a table of the contract where it does not exist yet, and waits until it can be used. `folder` is where it is
 * kept, for the sentence.
 *
 * @throws TrackerError LOCAL_RUN_REFUSED where it exists with other indexes than the contract's
 */
export const ensureTable = async (
  client: DynamoDBClient,
  tableName: string,
  schema: TableSchema,
  folder = 'this DynamoDB',
): Promise<void> => {
  const input = createTableInput(tableName, schema);
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    await refuseOtherIndexes(client, input, folder);
  }
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: tableName });
};

/**
 * The folder of a local run's tables, made where it is missing. Throws LOCAL_RUN_REFUSED where another run uses it: LevelDB
 * gives its files to one process, and gives them free when that process ends, however it ends. dynalite would end the
 * process instead of reporting it.
 */
export const claimTablesFolder = async (dataDir: string): Promise<string> => {
  const path = join(dataDir, 'dynamodb');
  try {
    await mkdir(path, { recursive: true });
    const level = new ClassicLevel(path);
    await level.open();
    await level.close();
    return path;
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new TrackerError(
      'LOCAL_RUN_REFUSED',
      `The records in ${path} cannot be opened (${reason}). If another local run uses them, stop it; ` +
        'or name another folder with --data-dir.',
      { cause: error },
    );
  }
};

/** The names of the local tables. */
export const LOCAL_TABLES = { jobs: 'bedrock-jobs', models: 'bedrock-models', sweeps: 'bedrock-job-sweeps' } as const;
const SCHEMAS = { jobs: JOBS_TABLE, models: MODELS_TABLE, sweeps: SWEEPS_TABLE } as const;

const createTables = async (endpoint: string, folder: string): Promise<void> => {
  // The embedded DynamoDB takes any credentials; these keep the SDK from looking for the user's.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    for (const table of ['jobs', 'models', 'sweeps'] as const)
      await ensureTable(client, LOCAL_TABLES[table], SCHEMAS[table], folder);
  } finally {
    client.destroy();
  }
};

/**
 * The tracker's tables on disk, made where they are missing.
 *
 * @throws TrackerError LOCAL_RUN_REFUSED where they are of another version
 */
export const openLocalTables = async (path: string, port: PortChoice): Promise<EmbeddedDynamoDb> => {
  const tables = await startEmbeddedDynamoDb({ path, port });
  try {
    await createTables(tables.url, path);
    return tables;
  } catch (error) {
    await tables.close();
    throw error;
  }
};
