import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  Stats,
  TextWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BEDROCK_OPERATIONS, METRIC, MODEL_REQUESTS } from '../../contract.ts';
import { JOB_OUTCOMES } from './metrics.ts';
import { entriesOf, type WatchedParts } from './watched.ts';

export interface TrackerDashboardProps extends WatchedParts {
  /** The alarms whose state stands above the graphs. */
  readonly alarms: readonly IAlarm[];
  /** Address of the runbook. */
  readonly runbookUrl: string;
}

/** What an operator looks for first; each names its paragraph of the runbook. */
const QUESTIONS = [
  ['An alarm rings', 'alarms'],
  ['Events are stuck', 'events-in-the-dead-letter-queue'],
  ['A scope is denied', 'an-access-denied-scope'],
  ['Events were lost', 'state-changes-are-missed'],
] as const;

/**
 * One screen for operators: alarms, jobs, what the tracker does about them, and what it runs on. Its last day is shown
 * first.
 *
 * A dashboard costs $3 a month; the first three of an account with up to 50 metrics each are free, and docs/cost.md counts
 * this one's.
 */
export class TrackerDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: TrackerDashboardProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        [
          new TextWidget({ width: 8, height: 4, markdown: introduction(props) }),
          ...(props.alarms.length > 0
            ? [new AlarmStatusWidget({ title: 'Alarms', width: 16, height: 4, alarms: [...props.alarms] })]
            : []),
        ],
        jobGraphs(props),
        trackingGraphs(props),
        machineryGraphs(props),
      ],
    });
  }
}

/** Parentheses would end a link of Markdown. */
const PARENTHESES: Readonly<Record<string, string>> = { '(': '%28', ')': '%29' };

const introduction = ({ serviceName, runbookUrl }: TrackerDashboardProps): string => {
  const address = runbookUrl.replaceAll(/[()]/g, (parenthesis) => PARENTHESES[parenthesis] ?? '');
  return [
    `# Bedrock job tracker (${serviceName})`,
    ...QUESTIONS.map(([question, anchor]) => `- [${question}](${address}#${anchor})`),
  ].join('\n');
};

/** Three graphs in a row of CloudWatch's 24 columns, three rows on one screen. */
const GRAPH = { width: 8, height: 5 } as const;

const OUTCOME_COLORS: Readonly<Record<(typeof JOB_OUTCOMES)[number], string>> = {
  created: Color.BLUE,
  updated: Color.GREEN,
  unchanged: Color.GREY,
  stale: Color.ORANGE,
  failed: Color.RED,
};

/** Axes begin at 0, so that a flat line of ones does not look like a storm. */
const axis = (label: string, max?: number) => ({ label, min: 0, showUnits: false, ...(max !== undefined && { max }) });

const graph = (props: GraphWidgetProps): GraphWidget => new GraphWidget({ ...GRAPH, ...props });

/** What jobs do: looks by outcome, active jobs, latency. */
const jobGraphs = ({ metric }: WatchedParts): GraphWidget[] => [
  graph({
    title: 'Jobs tracked, by outcome',
    left: JOB_OUTCOMES.map((outcome) =>
      metric(METRIC.jobsTracked, { outcome, label: outcome, color: OUTCOME_COLORS[outcome] }),
    ),
    leftYAxis: axis('looks'),
    stacked: true,
  }),
  graph({
    title: 'Active jobs, and age of the oldest',
    left: [metric(METRIC.activeJobs, { label: 'active jobs', color: Color.BLUE })],
    leftYAxis: axis('jobs'),
    right: [metric(METRIC.oldestActiveJobAge, { label: 'oldest', color: Color.ORANGE })],
    rightYAxis: axis('seconds'),
  }),
  graph({
    title: 'From event to record',
    left: [
      metric(METRIC.eventToRecordLatency, { label: 'p50', color: Color.BLUE }),
      metric(METRIC.eventToRecordLatency, { label: 'p99', statistic: Stats.p(99), color: Color.RED }),
    ],
    leftYAxis: axis('milliseconds'),
  }),
];

