import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { countCalls } from '../../lib/adapters/bedrock-call-metrics.ts';
import { bedrockOfScopes, createBedrockClient } from '../../lib/adapters/bedrock-jobs.ts';
import { readReconcileConfiguration } from '../../lib/adapters/configuration.ts';
import { createLambdaClient, lambdaEventSources } from '../../lib/adapters/event-sources.ts';
import { createDocumentClient } from '../../lib/adapters/dynamodb-client.ts';
import { dynamoDbJobStore } from '../../lib/adapters/dynamodb-job-store.ts';
import { dynamoDbSweepStore } from '../../lib/adapters/dynamodb-sweep-store.ts';
import { createMetrics } from '../../lib/adapters/metrics.ts';
import { SWEEP_PATIENCE } from '../../lib/adapters/patience.ts';
import { createLog } from '../../lib/adapters/telemetry.ts';
import { makeHandler, type ReconcileAnswer } from './handler.ts';

const { scopes, spokes, jobsTable, sweepsTable, tagRefreshDays, eventSourceMappings } = readReconcileConfiguration();
const log = createLog();
const metrics = createMetrics();
const dynamoDb = createDocumentClient();

/** Sweeps the tracked scopes: what events did not bring is found here. */
export const handler = middy<unknown, ReconcileAnswer>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      bedrockOf: bedrockOfScopes(scopes, (scope) =>
        countCalls(createBedrockClient(scope, SWEEP_PATIENCE, spokes), metrics),
      ),
      jobs: dynamoDbJobStore(dynamoDb, jobsTable),
      sweeps: dynamoDbSweepStore(dynamoDb, sweepsTable),
      clock: () => new Date(),
      scopes,
      eventSources: lambdaEventSources(createLambdaClient(), eventSourceMappings),
      tagRefreshDays,
      log,
      metrics,
    }),
  );
