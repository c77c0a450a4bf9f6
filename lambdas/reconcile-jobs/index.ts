import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { countCalls, createMetrics } from '../../lib/runtime/metrics.ts';
import { clientsOfScopes, createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { bedrockModels } from '../../lib/runtime/bedrock-models.ts';
import { cloudWatchUse, createCloudWatchClient } from '../../lib/runtime/cloudwatch.ts';
import { readReconcileConfiguration } from '../../lib/runtime/configuration.ts';
import { createLambdaClient, lambdaEventSources } from './event-sources.ts';
import {
  createDocumentClient,
  dynamoDbJobStore,
  dynamoDbModelStore,
  dynamoDbSweepStore,
} from '../../lib/runtime/dynamodb-stores.ts';
import { DAY } from '../../lib/domain/time.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { makeHandler, type ReconcileAnswer } from './handler.ts';

const { scopes, spokes, jobsTable, modelsTable, sweepsTable, tagRefreshDays, idleAfterDays, eventSourceMappings } =
  readReconcileConfiguration();
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();
const clientOf = clientsOfScopes(scopes, (scope) =>
  countCalls(createBedrockClient(scope, SWEEP_TIMEOUTS, spokes), metrics),
);

/** Sweeps the tracked scopes, to find what events missed. */
export const handler = middy<unknown, ReconcileAnswer>()
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
      ...(idleAfterDays === undefined
        ? {}
        : {
            usage: {
              useOf: (scope) => cloudWatchUse(createCloudWatchClient(scope, SWEEP_TIMEOUTS, spokes), scope),
              idleAfterMs: idleAfterDays * DAY,
            },
          }),
      sweeps: dynamoDbSweepStore(dynamoDb, sweepsTable),
      clock: () => new Date(),
      scopes,
      eventSources: lambdaEventSources(createLambdaClient(), eventSourceMappings),
      tagRefreshDays,
      log,
      metrics,
    }),
  );
