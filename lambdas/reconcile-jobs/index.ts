import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { cloudWatchUse, createCloudWatchClient } from '../../lib/runtime/cloudwatch.ts';
import { readReconcileConfiguration } from '../../lib/runtime/configuration.ts';
import { createLambdaClient, lambdaEventSources } from './event-sources.ts';
import { createDocumentClient, dynamoDbSweepStore } from '../../lib/runtime/dynamodb-stores.ts';
import { trackingDependencies } from '../../lib/runtime/tracking-dependencies.ts';
import { DAY } from '../../lib/domain/time.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { makeHandler, type ReconcileAnswer } from './handler.ts';

const configuration = readReconcileConfiguration();
const { scopes, spokes, sweepsTable, tagRefreshDays, idleAfterDays, eventSourceMappings } = configuration;
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();
const createClient = (scope: Scope) => countCalls(createBedrockClient(scope, SWEEP_TIMEOUTS, spokes), metrics);

/** Sweeps the tracked scopes, to find what events missed. */
export const handler = middy<unknown, ReconcileAnswer>()
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
      scopes,
      eventSources: lambdaEventSources(createLambdaClient(), eventSourceMappings),
      tagRefreshDays,
      log,
      metrics,
    }),
  );
