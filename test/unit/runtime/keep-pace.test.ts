import { describe, expect, it } from '@jest/globals';
import { BedrockClient, GetModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { limitRate } from '../../../lib/runtime/rate-limiter.ts';

const OK = { statusCode: 200, headers: {} };
const THROTTLED = { statusCode: 429, headers: { 'x-amzn-errortype': 'ThrottlingException' } };
const BROKEN = { statusCode: 500, headers: { 'x-amzn-errortype': 'InternalServerException' } };

/** A client that answers so, one after the other, and how long its pace let calls wait. */
const setUp = (answers: readonly (typeof OK)[]) => {
  const left = [...answers];
  const waits: number[] = [];
  let now = 0;
  const client = new BedrockClient({
    region: 'us-east-1',
    maxAttempts: 3,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    requestHandler: {
      handle: () =>
        Promise.resolve({ response: { ...(left.shift() ?? BROKEN), body: new TextEncoder().encode('{}') } }),
    },
  });
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    now += ms;
    return Promise.resolve();
  };
  limitRate(client, { now: () => now, sleep });
  const get = () => client.send(new GetModelCustomizationJobCommand({ jobIdentifier: 'a-job' }));
  return { get, waits };
};

describe('a client that keeps pace', () => {
  it('lets calls go as they come while none is throttled, failures or not', async () => {
    const { get, waits } = setUp([OK, BROKEN, OK, OK]);
    await get();
    await get();
    await get();
    expect(waits).toEqual([]);
  });

  it('tries a throttled call again, and holds back what follows', async () => {
    const { get, waits } = setUp([OK, THROTTLED, OK, OK]);
    await get();
    await get();
    await get();
    // One call was granted in the second before: the retry and the next call come a second apart.
    expect(waits).toHaveLength(2);
    expect(waits[1]).toBeCloseTo(1_000, -2);
  });

  it('gives up after as many attempts as the client has', async () => {
    const { get } = setUp([THROTTLED, THROTTLED, THROTTLED, OK]);
    await expect(get()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { attempts: 3 } });
  });

  it('has one pace for all calls of a client, and none for those of another', async () => {
    const throttled = setUp([THROTTLED, OK, OK]);
    const other = setUp([OK, OK]);
    await throttled.get();
    await throttled.get();
    await other.get();
    await other.get();
    expect(throttled.waits).not.toEqual([]);
    expect(other.waits).toEqual([]);
  });
});
