import { describe, expect, it, jest } from '@jest/globals';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { METRIC } from '../../../lib/contract.ts';
import { METRIC_UNIT, type MetricRecorder } from '../../../lib/runtime/metrics.ts';
import { emfOf, readingsOf, SERVICE } from '../../support/emf.ts';
import { lambdaContext } from '../../support/sqs-event.ts';

/** What is printed when a function measures so, by the middleware that the functions use. */
const printed = async (measure: (metrics: MetricRecorder) => void, environment?: Record<string, string>) =>
  emfOf(async (metrics) => {
    const handler = middy<unknown, string>()
      .use(logMetrics(metrics))
      .handler(() => {
        measure(metrics);
        return 'answer';
      });
    await handler({}, lambdaContext());
  }, environment);

describe('the metrics of a function', () => {
  it('are a line of embedded metric format, with the service that the environment names', async () => {
    const before = Date.now();
    const [line, ...others] = await printed((metrics) => metrics.add(METRIC.transitionsPublished, 3));
    expect(others).toEqual([]);
    expect(line).toEqual({
      _aws: {
        Timestamp: expect.any(Number) as unknown,
        CloudWatchMetrics: [
          {
            Namespace: 'BedrockJobTracker',
            Dimensions: [['service']],
            Metrics: [{ Name: 'TransitionsPublished', Unit: 'Count' }],
          },
        ],
      },
      service: SERVICE,
      TransitionsPublished: 3,
    });
    expect(line?._aws.Timestamp).toBeGreaterThanOrEqual(before);
  });

  it('have a line for each part, so that no value is taken for that of another', async () => {
    const lines = await printed((metrics) => {
      metrics.add(METRIC.bedrockCalls, 1, { operation: 'Get' });
      metrics.add(METRIC.bedrockCalls, 1, { operation: 'List' });
      metrics.add(METRIC.bedrockCalls, 1, { operation: 'Get' });
      metrics.add(METRIC.activeJobs, 7);
      metrics.add(METRIC.activeJobs, 7, { scope: '123456789012#us-east-1' });
    });
    expect(readingsOf(lines)).toEqual([
      'BedrockCalls Count{service=tracker-a,operation=Get} 1 1',
      'BedrockCalls Count{service=tracker-a,operation=List} 1',
      'ActiveJobs Count{service=tracker-a,scope=123456789012#us-east-1} 7',
      'ActiveJobs Count{service=tracker-a} 7',
    ]);
  });

  it('keep every value where there are more than a line may have', async () => {
    const lines = await printed((metrics) => {
      for (let value = 1; value <= 250; value += 1) metrics.add(METRIC.bedrockCalls, value, { operation: 'Get' });
    });
    const values = lines.map((line) => [line['BedrockCalls']].flat());
    expect(values.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(values.flat()).toEqual(Array.from({ length: 250 }, (_, position) => position + 1));
  });

  it('begin anew with each invocation, without a word about parts that it has no values of', async () => {
    const warnings = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const lines = await emfOf(async (metrics) => {
      const handler = middy<string, undefined>()
        .use(logMetrics(metrics))
        .handler((outcome: string) => {
          metrics.add(METRIC.jobsTracked, 1, { outcome });
        });
      await handler('created', lambdaContext());
      await handler('stale', lambdaContext());
    });
    expect(readingsOf(lines)).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=created} 1',
      'JobsTracked Count{service=tracker-a,outcome=stale} 1',
    ]);
    expect(warnings.mock.calls).toEqual([]);
    warnings.mockRestore();
  });

  it('are printed where the function throws, and its error stays', async () => {
    const lines = await emfOf(async (metrics) => {
      const handler = middy<unknown, never>()
        .use(logMetrics(metrics))
        .handler(() => {
          metrics.add(METRIC.sweepDuration, 0, { sweep: 'full' });
          throw new Error('the error of the handler');
        });
      await expect(handler({}, lambdaContext())).rejects.toThrow('the error of the handler');
    });
    expect(readingsOf(lines)).toEqual(['SweepDuration Milliseconds{service=tracker-a,sweep=full} 0']);
  });

  it.each(['SILENT', 'ERROR'])('are printed at the log level %s', async (level) => {
    const measure = (metrics: MetricRecorder): void => metrics.add(METRIC.activeJobs, 1);
    expect(await printed(measure, { POWERTOOLS_LOG_LEVEL: level, AWS_LAMBDA_LOG_LEVEL: level })).toHaveLength(1);
  });

  it('are not printed where they are switched off, as in a local run', async () => {
    const measure = (metrics: MetricRecorder): void => metrics.add(METRIC.activeJobs, 1, { scope: 'any' });
    expect(await printed(measure, { POWERTOOLS_METRICS_DISABLED: 'true' })).toEqual([]);
  });

  it('print nothing and warn of nothing where nothing was measured', async () => {
    const output = [jest.spyOn(process.stdout, 'write'), jest.spyOn(process.stderr, 'write')];
    const written = output.map((spy) => spy.mockReturnValue(true));
    try {
      await printed(() => undefined);
      expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
    } finally {
      for (const spy of output) spy.mockRestore();
    }
  });

  it('have the unit that the contract tells of each', async () => {
    const lines = await printed((metrics) => {
      for (const name of Object.values(METRIC)) metrics.add(name, 1);
    });
    const units = lines.flatMap((line) => line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics));
    expect(Object.fromEntries(units.map(({ Name, Unit }) => [Name, Unit]))).toEqual(METRIC_UNIT);
    expect(METRIC_UNIT).toMatchObject({
      EventToRecordLatency: 'Milliseconds',
      SweepDuration: 'Milliseconds',
      OldestActiveJobAge: 'Seconds',
      SweepCompleteness: 'Percent',
    });
  });
});
