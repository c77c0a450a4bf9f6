import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { cloudWatchUse, createCloudWatchClient } from '../../lib/runtime/cloudwatch.ts';
import { readReconcileConfiguration } from '../../lib/runtime/configuration.ts';
import { createLambdaClient, lambdaEventSources } from './event-sources.ts';
import { createDocumentClient, dynamoDbScopeStore, dynamoDbSweepStore } from '../../lib/runtime/dynamodb-stores.ts';
import { trackingDependencies } from '../../lib/runtime/tracking-dependencies.ts';
import { DAY } from '../../lib/domain/time.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { makeHandler, type ReconcileAnswer } from './handler.ts';
import { createSqsClient, sqsSweeps } from './sweeps-queue.ts';

const configuration = readReconcileConfiguration();
const { named, periods, spokes, sweepsTable, sweepsQueue, tagRefreshDays, idleAfterDays } = configuration;
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();
const createClient = (scope: Scope) => countCalls(createBedrockClient(scope, SWEEP_TIMEOUTS, spokes), metrics);

/** Starts the sweeps that are due, and sweeps the scopes of the queue's messages, to find what events missed. */
export const handler = middy<unknown, ReconcileAnswer | PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      ...trackingDependencies(configuration, createClient, dynamoDb),
      ...(idleAfterDays === undefined
        ? {}
        : {
            usage: {
              useOf: (scope) => cloudWatchUse(createCloudWatchClient(scope, SWEEP_TIMEOUTS, spokes), scope),
              idleAfterMs: idleAfterDays * DAY,
            },
          }),
      sweeps: dynamoDbSweepStore(dynamoDb, sweepsTable),
      scopes: dynamoDbScopeStore(dynamoDb, sweepsTable),
      periods,
      named,
      ...(sweepsQueue === undefined ? {} : { send: sqsSweeps(createSqsClient(), sweepsQueue) }),
      eventSources: lambdaEventSources(createLambdaClient(), configuration.eventSourceMappings),
      ...(tagRefreshDays === undefined ? {} : { tagRefreshDays }),
      log,
      metrics,
    }),
  );
