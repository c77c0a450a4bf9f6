import {
  CreateTableCommand,
  ResourceInUseException,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../contract.ts';

const keySchema = (partitionKey: string, sortKey?: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
];

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
            Projection: {
              ProjectionType: 'INCLUDE',
              NonKeyAttributes: projected.filter(
                (attribute) => attribute !== index.partitionKey && attribute !== index.sortKey,
              ),
            },
          })),
        }),
  };
};

/** Makes a table of the contract where it does not exist yet, and waits until it can be used. */
export const ensureTable = async (client: DynamoDBClient, tableName: string, schema: TableSchema): Promise<void> => {
  try {
    await client.send(new CreateTableCommand(createTableInput(tableName, schema)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: tableName });
};
