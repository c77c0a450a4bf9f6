import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BedrockClient, GetModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { HOUR } from '../../../lib/domain/time.ts';
import { limitRate, RateLimiter } from '../../../lib/runtime/rate-limiter.ts';
import { answeredWith, BROKEN, OK, THROTTLED, type SdkAnswer } from '../../support/sdk-answers.ts';
import { takeToken, type TokenBucket } from '../../../lib/simulator/faults.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const time = { now: () => Date.now(), sleep };

interface Service {
  readonly ratePerSecond: number;
  readonly latencyMs: number;
  readonly callers: number;
}

/** Callers that each begin a call as soon as the last one ended, against a service with a token bucket. */
const callFor = async (seconds: number, limiter: RateLimiter, { ratePerSecond, latencyMs, callers }: Service) => {
  const counts = { granted: 0, refused: 0, most: 0 };
  let bucket: TokenBucket | undefined;
  const end = Date.now() + seconds * 1_000;
  const caller = async (): Promise<void> => {
    while (Date.now() < end) {
      await limiter.acquire();
      await sleep(latencyMs);
      const answer = takeToken(bucket, Date.now(), { ratePerSecond, burst: ratePerSecond });
      bucket = answer.bucket;
      if (answer.taken) limiter.recordGrant();
      else limiter.recordRefusal();
      counts[answer.taken ? 'granted' : 'refused'] += 1;
    }
  };
  const callings = Promise.all(Array.from({ length: callers }, caller));
  await jest.advanceTimersByTimeAsync(seconds * 1_000 + 60_000);
  await callings;
  return { ...counts, share: counts.granted / (ratePerSecond * (seconds + 1)) };
};

describe('RateLimiter', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('delays no call while none is throttled', async () => {
    const limiter = new RateLimiter(time);
    const { granted } = await callFor(10, limiter, { ratePerSecond: 1_000, latencyMs: 100, callers: 16 });
    expect(granted).toBe(1_600);
    expect(limiter.rate).toBeUndefined();
  });

  it.each([10, 50, 200])(
    'uses 95%% of a limit of %i calls a second, with few throttled calls',
    async (ratePerSecond) => {
      const { share, granted, refused } = await callFor(100, new RateLimiter(time), {
        ratePerSecond,
        latencyMs: 50,
        callers: 32,
      });
      expect(share).toBeGreaterThan(0.95);
      expect(refused / (granted + refused)).toBeLessThan(0.1);
    },
  );

  it('cuts the rate once for calls that are throttled together', () => {
    const limiter = new RateLimiter(time);
    for (let call = 0; call < 20; call += 1) limiter.recordGrant();
    for (let call = 0; call < 12; call += 1) limiter.recordRefusal();
    expect(limiter.rate).toBe(18);
  });

  it.each([
    { granted: 18, rate: 16.2 },
    { granted: 12, rate: 13.5 },
    { granted: 0, rate: 9 },
  ])('cuts 18 calls a second to $rate if $granted succeeded in the second before', async ({ granted, rate }) => {
    const limiter = new RateLimiter(time);
    for (let call = 0; call < 20; call += 1) limiter.recordGrant();
    limiter.recordRefusal();
    await jest.advanceTimersByTimeAsync(1_000);
    const before = limiter.rate;
    for (let call = 0; call < granted; call += 1) limiter.recordGrant();
    // Grants let the rate grow by some tenths.
    expect(limiter.rate).toBeCloseTo(before ?? 0, -1);
    limiter.recordRefusal();
    expect(limiter.rate).toBeCloseTo(rate, 0);
  });

  it('gives way to others while calls are throttled', async () => {
    const limiter = new RateLimiter(time);
    const alone = await callFor(30, limiter, { ratePerSecond: 100, latencyMs: 50, callers: 32 });
    const crowded = await callFor(60, limiter, { ratePerSecond: 20, latencyMs: 50, callers: 32 });
    expect(alone.share).toBeGreaterThan(0.9);
    expect(crowded.refused / (crowded.granted + crowded.refused)).toBeLessThan(0.3);
    expect(limiter.rate).toBeLessThan(30);
  });

  it('returns to a far higher limit within a minute', async () => {
    const limiter = new RateLimiter(time);
    await callFor(60, limiter, { ratePerSecond: 5, latencyMs: 50, callers: 32 });
    const { granted } = await callFor(60, limiter, { ratePerSecond: 200, latencyMs: 50, callers: 32 });
    expect(granted).toBeGreaterThan(200 * 30);
  });

  it('allows one call a second at least', async () => {
    const limiter = new RateLimiter(time);
    const { refused } = await callFor(300, limiter, { ratePerSecond: 0, latencyMs: 50, callers: 4 });
    expect(limiter.rate).toBe(1);
    expect(refused).toBeGreaterThan(250);
  });

  it('does not raise the rate in idle time', async () => {
    const limiter = new RateLimiter(time);
    for (let call = 0; call < 20; call += 1) limiter.recordGrant();
    limiter.recordRefusal();
    await jest.advanceTimersByTimeAsync(HOUR);
    limiter.recordGrant();
    expect(limiter.rate).toBe(18);
  });
});

/** A client with these answers, and how long its limiter let calls wait. */
const setUp = (...answers: readonly SdkAnswer[]) => {
  const waits: number[] = [];
  let now = 0;
  const timer = {
    now: () => now,
    sleep: (ms: number): Promise<void> => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const client = limitRate(new BedrockClient({ ...answeredWith(...answers), maxAttempts: 3 }), timer);
  const get = () => client.send(new GetModelCustomizationJobCommand({ jobIdentifier: 'a-job' }));
  return { get, waits };
};

describe('a client with a rate limit', () => {
  it('delays no call while none is throttled, even if some fail', async () => {
    const { get, waits } = setUp(OK, BROKEN, OK, OK);
    await get();
    await get();
    await get();
    expect(waits).toEqual([]);
  });

  it('retries a throttled call, and delays the next calls', async () => {
    const { get, waits } = setUp(OK, THROTTLED, OK, OK);
    await get();
    await get();
    await get();
    // One call was granted in the second before: the retry and the next call come a second apart.
    expect(waits).toHaveLength(2);
    expect(waits[1]).toBeCloseTo(1_000, -2);
  });

  it('gives up after as many attempts as the client has', async () => {
    const { get } = setUp(THROTTLED, THROTTLED, THROTTLED, OK);
    await expect(get()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { attempts: 3 } });
  });

  it('has one rate for all calls of a client, and another for each client', async () => {
    const throttled = setUp(THROTTLED, OK, OK);
    const other = setUp(OK, OK);
    await throttled.get();
    await throttled.get();
    await other.get();
    await other.get();
    expect(throttled.waits).not.toEqual([]);
    expect(other.waits).toEqual([]);
  });
});
