import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { readPublishConfiguration } from '../../lib/runtime/configuration.ts';
import { createMetrics } from '../../lib/runtime/metrics.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { createEventBridgeClient, eventBridgeTransitionBus } from '../../lib/runtime/transition-bus.ts';
import { METRIC } from '../../lib/contract.ts';
import { makeHandler } from './handler.ts';

const { bus, redactFailureMessages } = readPublishConfiguration();
const log = createLog();
const metrics = createMetrics();

/** Publishes one event for each transition that writes of the jobs table added. */
export const handler = middy<DynamoDBStreamEvent, PartialItemFailureResponse>()
  .use(injectLambdaContext(log))
  .use(logMetrics(metrics))
  .handler(
    makeHandler({
      bus: eventBridgeTransitionBus(createEventBridgeClient(), bus),
      redactFailureMessages,
      log,
      count: (published) => metrics.add(METRIC.transitionsPublished, published),
    }),
  );
