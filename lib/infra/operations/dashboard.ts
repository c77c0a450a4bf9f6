import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IMetric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { RUNBOOK } from './aws-alarms.ts';
import { present, type WatchedFunctions, type WatchedParts } from './watched.ts';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { BEDROCK_OPERATIONS, JOB_OUTCOMES, type JobOutcome, type TrackerMetrics } from './metrics.ts';

export interface TrackerDashboardProps extends WatchedParts {
  /** The alarms whose state stands above the graphs. */
  readonly alarms: readonly IAlarm[];
  /**
   * Where the runbook can be opened, such as its page in your fork of the repository.
   * @default - the dashboard names the paragraphs of docs/runbook.md without links
   */
  readonly runbookUrl?: string | undefined;
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
        jobGraphs(props.metrics),
        trackingGraphs(props.metrics),
        machineryGraphs(props),
      ],
    });
  }
}

const introduction = ({ metrics, runbookUrl }: TrackerDashboardProps): string =>
  [
    `# Bedrock job tracker (${metrics.serviceName})`,
    ...QUESTIONS.map(([question, anchor]) => {
      const place = `${RUNBOOK}#${anchor}`;
      return `- ${question}: ${runbookUrl === undefined ? `\`${place}\`` : `[${place}](${runbookUrl}#${anchor})`}`;
    }),
  ].join('\n');

/** Three graphs in a row of CloudWatch's 24 columns, three rows on one screen. */
export const GRAPH = { width: 8, height: 5 } as const;

const OUTCOME_COLORS: Readonly<Record<JobOutcome, string>> = {
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
export const jobGraphs = (metrics: TrackerMetrics): GraphWidget[] => [
  graph({
    title: 'Jobs tracked, by outcome',
    left: JOB_OUTCOMES.map((outcome) =>
      metrics.jobsTracked(outcome, { label: outcome, color: OUTCOME_COLORS[outcome] }),
    ),
    leftYAxis: axis('looks'),
    stacked: true,
  }),
  graph({
    title: 'Active jobs, and age of the oldest',
    left: [metrics.activeJobs({ label: 'active jobs', color: Color.BLUE })],
    leftYAxis: axis('jobs'),
    right: [metrics.oldestActiveJobAge({ label: 'oldest', color: Color.ORANGE })],
    rightYAxis: axis('seconds'),
  }),
  graph({
    title: 'From event to record',
    left: [
      metrics.eventToRecordLatency({ label: 'p50', color: Color.BLUE }),
      metrics.eventToRecordLatency({ label: 'p99', statistic: Stats.p(99), color: Color.RED }),
    ],
    leftYAxis: axis('milliseconds'),
  }),
];

/** What the tracker does about them: calls, corrections, sweeps. */
export const trackingGraphs = (metrics: TrackerMetrics): GraphWidget[] => [
  graph({
    title: 'Bedrock calls and throttles',
    left: BEDROCK_OPERATIONS.map((operation) => metrics.bedrockCalls(operation, { label: operation })),
    leftYAxis: axis('calls'),
    right: BEDROCK_OPERATIONS.map((operation) =>
      metrics.bedrockThrottles(operation, { label: `${operation} throttled` }),
    ),
    rightYAxis: axis('throttles'),
  }),
  graph({
    title: 'Missed events, and transitions published',
    left: [
      metrics.eventsMissed('state-change', { label: 'status changes missed', color: Color.RED }),
      metrics.eventsMissed('creation', { label: 'creations missed', color: Color.ORANGE }),
      metrics.looksWithoutChange({ label: 'looks without change', color: Color.GREY }),
    ],
    leftYAxis: axis('jobs'),
    right: [metrics.transitionsPublished({ label: 'transitions published', color: Color.GREEN })],
    rightYAxis: axis('events'),
  }),
  graph({
    title: 'Sweeps: duration and completeness',
    left: [
      metrics.sweepDuration('active', { label: 'active', color: Color.BLUE }),
      metrics.sweepDuration('full', { label: 'full', color: Color.PURPLE }),
    ],
    leftYAxis: axis('milliseconds'),
    right: [
      metrics.sweepCompleteness('active', { label: 'active, complete', color: Color.GREEN }),
      metrics.sweepCompleteness('full', { label: 'full, complete', color: Color.BROWN }),
    ],
    rightYAxis: axis('percent of scopes', 100),
  }),
];

/** What it runs on: queues and functions. */
export const machineryGraphs = ({ jobEventsQueue, queues, functions }: WatchedParts): GraphWidget[] => [
  graph({
    title: 'Messages waiting',
    left: [depth(jobEventsQueue, 'job events')],
    leftYAxis: axis('on their way'),
    right: present<IQueue>({ ...queues }).map(([name, queue]) => depth(queue, words(name))),
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
    right: present({ behind: functions.publishTransitions }).map(([, fn]) =>
      fn.metric('IteratorAge', { label: 'transitions behind', statistic: Stats.MAXIMUM, color: Color.RED }),
    ),
    rightYAxis: axis('milliseconds'),
  }),
];

const depth = (queue: IQueue, label: string): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ label, statistic: Stats.MAXIMUM });

const eachFunction = (functions: WatchedFunctions, metricOf: (fn: IFunction, name: string) => IMetric): IMetric[] =>
  present<IFunction>({ ...functions }).map(([name, fn]) => metricOf(fn, words(name)));

/** jobEventsDeadLetters → job events dead letters, as a legend reads. */
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
