import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { bedrockOfScopes, createBedrockClient } from '../../lib/runtime/bedrock-jobs.ts';
import { readTrackConfiguration } from '../../lib/runtime/configuration.ts';
import { createDocumentClient, dynamoDbJobStore } from '../../lib/runtime/dynamodb-stores.ts';
import { MESSAGE_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { makeHandler } from './handler.ts';

const configuration = readTrackConfiguration();
const log = createLog();
const metrics = createMetrics();

/** Turns the queue's messages about jobs into records. */
export const handler = middy<SQSEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      bedrockOf: bedrockOfScopes(configuration.scopes, (scope) =>
        countCalls(createBedrockClient(scope, MESSAGE_TIMEOUTS, configuration.spokes), metrics),
      ),
      jobs: dynamoDbJobStore(createDocumentClient(), configuration.jobsTable),
      clock: () => new Date(),
      log,
      metrics,
    }),
  );
