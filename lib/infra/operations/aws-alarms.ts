import { Duration, Fn } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import {
  camelCase,
  pascalCase,
  present,
  type WatchedFunctions,
  type WatchedParts,
  type WatchedQueues,
  type WatchedRule,
} from './watched.ts';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/** An alarm before it is made: one threshold, and one metric where one can say it (ADR 0024). */
export interface AlarmDefinition {
  /** Id of the construct; what operators see as the middle of the alarm's name. */
  readonly id: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** How many periods are looked at. */
  readonly periods: number;
  /** How many of them must breach. @default - all */
  readonly breachingPeriods?: number;
  /** What a period without data says. Each definition gives the reason. */
  readonly missing: TreatMissingData;
  /** What happened, as a sentence. */
  readonly says: string;
  /** The anchor of its paragraph in docs/runbook.md. */
  readonly paragraph: string;
}

/** The sum of metrics of which AWS reports no count of zero. Costs as an alarm on each of them. */
export const sumOf = (metrics: readonly (readonly [name: string, metric: IMetric])[], period: Duration): IMetric => {
  const named = metrics.map(([name, metric]): [string, IMetric] => [camelCase(name), metric]);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period,
  });
};

export const RUNBOOK = 'docs/runbook.md';

/** The alarm's description: what happened, and where it stands what to do. */
export const describeAlarm = ({ says, paragraph }: AlarmDefinition): string => `${says} See ${RUNBOOK}#${paragraph}`;

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

const FIVE_MINUTES = Duration.minutes(5);

/**
 * Events that EventBridge could put neither into their target nor into the queue of undelivered ones, whose own alarm
 * tells of all others: those of all rules together, as they share these queues.
 */
export const deliveryAlarms = ({ rules }: WatchedParts): AlarmDefinition[] => {
  const lost = Object.entries(rules).map(([name, rule]): [string, Metric] => [name, lostEvents(rule)]);
  if (lost.length === 0) return [];
  return [
    {
      id: 'EventsLost',
      metric: sumOf(lost, FIVE_MINUTES),
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: 1,
      missing: TreatMissingData.NOT_BREACHING,
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
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'InvocationsFailedToBeSentToDlq',
    dimensionsMap:
      eventBusName === undefined
        ? { RuleName: rule.ruleName }
        : // CloudFormation's Ref of such a rule is "bus|rule"; its ARN ends with rule/<bus>/<rule>.
          { EventBusName: eventBusName, RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)) },
    statistic: Stats.SUM,
    period: FIVE_MINUTES,
  });

/** Everything here is tried again by itself, so one failure is no news; the second one is. */
const ERRORS = 2;
const ERROR_WINDOW = Duration.minutes(15);

/**
 * Functions whose failure has no other alarm. A sweep that fails has a heartbeat and a completeness, and what cannot be
 * notified ends in its queue.
 */
const WATCHED_FOR_ERRORS: ReadonlySet<string> = new Set<keyof WatchedFunctions>(['trackJob', 'publishTransitions']);

/** Errors and throttles of functions. */
export const functionAlarms = ({ functions }: { readonly functions: WatchedFunctions }): AlarmDefinition[] =>
  present<IFunction>({ ...functions }).flatMap(([name, fn]) => [
    ...(WATCHED_FOR_ERRORS.has(name) ? [errors(name, fn)] : []),
    throttles(name, fn),
  ]);

const errors = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Errors`,
  metric: fn.metricErrors({ period: ERROR_WINDOW, statistic: Stats.SUM }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: ERRORS,
  periods: 1,
  // A function that is not invoked does not fail.
  missing: TreatMissingData.NOT_BREACHING,
  says: `${kebabCase(name)} failed ${ERRORS} times or more within ${ERROR_WINDOW.toHumanString()}.`,
  paragraph: 'a-function-fails',
});

const throttles = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Throttles`,
  metric: fn.metricThrottles({ period: Duration.minutes(5), statistic: Stats.SUM }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: 1,
  periods: 3,
  missing: TreatMissingData.NOT_BREACHING,
  says: `Lambda has refused to run ${kebabCase(name)} for 15 minutes: the account has no concurrency left.`,
  paragraph: 'a-function-is-throttled',
});

const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const tableThrottles = ({ tableName }: WatchedParts['jobsTable'], metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName },
    statistic: Stats.SUM,
    period: FIVE_MINUTES,
  });

/**
 * Requests that DynamoDB throttles for longer than its adaptation to a burst takes. It reports no count of zero, and an
 * alarm on one of its metrics keeps its state then, whatever it is told: so the sum is filled with zeros.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const tableAlarm = (table: WatchedParts['jobsTable']): AlarmDefinition => ({
  id: 'JobsTableThrottled',
  metric: sumOf(
    [
      ['writes', tableThrottles(table, 'WriteThrottleEvents')],
      ['reads', tableThrottles(table, 'ReadThrottleEvents')],
    ],
    FIVE_MINUTES,
  ),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: 1,
  periods: 3,
  missing: TreatMissingData.NOT_BREACHING,
  says: 'DynamoDB has throttled requests to the jobs table for 15 minutes.',
  paragraph: 'the-jobs-table-is-throttled',
});
