import { ENV, type ScopeState, SWEEPS, type SweepKind } from '../../lib/contract.ts';

/** A CloudFormation template as far as it costs money. */
export interface CostTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

/** What the template says about the cost. */
export interface TemplateCounts {
  /** An alarm on a sum of metrics costs as one for each of them. */
  readonly alarms: number;
  readonly dashboards: number;
  /** The free tier is for dashboards of at most 50. */
  readonly dashboardMetrics: number;
  readonly queues: number;
  /** Queues that Lambda polls all the time. */
  readonly polledQueues: number;
  readonly streamsRead: number;
  readonly functions: number;
  readonly memoryGb: number;
  readonly tables: number;
  readonly recoverableTables: number;
  readonly logGroups: number;
  readonly logRetentionDays: number;
  readonly keys: number;
  /** Runs of the schedule in a month of 30 days. */
  readonly ticks: number;
  /** How often a scope in each state has its turn, and how often each other sweep is made, in minutes; 0: never. */
  readonly minutes: Minutes;
  /** Messages that Lambda waits for, at most so many seconds: 0 without a window. */
  readonly batchWindowSeconds: number;
}

export type Minutes = Readonly<Record<Exclude<ScopeState, 'released'> | SweepKind, number>>;

const MINUTES = { minute: 1, hour: 60, day: 24 * 60 } as const;
export const MONTH_MIN = 30 * 24 * 60;

const propertiesOf = (template: CostTemplate, type: string): Record<string, unknown>[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => (Properties ?? {}) as Record<string, unknown>);

const most = (numbers: readonly number[]): number => Math.max(0, ...numbers);

/** @throws where a schedule is no rate, as the sweeps' are */
const runsOf = (expression: string): number => {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined || unit === undefined) throw new Error(`Not a rate of a schedule: ${expression}`);
  return MONTH_MIN / (Number(amount) * MINUTES[unit as keyof typeof MINUTES]);
};

/** As reconcile-jobs reads them. */
const minutesOf = (template: CostTemplate): Minutes => {
  const named = propertiesOf(template, 'AWS::Lambda::Function')
    .map(({ Environment }) => (Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables)
    .map((variables) => variables?.[ENV.sweepMinutes])
    .find((value) => typeof value === 'string');
  const pairs = (named ?? '').split(',').map((pair) => pair.split('='));
  const of = (name: string) => Number(pairs.find(([key]) => key === name)?.[1] ?? 0);
  const names = ['idle', 'empty', ...SWEEPS] as const;
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Minutes;
};

/** The body of a dashboard is text with CloudFormation's references in it; what they stand for does not matter. */
const metricsOf = ({ DashboardBody }: Record<string, unknown>): number => {
  const parts = typeof DashboardBody === 'string' ? [DashboardBody] : joined(DashboardBody);
  const body = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'reference')).join('')) as {
    widgets: readonly { properties: { metrics?: readonly unknown[] } }[];
  };
  return body.widgets.reduce((sum, { properties }) => sum + (properties.metrics?.length ?? 0), 0);
};
const joined = (value: unknown): readonly unknown[] => (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];

const metricsOfAlarm = ({ Metrics }: Record<string, unknown>): number =>
  // A query is billed by the metrics that it finds: while all is well none, which counts as one here.
  Math.max(1, ((Metrics ?? []) as object[]).filter((metric) => 'MetricStat' in metric).length);

/** Counts what a template holds. */
export const countTemplate = (template: CostTemplate): TemplateCounts => {
  const of = (type: string) => propertiesOf(template, type);
  const sources = of('AWS::Lambda::EventSourceMapping');
  const streams = sources.filter(({ EventSourceArn }) => JSON.stringify(EventSourceArn).includes('StreamArn'));
  const tables = of('AWS::DynamoDB::Table');
  return {
    alarms: of('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOfAlarm(alarm), 0),
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    dashboardMetrics: most(of('AWS::CloudWatch::Dashboard').map(metricsOf)),
    queues: of('AWS::SQS::Queue').length,
    polledQueues: sources.length - streams.length,
    streamsRead: streams.length,
    functions: of('AWS::Lambda::Function').length,
    memoryGb: most(of('AWS::Lambda::Function').map(({ MemorySize }) => MemorySize as number)) / 1024,
    tables: tables.length,
    recoverableTables: tables.filter(
      ({ PointInTimeRecoverySpecification: recovery }) =>
        (recovery as { PointInTimeRecoveryEnabled?: boolean } | undefined)?.PointInTimeRecoveryEnabled === true,
    ).length,
    logGroups: of('AWS::Logs::LogGroup').length,
    logRetentionDays: most(of('AWS::Logs::LogGroup').map(({ RetentionInDays }) => (RetentionInDays as number) || 0)),
    keys: of('AWS::KMS::Key').length,
    ticks: of('AWS::Scheduler::Schedule').reduce(
      (sum, schedule) => sum + runsOf(schedule['ScheduleExpression'] as string),
      0,
    ),
    minutes: minutesOf(template),
    batchWindowSeconds: most(sources.map(({ MaximumBatchingWindowInSeconds: seconds }) => (seconds as number) || 0)),
  };
};
