import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { JOBS_TABLE, SWEEPS_TABLE } from '../contract.ts';
import { ensureTable } from './create-table.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from './embedded-dynamodb.ts';
import type { PortChoice } from '../loopback.ts';

/** The names of the local tables. */
export const LOCAL_TABLES = { jobs: 'bedrock-jobs', sweeps: 'bedrock-job-sweeps' } as const;

const createTables = async (endpoint: string, folder: string): Promise<void> => {
  // The embedded DynamoDB takes any credentials; these keep the SDK from looking for the user's.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    await ensureTable(client, LOCAL_TABLES.jobs, JOBS_TABLE, folder);
    await ensureTable(client, LOCAL_TABLES.sweeps, SWEEPS_TABLE, folder);
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
