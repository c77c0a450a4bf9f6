import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { clientsOfScopes, createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { bedrockModels } from '../../lib/runtime/bedrock-models.ts';
import { readTrackConfiguration } from '../../lib/runtime/configuration.ts';
import { createDocumentClient, dynamoDbJobStore, dynamoDbModelStore } from '../../lib/runtime/dynamodb-stores.ts';
import { MESSAGE_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { makeHandler } from './handler.ts';

const { scopes, spokes, jobsTable, modelsTable } = readTrackConfiguration();
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();
const clientOf = clientsOfScopes(scopes, (scope) =>
  countCalls(createBedrockClient(scope, MESSAGE_TIMEOUTS, spokes), metrics),
);

/** Turns the queue's messages about jobs and models into records. */
export const handler = middy<SQSEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      bedrockOf: (scope) => bedrockJobs(clientOf(scope), scope),
      jobs: dynamoDbJobStore(dynamoDb, jobsTable),
      ...(modelsTable === undefined
        ? {}
        : {
            models: {
              bedrockModelsOf: (scope) => bedrockModels(clientOf(scope), scope),
              models: dynamoDbModelStore(dynamoDb, modelsTable),
            },
          }),
      clock: () => new Date(),
      log,
      metrics,
    }),
  );
