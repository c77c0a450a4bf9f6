import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A document client that leaves undefined attributes out. Region, endpoint and credentials are the SDK's own settings. */
export const createDocumentClient = (region?: string): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...(region === undefined ? {} : { region }),
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
