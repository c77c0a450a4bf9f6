import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import type { Notification } from '../domain/notification.ts';

/** Where people are told. Resolves once the notification is accepted; rejects where it is not. */
export interface NotificationTopic {
  notify(notification: Notification): Promise<void>;
}

export const createSnsClient = (): SNSClient =>
  new SNSClient({ maxAttempts: 4, requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000 } });

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

/** Notifications on an SNS topic. */
export const snsNotificationTopic = (client: SNSClient, topicArn: string): NotificationTopic => ({
  async notify(notification) {
    await client.send(new PublishCommand(publishInput(topicArn, notification)));
  },
});
