import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettingsOf, type Patience } from './timeouts.ts';

/**
 * Undefined attributes are left out. Without `convertClassInstanceToMap` the marshaller takes a map with a key named
 * `constructor` for an instance of a class and refuses it; such a key is a valid tag.
 */
export const MARSHALL_OPTIONS = { removeUndefinedValues: true, convertClassInstanceToMap: true } as const;

const PATIENCE: Patience = { maxAttempts: 5, requestTimeout: 10_000 };

/** A document client that leaves undefined attributes out. Region, endpoint and credentials are the SDK's own settings. */
export const createDocumentClient = (region?: string, patience: Patience = PATIENCE): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...(region === undefined ? {} : { region }),
      ...clientSettingsOf(patience),
    }),
    { marshallOptions: MARSHALL_OPTIONS },
  );
