import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { readTrackConfiguration } from '../../lib/runtime/configuration.ts';
import { createDocumentClient, dynamoDbScopeStore } from '../../lib/runtime/dynamodb-stores.ts';
import { trackingDependencies } from '../../lib/runtime/tracking-dependencies.ts';
import { MESSAGE_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { makeHandler } from './handler.ts';

const configuration = readTrackConfiguration();
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();
const createClient = (scope: Scope) =>
  countCalls(createBedrockClient(scope, MESSAGE_TIMEOUTS, configuration.spokes), metrics);

/** Turns the queue's messages about jobs and models into records. */
export const handler = middy<SQSEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      ...trackingDependencies(configuration, createClient, dynamoDb),
      scopes: dynamoDbScopeStore(dynamoDb, configuration.sweepsTable),
      log,
      metrics,
    }),
  );
