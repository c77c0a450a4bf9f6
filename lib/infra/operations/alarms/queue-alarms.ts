import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { pascalCase, present, type WatchedParts, type WatchedQueues } from '../watched.ts';
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
 * A message that track-job fails on is dead-lettered after half an hour, and SQS leaves it out of the age from its fourth
 * delivery on. One that is older waits for a reader.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const LONGEST_WAIT = Duration.minutes(45);

const waiting = (queue: IQueue): AlarmDefinition => ({
  id: 'JobEventsWaiting',
  metric: queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: LONGEST_WAIT.toSeconds(),
  periods: 1,
  // SQS tells no age of an empty queue.
  missing: TreatMissingData.NOT_BREACHING,
  says: `An event about a job has waited in the queue for more than ${LONGEST_WAIT.toHumanString()}.`,
  paragraph: 'events-wait',
});

/**
 * How long events wait on their way, and one alarm for each queue that is empty when all is well.
 *
 * SQS stops to report a queue that nobody has used for six hours, messages or not
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html).
 * So missing data changes nothing: taken for an empty queue it would end the alarm with the messages still there.
 */
export const queueAlarms = ({ queues, jobEventsQueue }: WatchedParts): AlarmDefinition[] => [
  ...present({ ...queues }).map(([name, queue]) => ({
    id: `${pascalCase(name)}NotEmpty`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
    comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.IGNORE,
    ...TEXTS[name as keyof WatchedQueues],
  })),
  waiting(jobEventsQueue),
];
