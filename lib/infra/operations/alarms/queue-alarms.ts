import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { pascalCase, present, type WatchedQueues } from '../watched.ts';
import type { AlarmDefinition } from './definition.ts';

const TEXTS: Readonly<Record<keyof WatchedQueues, Pick<AlarmDefinition, 'says' | 'paragraph'>>> = {
  jobEventsDeadLetters: {
    says: 'track-job gave up on events about jobs; they wait in the dead-letter queue.',
    paragraph: 'events-in-the-dead-letter-queue',
  },
  undeliveredEvents: {
    says: 'EventBridge could not put events about jobs into the queue.',
    paragraph: 'undelivered-events',
  },
  undeliveredSweeps: {
    says: 'EventBridge Scheduler could not start a sweep.',
    paragraph: 'undelivered-sweeps',
  },
  undeliveredTransitions: {
    says: 'publish-transitions gave up on a part of the table’s stream: subscribers were not told of its transitions.',
    paragraph: 'undelivered-transitions',
  },
  undeliveredNotifications: {
    says: 'Nobody was notified of a transition: its notification could not be sent.',
    paragraph: 'undelivered-notifications',
  },
};

/**
 * One alarm for each queue that is empty when all is well.
 *
 * SQS stops to report a queue that nobody has used for six hours, messages or not
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html).
 * So missing data changes nothing: taken for an empty queue it would end the alarm with the messages still there.
 */
export const queueAlarms = (queues: WatchedQueues): AlarmDefinition[] =>
  present({ ...queues }).map(([name, queue]) => ({
    id: `${pascalCase(name)}NotEmpty`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
    comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.IGNORE,
    ...TEXTS[name as keyof WatchedQueues],
  }));
