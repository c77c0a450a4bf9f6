import { Duration, Fn } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarms.ts';
import {
  camelCase,
  entriesOf,
  pascalCase,
  type WatchedFunction,
  type WatchedParts,
  type WatchedQueue,
  type WatchedRule,
} from './watched.ts';

const FIVE_MINUTES = Duration.minutes(5);

const QUEUES: Readonly<Record<WatchedQueue, Pick<AlarmDefinition, 'says' | 'paragraph'>>> = {
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
    says: "publish-transitions gave up on a part of the table's stream: its transitions were not published.",
    paragraph: 'undelivered-transitions',
  },
  undeliveredNotifications: {
    says: 'A notification about a transition could not be sent.',
    paragraph: 'undelivered-notifications',
  },
};

/**
 * One alarm for each queue that is empty when all is well, and one for events that wait on their way.
 *
 * SQS stops to report a queue that nobody has used for six hours, messages or not
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html).
 * So missing data changes nothing: taken for an empty queue it would end the alarm with the messages still there.
 */
export const queueAlarms = ({ queues, jobEventsQueue }: WatchedParts): AlarmDefinition[] => [
  ...entriesOf(queues).map(([name, queue]) => ({
    id: `${pascalCase(name)}NotEmpty`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
    missing: TreatMissingData.IGNORE,
    ...QUEUES[name],
  })),
  waiting(jobEventsQueue),
];

/**
 * A message that track-job fails on is dead-lettered after half an hour, and SQS leaves it out of the age from its fourth
 * delivery on. One that is older waits for a reader.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const LONGEST_WAIT = Duration.minutes(45);

const waiting = (queue: IQueue): AlarmDefinition => ({
  id: 'JobEventsWaiting',
  metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: LONGEST_WAIT.toSeconds(),
  says: `An event about a job has waited in the queue for more than ${LONGEST_WAIT.toHumanString()}.`,
  paragraph: 'events-wait',
});

/**
 * Events that EventBridge could put neither into their target nor into the queue of undelivered ones, whose own alarm
 * tells of all others. One alarm for all rules, as they share these queues.
 */
export const deliveryAlarms = ({ rules }: WatchedParts): AlarmDefinition[] => {
  const lost = Object.entries(rules).map(([name, rule]): [string, Metric] => [camelCase(name), lostEvents(rule)]);
  if (lost.length === 0) return [];
  return [
    {
      id: 'EventsLost',
      metric: sumOf(Object.fromEntries(lost)),
      says: 'EventBridge could deliver an event neither to its target nor to the dead-letter queue.',
      paragraph: 'events-are-lost',
    },
  ];
};

/**
 * Rules of the default bus are measured by name alone, others by bus and name.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const lostEvents = ({ rule, eventBusName }: WatchedRule): Metric =>
  fiveMinuteSum('AWS/Events', 'InvocationsFailedToBeSentToDlq', {
    ...(eventBusName === undefined
      ? { RuleName: rule.ruleName }
      : // CloudFormation's Ref of such a rule is "bus|rule"; its ARN ends with rule/<bus>/<rule>.
        { EventBusName: eventBusName, RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)) }),
  });

const fiveMinuteSum = (namespace: string, metricName: string, dimensionsMap: Record<string, string>): Metric =>
  new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, period: FIVE_MINUTES });

/** The sum of metrics of which AWS reports no count of zero. Costs as an alarm on each of them. */
const sumOf = (usingMetrics: Record<string, IMetric>): IMetric =>
  new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics,
    period: FIVE_MINUTES,
  });

/** Everything here is tried again by itself, so one failure is expected and the second is not. */
const ERRORS = 2;
const ERROR_WINDOW = Duration.minutes(15);

/**
 * Functions whose failure has no other alarm. A sweep that fails has a heartbeat and a completeness, and a notification
 * that cannot be sent ends in its queue.
 */
const WATCHED_FOR_ERRORS: readonly WatchedFunction[] = ['trackJob', 'publishTransitions'];

/** Errors and throttles of functions. */
export const functionAlarms = ({ functions }: Pick<WatchedParts, 'functions'>): AlarmDefinition[] =>
  entriesOf(functions).flatMap(([name, fn]) => [
    ...(WATCHED_FOR_ERRORS.includes(name) ? [errors(name, fn)] : []),
    throttles(name, fn),
  ]);

const errors = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Errors`,
  metric: fn.metricErrors({ period: ERROR_WINDOW, statistic: Stats.SUM }),
  threshold: ERRORS,
  says: `${kebabCase(name)} failed ${ERRORS} times or more within ${ERROR_WINDOW.toHumanString()}.`,
  paragraph: 'a-function-fails',
});

const throttles = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Throttles`,
  metric: fn.metricThrottles({ period: FIVE_MINUTES, statistic: Stats.SUM }),
  periods: 3,
  says: `Lambda has refused to run ${kebabCase(name)} for 15 minutes: the account has no concurrency left.`,
  paragraph: 'a-function-is-throttled',
});

const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * Requests that DynamoDB throttles for longer than its adaptation to a burst takes. It reports no count of zero, and an
 * alarm on one of its metrics keeps its state then, whatever it is told: so the sum is filled with zeros.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const tableAlarm = ({ tableName: TableName }: WatchedParts['jobsTable']): AlarmDefinition => ({
  id: 'JobsTableThrottled',
  metric: sumOf({
    writes: fiveMinuteSum('AWS/DynamoDB', 'WriteThrottleEvents', { TableName }),
    reads: fiveMinuteSum('AWS/DynamoDB', 'ReadThrottleEvents', { TableName }),
  }),
  periods: 3,
  says: 'DynamoDB has throttled requests to the jobs table for 15 minutes.',
  paragraph: 'the-jobs-table-is-throttled',
});
