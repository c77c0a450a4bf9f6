import { Duration } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DIMENSION,
  METRIC,
  METRIC_NAMESPACE,
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

const PERIOD = Duration.minutes(5);

/**
 * The metrics of one tracker, for alarms and dashboards. Every method takes CDK's options, which win over the defaults
 * named here; the default period is 5 minutes.
 *
 * Units are what the functions emit and are not asked for: an alarm that filters by a unit is silent where it differs.
 *
 * CloudWatch adds nothing up over dimensions: for all outcomes or operations put one metric for each into a graph.
 */
export class TrackerMetrics {
  /** The dimension `service`: tells this tracker's metrics from another's. */
  readonly serviceName: string;

  constructor(serviceName: string) {
    this.serviceName = serviceName;
  }

  /** Looks at a job that ended this way in its record. Count, sum. */
  jobsTracked(outcome: JobOutcome, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.jobsTracked, { statistic: Stats.SUM }, options, {
      [DIMENSION.outcome]: outcome,
    });
  }

  /** From Bedrock's event to the record that shows it. Milliseconds, median; Bedrock dates events to the second. */
  eventToRecordLatency(options: MetricOptions = {}): Metric {
    return this.metric(METRIC.eventToRecordLatency, { statistic: Stats.p(50) }, options);
  }

  /** Requests to Bedrock, retries included. Count, sum. */
  bedrockCalls(operation: BedrockOperation, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.bedrockCalls, { statistic: Stats.SUM }, options, {
      [DIMENSION.operation]: operation,
    });
  }

  /** Requests that Bedrock throttled. Count, sum. */
  bedrockThrottles(operation: BedrockOperation, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.bedrockThrottles, { statistic: Stats.SUM }, options, {
      [DIMENSION.operation]: operation,
    });
  }

  /** Changes that a sweep was the first to see, and no event had told of. Count, sum; the average is their share. */
  eventsMissed(event: EventKind, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.eventsMissed, { statistic: Stats.SUM }, options, { [DIMENSION.event]: event });
  }

  /** Looks of sweeps that changed nothing, as Bedrock's list and its answers disagree. Count, sum; none where there are none. */
  looksWithoutChange(options: MetricOptions = {}): Metric {
    return this.metric(METRIC.looksWithoutChange, { statistic: Stats.SUM }, options);
  }

  /** Jobs that Bedrock lists as InProgress or Stopping, in every scope or in one. Count, maximum. */
  activeJobs(options: MetricOptions & { readonly scope?: string } = {}): Metric {
    const { scope, ...others } = options;
    return this.metric(METRIC.activeJobs, { statistic: Stats.MAXIMUM }, others, {
      ...(scope !== undefined && { [DIMENSION.scope]: scope }),
    });
  }

  /** Age of the oldest active job; 0 where there is none. Seconds, maximum. */
  oldestActiveJobAge(options: MetricOptions = {}): Metric {
    return this.metric(METRIC.oldestActiveJobAge, { statistic: Stats.MAXIMUM }, options);
  }

  /** How long a sweep over all scopes took. Milliseconds, maximum. */
  sweepDuration(sweep: SweepKind, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.sweepDuration, { statistic: Stats.MAXIMUM }, options, {
      [DIMENSION.sweep]: sweep,
    });
  }

  /** Share of the scopes that a sweep covered entirely. Percent, minimum; the sample count is the number of runs that ended. */
  sweepCompleteness(sweep: SweepKind, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.sweepCompleteness, { statistic: Stats.MINIMUM }, options, {
      [DIMENSION.sweep]: sweep,
    });
  }

  /** Events put on the transitions bus. Count, sum. */
  transitionsPublished(options: MetricOptions = {}): Metric {
    return this.metric(METRIC.transitionsPublished, { statistic: Stats.SUM }, options);
  }

  /** Whether Lambda reads a source of events, as active sweeps found it. Count, minimum. */
  eventSourceEnabled(source: EventSource, options: MetricOptions = {}): Metric {
    return this.metric(METRIC.eventSourceEnabled, { statistic: Stats.MINIMUM }, options, {
      [DIMENSION.source]: source,
    });
  }

  private metric(
    metricName: MetricName,
    defaults: MetricOptions,
    options: MetricOptions,
    dimensions: Readonly<Record<string, string>> = {},
  ): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      period: PERIOD,
      ...defaults,
      ...options,
      // After the options: without these it would be no metric of this tracker.
      dimensionsMap: { [DIMENSION.service]: this.serviceName, ...dimensions },
    });
  }
}
