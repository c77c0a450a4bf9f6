import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC, METRIC_NAMESPACE } from '../../lib/contract.ts';
import type { advance } from '../../lib/domain/advance.ts';
import { BEDROCK_OPERATIONS, JOB_OUTCOMES, TrackerMetrics } from '../../lib/infra/operations/metrics.ts';
import { OPERATION_NAMES } from '../../lib/simulator/faults.ts';
import { makeStack } from './support.ts';

const metrics = new TrackerMetrics('ml/tracker');

const ALL: readonly [metric: Metric, name: string, statistic: string, dimensions: Record<string, string>][] = [
  [metrics.jobsTracked('created'), METRIC.jobsTracked, 'Sum', { outcome: 'created' }],
  [metrics.eventToRecordLatency(), METRIC.eventToRecordLatency, 'p50', {}],
  [metrics.bedrockCalls('ListTagsForResource'), METRIC.bedrockCalls, 'Sum', { operation: 'ListTagsForResource' }],
  [
    metrics.bedrockThrottles('GetModelCustomizationJob'),
    METRIC.bedrockThrottles,
    'Sum',
    { operation: 'GetModelCustomizationJob' },
  ],
  [metrics.eventsMissed('creation'), METRIC.eventsMissed, 'Sum', { event: 'creation' }],
  [metrics.looksWithoutChange(), METRIC.looksWithoutChange, 'Sum', {}],
  [metrics.activeJobs(), METRIC.activeJobs, 'Maximum', {}],
  [
    metrics.activeJobs({ scope: '111122223333#us-west-2' }),
    METRIC.activeJobs,
    'Maximum',
    { scope: '111122223333#us-west-2' },
  ],
  [metrics.oldestActiveJobAge(), METRIC.oldestActiveJobAge, 'Maximum', {}],
  [metrics.sweepDuration('full'), METRIC.sweepDuration, 'Maximum', { sweep: 'full' }],
  [metrics.sweepCompleteness('full'), METRIC.sweepCompleteness, 'Minimum', { sweep: 'full' }],
  [metrics.transitionsPublished(), METRIC.transitionsPublished, 'Sum', {}],
  [metrics.eventSourceEnabled('transitions'), METRIC.eventSourceEnabled, 'Minimum', { source: 'transitions' }],
];

describe('the metrics of a tracker', () => {
  it.each(ALL)(
    '%s: what the functions emit, and of this tracker alone',
    (metric, metricName, statistic, dimensions) => {
      expect(metric).toMatchObject({ namespace: METRIC_NAMESPACE, metricName, statistic });
      expect(metric.dimensions).toEqual({ service: 'ml/tracker', ...dimensions });
    },
  );

  it('are all of the contract’s', () => {
    expect(new Set(ALL.map(([, name]) => name))).toEqual(new Set(Object.values(METRIC)));
  });

  it('ask for no unit: an alarm that filters by a unit is silent where the functions emit another', () => {
    for (const [metric] of ALL) expect(metric.unit).toBeUndefined();
  });

  it('take CDK’s options, which win over the defaults, but stay this tracker’s', () => {
    const options = { period: Duration.hours(1), statistic: 'Average', label: 'jobs', dimensionsMap: { service: 'x' } };
    const metric = metrics.jobsTracked('failed', options);
    expect(metric).toMatchObject({ period: Duration.hours(1), statistic: 'Average', label: 'jobs' });
    expect(metric.dimensions).toEqual({ service: 'ml/tracker', outcome: 'failed' });
  });
});

describe('metricX() of the construct', () => {
  const { tracker } = makeStack({ parameterPrefix: '/ml/tracker' });
  const of = { period: Duration.hours(1) };

  it.each<[Metric, Metric]>([
    [tracker.metricJobsTracked('failed', of), metrics.jobsTracked('failed', of)],
    [tracker.metricEventToRecordLatency(of), metrics.eventToRecordLatency(of)],
    [tracker.metricBedrockCalls('ListTagsForResource', of), metrics.bedrockCalls('ListTagsForResource', of)],
    [tracker.metricBedrockThrottles('ListTagsForResource', of), metrics.bedrockThrottles('ListTagsForResource', of)],
    [tracker.metricEventsMissed('creation', of), metrics.eventsMissed('creation', of)],
    [tracker.metricLooksWithoutChange(of), metrics.looksWithoutChange(of)],
    [tracker.metricActiveJobs({ ...of, scope: 'a' }), metrics.activeJobs({ ...of, scope: 'a' })],
    [tracker.metricOldestActiveJobAge(of), metrics.oldestActiveJobAge(of)],
    [tracker.metricSweepDuration('full', of), metrics.sweepDuration('full', of)],
    [tracker.metricSweepCompleteness('full', of), metrics.sweepCompleteness('full', of)],
    [tracker.metricTransitionsPublished(of), metrics.transitionsPublished(of)],
    [tracker.metricEventSourceEnabled('job-events', of), metrics.eventSourceEnabled('job-events', of)],
  ])('%s is the metric of its name, of the tracker that is asked', (asked, expected) => {
    expect(asked.toMetricConfig()).toEqual(expected.toMetricConfig());
  });

  it('is there for every metric of the contract', () => {
    for (const name of Object.values(METRIC)) expect(tracker).toHaveProperty(`metric${name}`);
  });
});

describe('the values of dimensions', () => {
  it('have every outcome of advance, and failures', () => {
    // The compiler refuses this where advance has another outcome.
    const outcomes: Record<ReturnType<typeof advance>['outcome'], true> = {
      created: true,
      updated: true,
      unchanged: true,
      stale: true,
    };
    expect(JOB_OUTCOMES).toEqual([...Object.keys(outcomes), 'failed']);
  });

  it('have operations that Bedrock has', () => {
    expect(OPERATION_NAMES).toEqual(expect.arrayContaining([...BEDROCK_OPERATIONS]));
  });
});
