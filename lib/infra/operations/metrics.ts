import { Duration, Fn, Token } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { oneLine } from '../../domain/text.ts';
import {
  BEDROCK_OPERATIONS,
  DIMENSION,
  EVENT_KINDS,
  EVENT_SOURCES,
  METRIC,
  METRIC_NAMESPACE,
  MODEL_REQUESTS,
  SWEEPS,
  type MetricName,
} from '../../contract.ts';

/** How a look at a job ended in its record: values of the dimension `outcome`. */
export const JOB_OUTCOMES = ['created', 'updated', 'unchanged', 'stale', 'failed'] as const;

/** Names of the tracker's metrics, for `metric` of a tracker. docs/metrics.md describes each. */
export class TrackerMetric {
  /** Looks at a job that events led to. Count; needs the option `outcome`. */
  static readonly JOBS_TRACKED: string = METRIC.jobsTracked;
  /** From Bedrock's event to the record that shows it. Milliseconds; Bedrock dates events to the second. */
  static readonly EVENT_TO_RECORD_LATENCY: string = METRIC.eventToRecordLatency;
  /** Requests to Bedrock, retries included. Count; needs the option `operation`. */
  static readonly BEDROCK_CALLS: string = METRIC.bedrockCalls;
  /** Of each request about jobs whether Bedrock throttled it (1 or 0). Count; needs the option `operation`. */
  static readonly BEDROCK_THROTTLES: string = METRIC.bedrockThrottles;
  /** 0 for each event that came, 1 for each that a sweep found missing. Count; needs the option `eventKind`. */
  static readonly EVENTS_MISSED: string = METRIC.eventsMissed;
  /** Looks of a sweep at a difference that changed nothing. Count, where any. */
  static readonly LOOKS_WITHOUT_CHANGE: string = METRIC.looksWithoutChange;
  /** Jobs that Bedrock lists as InProgress or Stopping, of all scopes. Count. */
  static readonly ACTIVE_JOBS: string = METRIC.activeJobs;
  /** Age of the oldest active job; 0 where there is none. Seconds. */
  static readonly OLDEST_ACTIVE_JOB_AGE: string = METRIC.oldestActiveJobAge;
  /** How long a sweep of a scope's jobs took. Milliseconds; needs the option `sweep`. */
  static readonly SWEEP_DURATION: string = METRIC.sweepDuration;
  /** Share of the scopes that active sweeps cover; of another sweep 100, or 0 if it was incomplete. Percent; needs the option `sweep`. */
  static readonly SWEEP_COMPLETENESS: string = METRIC.sweepCompleteness;
  /** Scopes that cannot be swept: their number, or 1 with the option `scope`. Count. */
  static readonly SCOPES_FAILING: string = METRIC.scopesFailing;
  /** 1 for each scope that is released, also with the option `scope`. Count. */
  static readonly SCOPES_RELEASED: string = METRIC.scopesReleased;
  /** Events put on the transitions bus. Count. */
  static readonly TRANSITIONS_PUBLISHED: string = METRIC.transitionsPublished;
  /** 1 where an active sweep found that Lambda reads a source of events, else 0. Count; needs the option `source`. */
  static readonly EVENT_SOURCE_ENABLED: string = METRIC.eventSourceEnabled;
}

/** CDK's options of a metric, and the value of the one dimension besides `service` that some metrics have. */
export interface TrackerMetricOptions extends MetricOptions {
  /** For `JobsTracked`: `created`, `updated`, `unchanged`, `stale` or `failed`. */
  readonly outcome?: string;
  /** For `BedrockCalls` and `BedrockThrottles`: an operation, such as `GetModelCustomizationJob`; for calls also `models`. */
  readonly operation?: string;
  /** For `EventsMissed`: `state-change` or `creation`. It is the dimension `event`. */
  readonly eventKind?: string;
  /** For `SweepDuration` and `SweepCompleteness`: `active` or `full`; for `SweepCompleteness` also `models` or `usage`. */
  readonly sweep?: string;
  /** For `EventSourceEnabled`: `job-events` or `transitions`. */
  readonly source?: string;
  /** For `ScopesFailing` and `ScopesReleased`: `<account id>#<Region>`. Without it they count all scopes. */
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

type Dimension = Exclude<keyof typeof DIMENSION, 'service'>;

interface MetricDefinition {
  readonly statistic: string;
  /** The dimension besides `service`, with its values where they are known. */
  readonly dimension?: Dimension;
  readonly values?: readonly string[];
}

const { SUM, MINIMUM, MAXIMUM } = Stats;

/** How each metric is read unless the options say otherwise. */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  [METRIC.jobsTracked]: { statistic: SUM, dimension: DIMENSION.outcome, values: JOB_OUTCOMES },
  [METRIC.eventToRecordLatency]: { statistic: Stats.p(50) },
  [METRIC.bedrockCalls]: {
    statistic: SUM,
    dimension: DIMENSION.operation,
    values: [...BEDROCK_OPERATIONS, MODEL_REQUESTS],
  },
  [METRIC.bedrockThrottles]: { statistic: SUM, dimension: DIMENSION.operation, values: BEDROCK_OPERATIONS },
  [METRIC.eventsMissed]: { statistic: SUM, dimension: DIMENSION.event, values: EVENT_KINDS },
  [METRIC.looksWithoutChange]: { statistic: SUM },
  [METRIC.activeJobs]: { statistic: MAXIMUM },
  [METRIC.oldestActiveJobAge]: { statistic: MAXIMUM },
  [METRIC.sweepDuration]: { statistic: MAXIMUM, dimension: DIMENSION.sweep, values: ['active', 'full'] },
  [METRIC.sweepCompleteness]: { statistic: MINIMUM, dimension: DIMENSION.sweep, values: SWEEPS },
  [METRIC.scopesFailing]: { statistic: MAXIMUM, dimension: DIMENSION.scope },
  [METRIC.scopesReleased]: { statistic: SUM, dimension: DIMENSION.scope },
  [METRIC.transitionsPublished]: { statistic: SUM },
  [METRIC.eventSourceEnabled]: { statistic: MINIMUM, dimension: DIMENSION.source, values: EVENT_SOURCES },
};

/**
 * A metric of the tracker that has this `service`. No unit is asked for: an alarm that filters by a unit gets no data
 * where the functions emit another one.
 *
 * @throws TypeError where there is no such metric, or it needs a dimension that the options do not give
 */
export function trackerMetric(serviceName: string, name: string, options: TrackerMetricOptions = {}): Metric {
  if (!isMetricName(name)) {
    throw new TypeError(`The tracker has no metric "${oneLine(name, 100)}": it has ${Object.keys(METRICS).join(', ')}`);
  }
  const { outcome, operation, eventKind, sweep, source, scope, ...others } = options;
  const { statistic, dimension, values } = METRICS[name];
  const given: Record<Dimension, string | undefined> = { outcome, operation, event: eventKind, sweep, source, scope };
  const value = dimension && given[dimension];
  if (values !== undefined && !values.includes(value ?? '')) {
    const found = value === undefined ? '' : `, not "${oneLine(value, 100)}"`;
    const option = dimension === 'event' ? 'eventKind' : String(dimension);
    throw new TypeError(`The metric ${name} needs the option ${option}: one of ${values.join(', ')}${found}`);
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

const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name);
