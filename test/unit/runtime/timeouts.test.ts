import { GetModelCustomizationJobCommand, type BedrockClient } from '@aws-sdk/client-bedrock';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pMap from 'p-map';
import { createBedrockClient } from '../../../lib/runtime/bedrock-calls.ts';
import { createDocumentClient } from '../../../lib/runtime/dynamodb-stores.ts';
import { createSnsClient } from '../../../lambdas/notify-transition/handler.ts';
import { MESSAGE_TIMEOUTS, SWEEP_TIMEOUTS } from '../../../lib/runtime/timeouts.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { answeredBy } from '../../support/sdk-answers.ts';
import { createEventBridgeClient } from '../../../lib/runtime/transition-bus.ts';

/** Gives a client a service that answers each request by a status code alone. */
const withStatus = <C extends { readonly config: object }>(client: C, statusOf: (path: string) => number): C => {
  const { requestHandler } = answeredBy(({ path }) => ({ status: statusOf(path) }));
  Object.assign(client.config, { requestHandler });
  return client;
};

const get = (client: BedrockClient, jobIdentifier: string) =>
  client.send(new GetModelCustomizationJobCommand({ jobIdentifier }));

/** What work ends with, while time passes as fast as it waits. */
const settled = async <T>(work: Promise<T>): Promise<PromiseSettledResult<T>> => {
  const state = { done: false };
  const ended = Promise.allSettled([work]).finally(() => {
    state.done = true;
  });
  while (!state.done) await jest.advanceTimersByTimeAsync(1_000);
  return (await ended)[0];
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a warm client of Bedrock', () => {
  it.each([
    { bursts: [500, 500], timeouts: SWEEP_TIMEOUTS },
    { bursts: [429, 500, 429], timeouts: SWEEP_TIMEOUTS },
    { bursts: [429, 429], timeouts: SWEEP_TIMEOUTS },
    { bursts: [500, 503, 500, 502], timeouts: MESSAGE_TIMEOUTS },
    { bursts: [500, 429, 500, 429, 500, 429, 500], timeouts: SWEEP_TIMEOUTS },
  ])('gets 30 jobs, each after $bursts, in every round', async ({ bursts, timeouts }) => {
    const jobs = Array.from({ length: 30 }, (_, number) => `job-${number}`);
    const calls = new Map<string, number>();
    const client = withStatus(createBedrockClient(SCOPE, timeouts), (path) => {
      const before = calls.get(path) ?? 0;
      calls.set(path, before + 1);
      return bursts[before] ?? 200;
    });
    for (let round = 1; round <= 4; round += 1) {
      calls.clear();
      const attempts = pMap(jobs, async (job) => (await get(client, job)).$metadata.attempts, { concurrency: 16 });
      expect(await settled(attempts)).toMatchObject({ value: jobs.map(() => bursts.length + 1) });
    }
  });
});

describe('the attempts of each call, after a hundred calls that failed', () => {
  const cases: readonly [string, number, (status: number) => () => Promise<unknown>][] = [
    [
      'of Bedrock for a message',
      5,
      (status) => {
        const client = withStatus(createBedrockClient(SCOPE, MESSAGE_TIMEOUTS), () => status);
        return () => get(client, 'a-job');
      },
    ],
    [
      'of Bedrock for a sweep',
      8,
      (status) => {
        const client = withStatus(createBedrockClient(SCOPE, SWEEP_TIMEOUTS), () => status);
        return () => get(client, 'a-job');
      },
    ],
    [
      'of DynamoDB',
      5,
      (status) => {
        const client = withStatus(createDocumentClient(), () => status);
        return () => client.send(new GetCommand({ TableName: 'a-table', Key: { _key: 'a' } }));
      },
    ],
    [
      'of EventBridge',
      5,
      (status) => {
        const client = withStatus(createEventBridgeClient(), () => status);
        return () => client.send(new PutEventsCommand({ Entries: [] }));
      },
    ],
    [
      'of SNS',
      4,
      (status) => {
        const client = withStatus(createSnsClient(), () => status);
        return () => client.send(new PublishCommand({ Message: 'a message' }));
      },
    ],
  ];
  it.each(cases.flatMap(([name, attempts, make]) => [500, 429].map((status) => ({ name, attempts, make, status }))))(
    'are $attempts $name that answers $status',
    async ({ attempts, make, status }) => {
      const call = make(status);
      for (let failed = 0; failed < 100; failed += 1) await settled(call());
      expect(await settled(call())).toMatchObject({ reason: { $metadata: { attempts } } });
    },
  );
});
