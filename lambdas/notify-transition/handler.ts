import type { Log } from '../../lib/runtime/log.ts';
import { logFieldsOf } from '../../lib/domain/transition-event.ts';
import { isModelTransitionEvent, parseModelTransition, parseTransition } from '../../lib/client/transition-event.ts';
import { type Notification, notificationOf } from '../../lib/domain/notification.ts';
import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
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

export interface NotifyHandlerDependencies {
  readonly topic: NotificationTopic;
  readonly log: Log;
}

/** Sends one transition event to the topic. Throws NOT_A_TRANSITION or SNS's error: Lambda retries, then dead-letters. */
export const makeHandler =
  ({ topic, log }: NotifyHandlerDependencies) =>
  async (event: unknown): Promise<void> => {
    const { detail } = isModelTransitionEvent(event) ? parseModelTransition(event) : parseTransition(event);
    await topic.notify(notificationOf(detail));
    log.info('notification sent', { ...logFieldsOf(detail), transition_id: detail.transition_id });
  };