/** What the tracker does about them: calls, corrections, sweeps. */
const trackingGraphs = ({ metric, modelsTable }: WatchedParts): GraphWidget[] => [
  graph({
    title: 'Bedrock calls and throttles',
    left: [...BEDROCK_OPERATIONS, ...(modelsTable ? [MODEL_REQUESTS] : [])].map((operation) =>
      metric(METRIC.bedrockCalls, { operation, label: operation }),
    ),
    leftYAxis: axis('calls'),
    right: BEDROCK_OPERATIONS.map((operation) =>
      metric(METRIC.bedrockThrottles, { operation, label: `${operation} throttled` }),
    ),
    rightYAxis: axis('throttles'),
  }),
  graph({
    title: 'Missed events, and transitions published',
    left: [
      metric(METRIC.eventsMissed, { eventKind: 'state-change', label: 'status changes missed', color: Color.RED }),
      metric(METRIC.eventsMissed, { eventKind: 'creation', label: 'creations missed', color: Color.ORANGE }),
      metric(METRIC.looksWithoutChange, { label: 'looks without change', color: Color.GREY }),
    ],
    leftYAxis: axis('jobs'),
    right: [metric(METRIC.transitionsPublished, { label: 'transitions published', color: Color.GREEN })],
    rightYAxis: axis('events'),
  }),
  graph({
    title: 'Sweeps: duration and completeness',
    left: [
      metric(METRIC.sweepDuration, { sweep: 'active', label: 'active', color: Color.BLUE }),
      metric(METRIC.sweepDuration, { sweep: 'full', label: 'full', color: Color.PURPLE }),
    ],
    leftYAxis: axis('milliseconds'),
    right: [
      metric(METRIC.sweepCompleteness, { sweep: 'active', label: 'active, complete', color: Color.GREEN }),
      metric(METRIC.sweepCompleteness, { sweep: 'full', label: 'full, complete', color: Color.BROWN }),
      ...(modelsTable
        ? [metric(METRIC.sweepCompleteness, { sweep: 'models', label: 'models, complete', color: Color.PINK })]
        : []),
    ],
    rightYAxis: axis('percent of scopes', 100),
  }),
];

/** What it runs on: queues and functions. */
const machineryGraphs = ({ metric, jobEventsQueue, sweepsQueue, queues, functions }: WatchedParts): GraphWidget[] => [
  graph({
    title: sweepsQueue ? 'Messages waiting, and scopes in trouble' : 'Messages waiting',
    left: [depth(jobEventsQueue, 'job events'), ...(sweepsQueue ? [depth(sweepsQueue, 'sweeps')] : [])],
    leftYAxis: axis('on their way'),
    right: [
      ...entriesOf(queues).map(([name, queue]) => depth(queue, words(name))),
      ...(sweepsQueue ? [METRIC.scopesFailing, METRIC.scopesReleased].map((name) => metric(name)) : []),
    ],
    rightYAxis: axis('for a person'),
  }),
  graph({
    title: 'Function errors and throttles',
    left: eachFunction(functions, (fn, name) => fn.metricErrors({ label: `${name} errors` })),
    leftYAxis: axis('errors'),
    right: eachFunction(functions, (fn, name) => fn.metricThrottles({ label: `${name} throttles` })),
    rightYAxis: axis('throttles'),
  }),
  graph({
    title: 'Function duration, and lag of the stream',
    left: eachFunction(functions, (fn, name) => fn.metricDuration({ label: `${name} p99`, statistic: Stats.p(99) })),
    leftYAxis: axis('milliseconds'),
    right: functions.publishTransitions ? [functions.publishTransitions.metric('IteratorAge', STREAM_LAG)] : [],
    rightYAxis: axis('milliseconds'),
  }),
];

const STREAM_LAG = { label: 'transitions behind', statistic: Stats.MAXIMUM, color: Color.RED };

const depth = (queue: IQueue, label: string): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ label, statistic: Stats.MAXIMUM });

const eachFunction = (
  functions: WatchedParts['functions'],
  metricOf: (fn: IFunction, name: string) => IMetric,
): IMetric[] => entriesOf(functions).map(([name, fn]) => metricOf(fn, words(name)));

/** jobEventsDeadLetters → job events dead letters, as a legend reads. */
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
