import type { NotificationTopic } from './topic.ts';
import type { Log } from '../../lib/runtime/log.ts';
import { parseTransition } from '../../lib/client/transition-event.ts';
import { notificationOf } from '../../lib/domain/notification.ts';

export interface NotifyHandlerDependencies {
  readonly topic: NotificationTopic;
  readonly log: Log;
}

/** Sends one transition event to the topic. Throws NOT_A_TRANSITION or SNS's error: Lambda retries, then dead-letters. */
export const makeHandler =
  ({ topic, log }: NotifyHandlerDependencies) =>
  async (event: unknown): Promise<void> => {
    const { detail } = parseTransition(event);
    await topic.notify(notificationOf(detail));
    const { job_arn, to, via, transition_id } = detail;
    log.info('notification sent', { job_arn, to, via, transition_id });
  };
