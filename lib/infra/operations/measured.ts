import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { EventKind, EventSource, SweepKind } from '../../contract.ts';
import type { BedrockOperation, JobOutcome, TrackerMetrics } from './metrics.ts';

/** A construct with the tracker's metrics, described in docs/metrics.md. The default period is 5 minutes. */
export abstract class MeasuredTracker extends Construct {
  protected abstract readonly metrics: TrackerMetrics;

  /** Looks at a job that ended this way in its record. Count, sum. */
  metricJobsTracked(outcome: JobOutcome, options?: MetricOptions): Metric {
    return this.metrics.jobsTracked(outcome, options);
  }

  /** From Bedrock's event to the record that shows it. Milliseconds, median; Bedrock dates events to the second. */
  metricEventToRecordLatency(options?: MetricOptions): Metric {
    return this.metrics.eventToRecordLatency(options);
  }

  /** Requests to Bedrock, retries included. Count, sum. */
  metricBedrockCalls(operation: BedrockOperation, options?: MetricOptions): Metric {
    return this.metrics.bedrockCalls(operation, options);
  }

  /** Requests that Bedrock throttled. Count, sum. */
  metricBedrockThrottles(operation: BedrockOperation, options?: MetricOptions): Metric {
    return this.metrics.bedrockThrottles(operation, options);
  }

  /** Changes that a sweep was the first to see, and no event had told of. Count, sum; the average is their share. */
  metricEventsMissed(event: EventKind, options?: MetricOptions): Metric {
    return this.metrics.eventsMissed(event, options);
  }

  /** Looks of sweeps that changed nothing, as Bedrock's list and its answers disagree. Sum. No data where there are none. */
  metricLooksWithoutChange(options?: MetricOptions): Metric {
    return this.metrics.looksWithoutChange(options);
  }

  /** Jobs that Bedrock lists as InProgress or Stopping, in every scope or in one. Count, maximum. */
  metricActiveJobs(options?: MetricOptions & { readonly scope?: string }): Metric {
    return this.metrics.activeJobs(options);
  }

  /** Age of the oldest active job; 0 where there is none. Seconds, maximum. */
  metricOldestActiveJobAge(options?: MetricOptions): Metric {
    return this.metrics.oldestActiveJobAge(options);
  }

  /** How long a sweep over all scopes took. Milliseconds, maximum. */
  metricSweepDuration(sweep: SweepKind, options?: MetricOptions): Metric {
    return this.metrics.sweepDuration(sweep, options);
  }

  /** Share of the scopes that a sweep covered entirely. Percent, minimum; the sample count is the number of runs that ended. */
  metricSweepCompleteness(sweep: SweepKind, options?: MetricOptions): Metric {
    return this.metrics.sweepCompleteness(sweep, options);
  }

  /** Events put on the transitions bus. Count, sum. */
  metricTransitionsPublished(options?: MetricOptions): Metric {
    return this.metrics.transitionsPublished(options);
  }

  /** Whether Lambda reads a source of events, as active sweeps found it: 1 or 0. Count, minimum. */
  metricEventSourceEnabled(source: EventSource, options?: MetricOptions): Metric {
    return this.metrics.eventSourceEnabled(source, options);
  }
}
