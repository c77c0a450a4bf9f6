import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { readNotifyConfiguration } from '../../lib/adapters/configuration.ts';
import { createSnsClient, snsNotificationTopic } from '../../lib/adapters/notification-topic.ts';
import { createLog } from '../../lib/adapters/telemetry.ts';
import { makeHandler } from './handler.ts';

const { topicArn } = readNotifyConfiguration();
const log = createLog();

/** Tells people of a transition: one event of the bus becomes one notification of the topic. */
export const handler = middy()
  .use(injectLambdaContext(log))
  .handler(makeHandler({ topic: snsNotificationTopic(createSnsClient(), topicArn), log }));
