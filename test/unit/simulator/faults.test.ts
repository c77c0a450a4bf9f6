import { describe, expect, it } from '@jest/globals';
import { type TokenBucket, parseFaults, takeToken } from '../../../lib/simulator/faults.ts';

describe('the switchboard', () => {
  const nothing = {
    throttle: null,
    failProbability: 0,
    accessDenied: [],
    latencyMs: 0,
    get: { timePrecision: 'milliseconds' },
    list: { timePrecision: 'milliseconds', modifiedOffsetMs: 0 },
    events: {
      enabled: true,
      dropProbability: 0,
      duplicateProbability: 0,
      reorderProbability: 0,
      delayMs: 0,
      shortArns: false,
    },
  };
  it('lets nothing go wrong by default, and takes defaults for what is absent', () => {
    expect(parseFaults({})).toEqual(nothing);
    expect(parseFaults({ events: { delayMs: 5 } })).toEqual({ ...nothing, events: { ...nothing.events, delayMs: 5 } });
    expect(parseFaults(parseFaults({ failProbability: 1 }))).toEqual({ ...nothing, failProbability: 1 });
  });

  it.each([
    [{ failProbability: 1.5 }, /failProbability must be between 0 and 1/],
    [{ failProbability: 'often' }, /failProbability must be a number/],
    [{ latencyMs: -1 }, /latencyMs must not be negative/],
    [{ latencyMs: Infinity }, /latencyMs must be finite/],
    [{ throttle: { ratePerSecond: 5 } }, /throttle\.burst is missing/],
    [{ throttle: 5 }, /throttle must be an object/],
    [
      { accessDenied: ['DeleteEverything'] },
      /accessDenied\.0 must be an operation such as GetCustomModel, or <operation>:<name>/,
    ],
    [{ accessDenied: Array(30).fill('All') }, /^.{1,1300}; and 20 more\.$/],
    [{ accessDenied: 'all' }, /accessDenied must be a list/],
    [{ events: { drop: 1 } }, /events\.drop is not known/],
    [{ events: { enabled: 'no' } }, /events\.enabled must be true or false/],
    [{ get: { timePrecision: 'days' } }, /get\.timePrecision must be milliseconds or seconds/],
    [{ list: { modifiedOffsetMs: NaN } }, /list\.modifiedOffsetMs must be a number/],
    [{ list: { modifiedOffsetMs: -Infinity } }, /list\.modifiedOffsetMs must be finite/],
    [{ list: { lag: 1 } }, /list\.lag is not known/],
    [{ latency: 1, failProbability: 2 }, /failProbability .*; latency is not known/],
    [null, /the whole must be an object/],
    [[], /the whole must be an object/],
  ])('refuses %j in one clear sentence', (input, message) => {
    expect(() => parseFaults(input)).toThrow(TypeError);
    expect(() => parseFaults(input)).toThrow(message);
  });
});

describe('the token bucket', () => {
  const limits = { ratePerSecond: 2, burst: 3 };
  const takeAt = (times: readonly number[]): boolean[] => {
    let bucket: TokenBucket | undefined;
    return times.map((now) => {
      const result = takeToken(bucket, now, limits);
      bucket = result.bucket;
      return result.taken;
    });
  };
  it.each([
    ['lets the burst through and no more', [0, 0, 0, 0], [true, true, true, false]],
    ['refills at its rate', [0, 0, 0, 499, 500, 501, 1000], [true, true, true, false, true, false, true]],
    ['never holds more than the burst', [0, 60_000, 60_000, 60_000, 60_000], [true, true, true, true, false]],
    ['does not refill when the clock runs backwards', [1000, 1000, 1000, 0, 0], [true, true, true, false, false]],
  ])('%s', (_, times, taken) => {
    expect(takeAt(times)).toEqual(taken);
  });
  it('lets nothing through where there is neither rate nor burst', () => {
    expect(takeToken(undefined, 0, { ratePerSecond: 0, burst: 0 }).taken).toBe(false);
  });
});
