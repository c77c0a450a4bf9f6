import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { readNotifyConfiguration } from '../../lib/runtime/configuration.ts';
import { createSnsClient, makeHandler, snsNotificationTopic } from './handler.ts';
import { createLog } from '../../lib/runtime/log.ts';

const { topicArn } = readNotifyConfiguration();
const log = createLog();

/** Sends one notification for each event of the bus. */
export const handler = middy()
  .use(injectLambdaContext(log))
  .handler(makeHandler({ topic: snsNotificationTopic(createSnsClient(), topicArn), log }));
