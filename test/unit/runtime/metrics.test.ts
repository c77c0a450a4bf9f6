import { describe, expect, it, jest } from '@jest/globals';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import {
  BedrockClient,
  GetCustomModelCommand,
  GetModelCustomizationJobCommand,
  ListCustomModelsCommand,
  ListTagsForResourceCommand,
  paginateListModelCustomizationJobs,
} from '@aws-sdk/client-bedrock';
import { METRIC } from '../../../lib/contract.ts';
import { countCalls, type MetricRecorder } from '../../../lib/runtime/metrics.ts';
import { emfOf, readingsOf, SERVICE } from '../../support/emf.ts';
import { answeredWith, BROKEN, OK, THROTTLED, type SdkAnswer } from '../../support/sdk-answers.ts';
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
  it('are a line of embedded metric format, with the service of the environment', async () => {
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

  it('have a line for each part', async () => {
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

  it('keep every value if there are more than fit on a line', async () => {
    const lines = await printed((metrics) => {
      for (let value = 1; value <= 250; value += 1) metrics.add(METRIC.bedrockCalls, value, { operation: 'Get' });
    });
    const values = lines.map((line) => [line['BedrockCalls']].flat());
    expect(values.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(values.flat()).toEqual(Array.from({ length: 250 }, (_, position) => position + 1));
  });

  it('start again with each invocation, without a warning about empty parts', async () => {
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

  it('are printed if the function throws, and its error stays', async () => {
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

  it('are not printed if they are switched off, as in a local run', async () => {
    const measure = (metrics: MetricRecorder): void => metrics.add(METRIC.activeJobs, 1, { scope: 'any' });
    expect(await printed(measure, { POWERTOOLS_METRICS_DISABLED: 'true' })).toEqual([]);
  });

  it('print neither lines nor warnings if nothing was measured', async () => {
    const output = [jest.spyOn(process.stdout, 'write'), jest.spyOn(process.stderr, 'write')];
    const written = output.map((spy) => spy.mockReturnValue(true));
    try {
      await printed(() => undefined);
      expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
    } finally {
      for (const spy of output) spy.mockRestore();
    }
  });
});

/** A client with these answers, and what it counted, by request. */
const setUp = (answers: readonly (SdkAnswer | Error)[], change = {}) => {
  const readings: [name: string, value: number, operation: string | undefined][] = [];
  const metrics: MetricRecorder = { add: (name, value, part) => readings.push([name, value, part?.operation]) };
  const client = new BedrockClient({ ...answeredWith(...answers), maxAttempts: 3, ...change });
  const values = (wanted: string) => readings.filter(([name]) => name === wanted).map(([, value]) => value);
  return { client: countCalls(client, metrics), readings, values };
};
const get = new GetModelCustomizationJobCommand({ jobIdentifier: 'a-job' });

describe('countCalls', () => {
  it('counts each attempt of a retried call, and the throttled ones', async () => {
    const { client, readings } = setUp([THROTTLED, BROKEN, OK]);
    await client.send(get);
    expect(readings).toEqual([
      ['BedrockCalls', 1, 'GetModelCustomizationJob'],
      ['BedrockThrottles', 1, 'GetModelCustomizationJob'],
      ['BedrockCalls', 1, 'GetModelCustomizationJob'],
      ['BedrockThrottles', 0, 'GetModelCustomizationJob'],
      ['BedrockCalls', 1, 'GetModelCustomizationJob'],
      ['BedrockThrottles', 0, 'GetModelCustomizationJob'],
    ]);
  });

  it('counts all attempts of a failed call', async () => {
    const { client, values } = setUp([THROTTLED, THROTTLED, THROTTLED]);
    await expect(client.send(get)).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { attempts: 3 } });
    expect(values('BedrockCalls')).toEqual([1, 1, 1]);
    expect(values('BedrockThrottles')).toEqual([1, 1, 1]);
  });

  it.each<[what: string, answer: SdkAnswer, throttled: number]>([
    ['an error that the model does not know, with status 429', { status: 429, error: 'TooManyRequestsException' }, 1],
    ['ThrottlingException with another status', { status: 400, error: 'ThrottlingException' }, 1],
    ['AccessDeniedException', { status: 403, error: 'AccessDeniedException' }, 0],
    [
      'a refusal whose words name throttling',
      { status: 400, error: 'ValidationException', body: { message: 'throttled' } },
      0,
    ],
  ])('treats %s as the SDK does', async (_what, answer, throttled) => {
    const { client, values } = setUp([answer, OK]);
    await client.send(get).catch(() => undefined);
    expect(values('BedrockThrottles')[0]).toBe(throttled);
    // What the SDK takes for throttling, it tries again.
    expect(values('BedrockCalls')).toHaveLength(1 + throttled);
  });

  it('counts a request without an answer', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const { client, values } = setUp([reset, OK]);
    await client.send(get);
    expect(values('BedrockCalls')).toEqual([1, 1]);
    expect(values('BedrockThrottles')).toEqual([0, 0]);
  });

  it('counts every page of a list, and each operation by its name', async () => {
    const { client, readings } = setUp([{ body: { nextToken: 'more' } }, OK, OK]);
    for await (const _ of paginateListModelCustomizationJobs({ client }, {}));
    await client.send(new ListTagsForResourceCommand({ resourceARN: `arn:aws:bedrock:us-east-1:123456789012:x/y` }));
    expect(readings.filter(([name]) => name === 'BedrockCalls').map(([, , operation]) => operation)).toEqual([
      'ListModelCustomizationJobs',
      'ListModelCustomizationJobs',
      'ListTagsForResource',
    ]);
  });

  it('counts the requests about models together, and not their throttles', async () => {
    const { client, readings } = setUp([THROTTLED, OK, OK]);
    await client.send(new ListCustomModelsCommand({}));
    await client.send(new GetCustomModelCommand({ modelIdentifier: 'm' }));
    expect(readings).toEqual(Array.from({ length: 3 }, () => ['BedrockCalls', 1, 'models']));
  });

  it('counts nothing if nothing was sent for lack of credentials', async () => {
    const { client, readings } = setUp([OK], { credentials: () => Promise.reject(new Error('no credentials')) });
    await expect(client.send(get)).rejects.toThrow('no credentials');
    expect(readings).toEqual([]);
  });
});
