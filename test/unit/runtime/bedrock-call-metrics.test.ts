import { describe, expect, it } from '@jest/globals';
import {
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListTagsForResourceCommand,
  paginateListModelCustomizationJobs,
} from '@aws-sdk/client-bedrock';
import { countCalls, type MetricRecorder } from '../../../lib/runtime/metrics.ts';

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly body?: object;
}
const OK: Answer = { status: 200 };
const THROTTLED: Answer = { status: 429, error: 'ThrottlingException' };

/** A client that answers so, one after the other, and what it counted: operation and whether throttled, by request. */
const setUp = (answers: readonly (Answer | Error)[], credentials = true) => {
  const left = [...answers];
  const readings: [name: string, value: number, operation: string | undefined][] = [];
  const metrics: MetricRecorder = { add: (name, value, part) => readings.push([name, value, part?.operation]) };
  const client = new BedrockClient({
    region: 'us-east-1',
    maxAttempts: 3,
    credentials: () =>
      credentials
        ? Promise.resolve({ accessKeyId: 'any', secretAccessKey: 'any' })
        : Promise.reject(new Error('no credentials')),
    requestHandler: {
      handle: () => {
        const answer = left.shift() ?? new Error('a request too many');
        if (answer instanceof Error) return Promise.reject(answer);
        const { status, error, body = {} } = answer;
        const headers = error === undefined ? {} : { 'x-amzn-errortype': error };
        return Promise.resolve({
          response: { statusCode: status, headers, body: new TextEncoder().encode(JSON.stringify(body)) },
        });
      },
    },
  });
  const values = (wanted: string) => readings.filter(([name]) => name === wanted).map(([, value]) => value);
  return { client: countCalls(client, metrics), readings, values };
};
const get = new GetModelCustomizationJobCommand({ jobIdentifier: 'a-job' });

describe('countCalls', () => {
  it('counts each attempt of a call that was retried, and which were throttled', async () => {
    const { client, readings } = setUp([THROTTLED, { status: 500, error: 'InternalServerException' }, OK]);
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

  it('counts the attempts of a call that failed in the end', async () => {
    const { client, values } = setUp([THROTTLED, THROTTLED, THROTTLED]);
    await expect(client.send(get)).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { attempts: 3 } });
    expect(values('BedrockCalls')).toEqual([1, 1, 1]);
    expect(values('BedrockThrottles')).toEqual([1, 1, 1]);
  });

  it.each<[what: string, answer: Answer, throttled: number]>([
    ['an error that the model does not know, with status 429', { status: 429, error: 'TooManyRequestsException' }, 1],
    ['ThrottlingException with another status', { status: 400, error: 'ThrottlingException' }, 1],
    ['AccessDeniedException', { status: 403, error: 'AccessDeniedException' }, 0],
    [
      'a refusal whose words name throttling',
      { status: 400, error: 'ValidationException', body: { message: 'throttled' } },
      0,
    ],
  ])('takes %s for throttled or not as the SDK does', async (_what, answer, throttled) => {
    const { client, values } = setUp([answer, OK]);
    await client.send(get).catch(() => undefined);
    expect(values('BedrockThrottles')[0]).toBe(throttled);
    // What the SDK takes for throttling, it tries again.
    expect(values('BedrockCalls')).toHaveLength(1 + throttled);
  });

  it('counts a request that was never answered', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const { client, values } = setUp([reset, OK]);
    await client.send(get);
    expect(values('BedrockCalls')).toEqual([1, 1]);
    expect(values('BedrockThrottles')).toEqual([0, 0]);
  });

  it('counts every page of a list, and each operation by its own name', async () => {
    const { client, readings } = setUp([{ status: 200, body: { nextToken: 'more' } }, OK, OK]);
    for await (const _ of paginateListModelCustomizationJobs({ client }, {}));
    await client.send(new ListTagsForResourceCommand({ resourceARN: `arn:aws:bedrock:us-east-1:123456789012:x/y` }));
    expect(readings.filter(([name]) => name === 'BedrockCalls').map(([, , operation]) => operation)).toEqual([
      'ListModelCustomizationJobs',
      'ListModelCustomizationJobs',
      'ListTagsForResource',
    ]);
  });

  it('counts nothing where nothing was sent, as there are no credentials', async () => {
    const { client, readings } = setUp([OK], false);
    await expect(client.send(get)).rejects.toThrow('no credentials');
    expect(readings).toEqual([]);
  });
});
