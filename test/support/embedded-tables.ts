import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import { JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE } from '../../lib/contract.ts';
import { ensureTable } from '../../lib/local/tables.ts';
import { startEmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';

export interface EmbeddedTables {
  readonly url: string;
  readonly client: DynamoDBDocumentClient;
  readonly jobsTable: string;
  readonly modelsTable: string;
  readonly sweepsTable: string;
  readonly close: () => Promise<void>;
}

/** The tables of the contract on an embedded DynamoDB of the test's own, in memory. */
export const startEmbeddedTables = async (): Promise<EmbeddedTables> => {
  const server = await startEmbeddedDynamoDb();
  const client = new DynamoDBClient({ endpoint: server.url });
  await ensureTable(client, 'jobs', JOBS_TABLE);
  await ensureTable(client, 'models', MODELS_TABLE);
  await ensureTable(client, 'sweeps', SWEEPS_TABLE);
  return {
    url: server.url,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: MARSHALL_OPTIONS }),
    jobsTable: 'jobs',
    modelsTable: 'models',
    sweepsTable: 'sweeps',
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
};
