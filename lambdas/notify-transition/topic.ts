import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import type { Notification } from '../../lib/domain/notification.ts';
import { clientSettingsOf, type Timeouts } from '../../lib/runtime/timeouts.ts';

export interface NotificationTopic {
  notify(notification: Notification): Promise<void>;
}

const TIMEOUTS: Timeouts = { maxAttempts: 4, requestTimeout: 5_000 };

/** Gives up within the function's half minute. */
export const createSnsClient = (): SNSClient => new SNSClient(clientSettingsOf(TIMEOUTS));

export const publishInput = (
  topicArn: string,
  { subject, message, attributes }: Notification,
): PublishCommandInput => ({
  TopicArn: topicArn,
  Subject: subject,
  Message: message,
  // SNS refuses an attribute without a value.
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  ),
});

export const snsNotificationTopic = (client: SNSClient, topicArn: string): NotificationTopic => ({
  async notify(notification) {
    await client.send(new PublishCommand(publishInput(topicArn, notification)));
  },
});
