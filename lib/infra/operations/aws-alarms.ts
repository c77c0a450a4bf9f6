import { Duration, Fn, Token } from 'aws-cdk-lib';
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
import { duringOf, type AlarmDefinition } from './alarms.ts';
import {
  camelCase,
  entriesOf,
  type WatchedFunction,
  type WatchedParts,
  type WatchedQueue,
  type WatchedRule,
} from './watched.ts';

/** trackJob → track-job, as functions are named. */
const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What messages in a queue say; its paragraph of the runbook has its name. */
const QUEUES: Readonly<Record<WatchedQueue, string>> = {
  jobEventsDeadLetters: 'track-job gave up on events about jobs; they wait in the dead-letter queue.',
  undeliveredEvents: 'EventBridge could not put events about jobs into the queue.',
  undeliveredSweeps: 'A sweep could not be started.',
  undeliveredTransitions:
    "publish-transitions gave up on a part of the table's stream: its transitions were not published.",
  undeliveredNotifications: 'A notification about a transition could not be sent.',
};

/**
 * One alarm for each queue that is empty when all is well, and one for events that wait on their way.
 *
 * SQS stops to report a queue that nobody has used for six hours, messages or not
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html).
 * So missing data changes nothing: taken for an empty queue it would end the alarm with the messages still there.
 */
export const queueAlarms = ({ queues, jobEventsQueue, sweepsQueue }: WatchedParts): AlarmDefinition[] => [
  ...entriesOf(queues).map(([name, queue]) => ({
    name: `${name}NotEmpty` as const,
    metric: (period: Duration) => queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
    missing: TreatMissingData.IGNORE,
    says: QUEUES[name],
    paragraph: name === 'jobEventsDeadLetters' ? 'events-in-the-dead-letter-queue' : kebabCase(name),
  })),
  waiting('jobEventsWaiting', jobEventsQueue, 'An event about a job', 'events-wait'),
  ...(sweepsQueue ? [waiting('sweepsWaiting', sweepsQueue, 'The sweep of a scope', 'sweeps-wait')] : []),
];

const waiting = (name: AlarmDefinition['name'], queue: IQueue, what: string, paragraph: string): AlarmDefinition => ({
  name,
  metric: (period) => queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  says: ({ threshold }) => `${what} has waited in the queue for more than ${secondsIn(threshold)}.`,
  paragraph,
});

/**
 * Events that EventBridge could put neither into their target nor into the queue of undelivered ones, whose own alarm
 * tells of all others. One alarm for all rules, as they share these queues.
 */
export const deliveryAlarms = ({ rules }: WatchedParts): AlarmDefinition[] => {
  if (Object.keys(rules).length === 0) return [];
  const lost = (period: Duration) =>
    Object.fromEntries(Object.entries(rules).map(([name, rule]) => [camelCase(name), lostEvents(rule, period)]));
  return [
    {
      name: 'eventsLost',
      metric: (period) => sumOf(lost(period), period),
      says: 'EventBridge could deliver an event neither to its target nor to the dead-letter queue.',
      paragraph: 'events-are-lost',
    },
  ];
};

/**
 * Rules of the default bus are measured by name alone, others by bus and name.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const lostEvents = ({ rule, eventBusName }: WatchedRule, period: Duration): Metric =>
  countOf('AWS/Events', 'InvocationsFailedToBeSentToDlq', period, {
    ...(eventBusName === undefined
      ? { RuleName: rule.ruleName }
      : // CloudFormation's Ref of such a rule is "bus|rule"; its ARN ends with rule/<bus>/<rule>.
        { EventBusName: eventBusName, RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)) }),
  });

const countOf = (
  namespace: string,
  metricName: string,
  period: Duration,
  dimensionsMap: Record<string, string>,
): Metric => new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, period });

/** The sum of metrics of which AWS reports no count of zero. Costs as an alarm on each of them. */
const sumOf = (usingMetrics: Record<string, IMetric>, period: Duration): IMetric =>
  new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics,
    period,
  });

/**
 * Functions whose failure has no other alarm. A sweep that fails has a heartbeat and a completeness, and a notification
 * that cannot be sent ends in its queue.
 */
const WATCHED_FOR_ERRORS = ['trackJob', 'publishTransitions'] as const satisfies readonly WatchedFunction[];

/** Errors and throttles of functions. */
export const functionAlarms = ({ functions }: Pick<WatchedParts, 'functions'>): AlarmDefinition[] =>
  entriesOf(functions).flatMap(([name, fn]) => [
    ...WATCHED_FOR_ERRORS.filter((watched) => watched === name).map((watched) => errors(watched, fn)),
    throttles(name, fn),
  ]);

const errors = (name: (typeof WATCHED_FOR_ERRORS)[number], fn: IFunction): AlarmDefinition => ({
  name: `${name}Errors`,
  metric: (period) => fn.metricErrors({ period, statistic: Stats.SUM }),
  says: (rule) =>
    `${kebabCase(name)} failed ${timesIn(rule.threshold)} within ${rule.period.toHumanString()}` +
    (rule.periods === 1 ? '.' : `, ${duringOf(rule)}.`),
  paragraph: 'a-function-fails',
});

const throttles = (name: WatchedFunction, fn: IFunction): AlarmDefinition => ({
  name: `${name}Throttles`,
  metric: (period) => fn.metricThrottles({ period, statistic: Stats.SUM }),
  says: (rule) =>
    `Lambda has refused to run ${kebabCase(name)} ${duringOf(rule)}: the account or the function's reservation has no ` +
    'concurrency left.',
  paragraph: 'a-function-is-throttled',
});

/** A number, also one that only CloudFormation knows. */
const numberIn = (value: number): string => (Token.isUnresolved(value) ? Token.asString(value) : String(value));
const timesIn = (count: number): string => (count === 1 ? 'once or more' : `${numberIn(count)} times or more`);
const secondsIn = (seconds: number): string =>
  Token.isUnresolved(seconds) ? `${numberIn(seconds)} seconds` : Duration.seconds(seconds).toHumanString();

/**
 * Requests that DynamoDB throttles for longer than its adaptation to a burst takes. It reports no count of zero, and an
 * alarm on one of its metrics keeps its state then, whatever it is told: so the sum is filled with zeros.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const tableAlarm = ({ jobsTable, modelsTable }: WatchedParts): AlarmDefinition => ({
  name: 'jobsTableThrottled',
  metric: (period) => {
    const count = (kind: string, { tableName: TableName }: WatchedParts['jobsTable']) =>
      countOf('AWS/DynamoDB', `${kind}ThrottleEvents`, period, { TableName });
    const ofModels = modelsTable && {
      modelWrites: count('Write', modelsTable),
      modelReads: count('Read', modelsTable),
    };
    return sumOf({ writes: count('Write', jobsTable), reads: count('Read', jobsTable), ...ofModels }, period);
  },
  says: (rule) =>
    `DynamoDB has throttled requests to the jobs ${modelsTable ? 'or models ' : ''}table ${duringOf(rule)}.`,
  paragraph: 'the-jobs-table-is-throttled',
});
