import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { bedrockOfScopes, createBedrockClient, MESSAGE_PATIENCE } from '../../lib/adapters/bedrock-jobs.ts';
import { readTrackConfiguration } from '../../lib/adapters/configuration.ts';
import { createDocumentClient } from '../../lib/adapters/dynamodb-client.ts';
import { dynamoDbJobStore } from '../../lib/adapters/dynamodb-job-store.ts';
import { createLog } from '../../lib/adapters/telemetry.ts';
import { makeHandler } from './handler.ts';

const configuration = readTrackConfiguration();
const log = createLog();

/** Follows Bedrock's events: the queue's messages become records. */
export const handler = middy<SQSEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .handler(
    makeHandler({
      bedrockOf: bedrockOfScopes(configuration.scopes, (region) => createBedrockClient(region, MESSAGE_PATIENCE)),
      jobs: dynamoDbJobStore(createDocumentClient(), configuration.jobsTable),
      clock: () => new Date(),
      log,
    }),
  );
