import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { countCalls } from '../../lib/adapters/bedrock-call-metrics.ts';
import { bedrockOfScopes, createBedrockClient } from '../../lib/adapters/bedrock-jobs.ts';
import { readTrackConfiguration } from '../../lib/adapters/configuration.ts';
import { createDocumentClient } from '../../lib/adapters/dynamodb-client.ts';
import { dynamoDbJobStore } from '../../lib/adapters/dynamodb-job-store.ts';
import { createMetrics } from '../../lib/adapters/metrics.ts';
import { MESSAGE_PATIENCE } from '../../lib/adapters/patience.ts';
import { createLog } from '../../lib/adapters/telemetry.ts';
import { makeHandler } from './handler.ts';

const configuration = readTrackConfiguration();
const log = createLog();
const metrics = createMetrics();

/** Follows Bedrock's events: the queue's messages become records. */
export const handler = middy<SQSEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      bedrockOf: bedrockOfScopes(configuration.scopes, (scope) =>
        countCalls(createBedrockClient(scope, MESSAGE_PATIENCE, configuration.spokes), metrics),
      ),
      jobs: dynamoDbJobStore(createDocumentClient(), configuration.jobsTable),
      clock: () => new Date(),
      log,
      metrics,
    }),
  );
