import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { readNotifyConfiguration } from '../../lib/runtime/configuration.ts';
import { createSnsClient, snsNotificationTopic } from './topic.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { makeHandler } from './handler.ts';

const { topicArn } = readNotifyConfiguration();
const log = createLog();

/** Tells people of a transition: one event of the bus becomes one notification of the topic. */
export const handler = middy()
  .use(injectLambdaContext(log))
  .handler(makeHandler({ topic: snsNotificationTopic(createSnsClient(), topicArn), log }));
