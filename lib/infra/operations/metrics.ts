import { Duration, Fn, Token } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DIMENSION,
  EVENT_KINDS,
  EVENT_SOURCES,
  METRIC,
  METRIC_NAMESPACE,
  SWEEPS,
  type EventKind,
  type EventSource,
  type MetricName,
  type SweepKind,
} from '../../contract.ts';

/** How a look at a job ended in its record: values of the dimension `outcome`. */
export const JOB_OUTCOMES = ['created', 'updated', 'unchanged', 'stale', 'failed'] as const;
/** A value of the dimension `outcome`. */
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** What the tracker asks Bedrock for: values of the dimension `operation`. */
export const BEDROCK_OPERATIONS = [
  'GetModelCustomizationJob',
  'ListModelCustomizationJobs',
  'ListTagsForResource',
] as const;
/** A value of the dimension `operation`. */
export type BedrockOperation = (typeof BEDROCK_OPERATIONS)[number];

/** CDK's options of a metric, and the value of the one dimension besides `service` that some metrics have. */
export interface TrackerMetricOptions extends MetricOptions {
  /** Of `JobsTracked`, which needs it. */
  readonly outcome?: JobOutcome;
  /** Of `BedrockCalls` and `BedrockThrottles`, which need it. */
  readonly operation?: BedrockOperation;
  /** Of `EventsMissed`, which needs it. */
  readonly event?: EventKind;
  /** Of `SweepDuration` and `SweepCompleteness`, which need it. */
  readonly sweep?: SweepKind;
  /** Of `EventSourceEnabled`, which needs it. */
  readonly source?: EventSource;
  /** Of `ActiveJobs`: `<account id>#<Region>`. Without it the metric counts all scopes together. */
  readonly scope?: string;
}

/** The dimension `service` of a tracker's metrics: the path of its parameters without the first slash. */
export const serviceNameOf = (parameterPrefix: string): string =>
  // CloudFormation cannot cut a text, but splits it: a bar, which no prefix has, marks the first slash.
  Token.isUnresolved(parameterPrefix)
    ? Fn.select(1, Fn.split('|/', `|${parameterPrefix}`))
    : parameterPrefix.replace(/^\//, '');

/** A tracker's metric of a name. */
export type MetricOf = (name: MetricName, options?: TrackerMetricOptions) => Metric;

interface MetricDefinition {
  readonly statistic: string;
  /** The dimension besides `service`, with its values where they are known. */
  readonly dimension?: Exclude<keyof TrackerMetricOptions, keyof MetricOptions>;
  readonly values?: readonly string[];
}

const { SUM, MINIMUM, MAXIMUM } = Stats;

/** How each metric is read unless the options say otherwise. */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  [METRIC.jobsTracked]: { statistic: SUM, dimension: DIMENSION.outcome, values: JOB_OUTCOMES },
  [METRIC.eventToRecordLatency]: { statistic: Stats.p(50) },
  [METRIC.bedrockCalls]: { statistic: SUM, dimension: DIMENSION.operation, values: BEDROCK_OPERATIONS },
  [METRIC.bedrockThrottles]: { statistic: SUM, dimension: DIMENSION.operation, values: BEDROCK_OPERATIONS },
  [METRIC.eventsMissed]: { statistic: SUM, dimension: DIMENSION.event, values: EVENT_KINDS },
  [METRIC.looksWithoutChange]: { statistic: SUM },
  [METRIC.activeJobs]: { statistic: MAXIMUM, dimension: DIMENSION.scope },
  [METRIC.oldestActiveJobAge]: { statistic: MAXIMUM },
  [METRIC.sweepDuration]: { statistic: MAXIMUM, dimension: DIMENSION.sweep, values: SWEEPS },
  [METRIC.sweepCompleteness]: { statistic: MINIMUM, dimension: DIMENSION.sweep, values: SWEEPS },
  [METRIC.transitionsPublished]: { statistic: SUM },
  [METRIC.eventSourceEnabled]: { statistic: MINIMUM, dimension: DIMENSION.source, values: EVENT_SOURCES },
};

/**
 * A metric of the tracker that has this `service`. No unit is asked for: an alarm that filters by a unit gets no data
 * where the functions emit another one.
 *
 * @throws TypeError where the metric needs a dimension that the options do not give
 */
export function trackerMetric(serviceName: string, name: MetricName, options: TrackerMetricOptions = {}): Metric {
  const { outcome, operation, event, sweep, source, scope, ...others } = options;
  const { statistic, dimension, values } = METRICS[name];
  const given = { outcome, operation, event, sweep, source, scope };
  const value = dimension && given[dimension];
  if (values !== undefined && value === undefined) {
    throw new TypeError(`The metric ${name} needs the option ${String(dimension)}: one of ${values.join(', ')}`);
  }
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    period: Duration.minutes(5),
    statistic,
    ...others,
    // After the options: with other dimensions it would not be this tracker's metric.
    dimensionsMap: {
      [DIMENSION.service]: serviceName,
      ...(dimension !== undefined && value !== undefined && { [dimension]: value }),
    },
  });
}
