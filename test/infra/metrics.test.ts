import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { BEDROCK_OPERATIONS, METRIC, METRIC_NAMESPACE, type MetricName } from '../../lib/contract.ts';
import type { advance } from '../../lib/domain/advance.ts';
import { JOB_OUTCOMES, METRICS, TrackerMetric, type TrackerMetricOptions } from '../../lib/infra/operations/metrics.ts';
import { OPERATION_NAMES } from '../../lib/simulator/faults.ts';
import { makeStack } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { tracker } = makeStack({ parameterPrefix: '/ml/tracker' });
const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
const optionsOf = (name: MetricName): TrackerMetricOptions => {
  const { dimension, values = [] } = METRICS[name];
  return dimension === undefined ? {} : { [dimension === 'event' ? 'eventKind' : dimension]: values[0] };
};

describe('the metrics of a tracker', () => {
  it.each(Object.values(METRIC))('%s is read over 5 minutes, without a unit, and of this tracker alone', (name) => {
    const metric = tracker.metric(name, optionsOf(name));
    expect(metric).toMatchObject({ namespace: METRIC_NAMESPACE, metricName: name, period: Duration.minutes(5) });
    // An alarm that filters by a unit is silent where the functions emit another.
    expect(metric.unit).toBeUndefined();
    const { dimension, values = [] } = METRICS[name];
    expect(metric.dimensions).toEqual({ service: 'ml/tracker', ...(values[0] && { [String(dimension)]: values[0] }) });
  });

  it('have a scope where it is asked for', () => {
    const scope = '111122223333#us-west-2';
    expect(tracker.metric(METRIC.scopesFailing, { scope }).dimensions).toEqual({ service: 'ml/tracker', scope });
  });

  it('refuse to be read without the dimension that they need, and drop one that they do not have', () => {
    expect(() => tracker.metric(METRIC.sweepDuration)).toThrow(
      'The metric SweepDuration needs the option sweep: one of active, full',
    );
    expect(tracker.metric(METRIC.transitionsPublished, { sweep: 'full' }).dimensions).toEqual({
      service: 'ml/tracker',
    });
  });

  it('refuse a name or a value that does not exist, whatever it says', () => {
    expect(() => tracker.metric('Nope\u001b[31m')).toThrow(
      'The tracker has no metric "Nope [31m": it has JobsTracked, ',
    );
    expect(() => tracker.metric('toString')).toThrow('The tracker has no metric "toString"');
    expect(() => tracker.metric(TrackerMetric.JOBS_TRACKED, { outcome: 'lost' })).toThrow(
      'The metric JobsTracked needs the option outcome: one of created, updated, unchanged, stale, failed, not "lost"',
    );
  });

  it('have their names as members of TrackerMetric', () => {
    expect(Object.fromEntries(Object.entries(TrackerMetric))).toEqual(
      Object.fromEntries(Object.entries(METRIC).map(([key, name]) => [snakeCase(key), name])),
    );
  });

  it('take CDK’s options, which win over the defaults, but stay this tracker’s', () => {
    const options = { period: Duration.hours(1), statistic: 'Average', label: 'jobs', dimensionsMap: { service: 'x' } };
    const metric = tracker.metric(METRIC.jobsTracked, { outcome: 'failed', ...options });
    expect(metric).toMatchObject({ period: Duration.hours(1), statistic: 'Average', label: 'jobs' });
    expect(metric.dimensions).toEqual({ service: 'ml/tracker', outcome: 'failed' });
  });
});

describe('what the functions emit', () => {
  const SOURCES = ['lambdas', 'lib/runtime'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  /** The metrics that the code adds to, each with the dimension of that value. */
  const added = SOURCES.flatMap((source) => [...source.matchAll(/\.add\(METRIC\.(\w+),([^;]*);/g)]).map(
    ([, key = '', rest = '']) => [METRIC[key as keyof typeof METRIC], /, \{ (\w+)[^{}]*\}\)$/.exec(rest)?.[1]] as const,
  );

  it('has the dimension that is read: an alarm on another one would never have data', () => {
    expect(new Set(added.map(([name]) => name)).size).toBeGreaterThanOrEqual(10);
    for (const [name, dimension] of added) {
      const { dimension: read, values } = METRICS[name];
      // ActiveJobs is emitted by scope and of all scopes together.
      expect([name, dimension]).toEqual([name, values === undefined && dimension === undefined ? undefined : read]);
    }
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
