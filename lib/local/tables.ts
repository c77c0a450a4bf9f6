import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { JOBS_TABLE, SWEEPS_TABLE } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { ensureTable } from './create-table.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from './embedded-dynamodb.ts';
import { onPort } from './listen.ts';
import type { LocalOptions } from './options.ts';

/** The names of the local tables. */
export const LOCAL_TABLES = { jobs: 'bedrock-jobs', sweeps: 'bedrock-job-sweeps' } as const;

const createTables = async (endpoint: string): Promise<void> => {
  // The embedded DynamoDB takes any credentials; these keep the SDK from looking for the user's.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    await ensureTable(client, LOCAL_TABLES.jobs, JOBS_TABLE);
    await ensureTable(client, LOCAL_TABLES.sweeps, SWEEPS_TABLE);
  } finally {
    client.destroy();
  }
};

/**
 * The tracker's tables on disk, made where they are missing. Throws LOCAL_RUN_REFUSED, saying what to do, where the port
 * or the folder cannot be used.
 */
export const openLocalTables = async (options: LocalOptions, dataName: string): Promise<EmbeddedDynamoDb> => {
  const path = join(options.dataDir, dataName, 'dynamodb');
  await mkdir(path, { recursive: true });
  const tables = await onPort(options.dynamoDbPort, '--dynamodb-port', (port) => startEmbeddedDynamoDb({ path, port }));
  try {
    await createTables(tables.url);
    return tables;
  } catch (error) {
    await tables.close().catch(() => undefined);
    throw new TrackerError(
      'LOCAL_RUN_REFUSED',
      `The records in ${path} cannot be opened: another local run may be using them. Stop it, or name another folder with --data-dir.`,
      { cause: error },
    );
  }
};
