import { describe, expect, it } from '@jest/globals';
import { createSums, windowOf } from '../../../lib/client/summarize.ts';
import type { JobSummary, SummarizeRequest } from '../../../lib/client/requests.ts';
import { DAY, MINUTE } from '../../../lib/domain/time.ts';

const FROM = Date.UTC(2026, 0, 1);
const COST = { readUnits: 3, requests: 2 };

const job = (change: Partial<JobSummary> = {}): JobSummary => ({
  job_arn: 'arn:1',
  account_id: '111111111111',
  region: 'us-east-1',
  status: 'Completed',
  creation_time: '2026-01-01T10:00:00.000Z',
  end_time: '2026-01-01T11:00:00.000Z',
  base_model_arn: 'arn:model',
  customization_type: 'FINE_TUNING',
  tags: {},
  ...change,
});
const sumOf = (...jobs: readonly JobSummary[]) => {
  const sums = createSums(FROM, FROM + 3 * DAY);
  for (const each of jobs) sums.add(each);
  return sums.summary(COST);
};
const ended = (minutes: number) =>
  job({ end_time: new Date(Date.UTC(2026, 0, 1, 10) + minutes * MINUTE).toISOString() });

describe('a summary', () => {
  it('of nothing has every day, and no rate, duration or loss', () => {
    expect(sumOf()).toEqual({
      createdAfter: '2026-01-01T00:00:00.000Z',
      createdBefore: '2026-01-04T00:00:00.000Z',
      jobs: 0,
      byStatus: {},
      byDay: ['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => ({ day, byStatus: {} })),
      byModel: [],
      ...COST,
    });
  });

  it('takes percentiles by nearest rank, of jobs that completed alone', () => {
    const minutes = Array.from({ length: 20 }, (_, n) => n + 1).reverse();
    const { byModel } = sumOf(...minutes.map(ended), { ...ended(999), status: 'Failed' }, job({ end_time: 'none' }));
    expect(byModel[0]?.durations).toEqual({ count: 20, p50: 10 * MINUTE, p95: 19 * MINUTE, longest: 20 * MINUTE });
    expect(sumOf(ended(7)).byModel[0]?.durations).toEqual({ count: 1, p50: 420_000, p95: 420_000, longest: 420_000 });
  });

  it('counts losses that are finite numbers, the lowest of a job’s validators, and names the best job', () => {
    const trained = (arn: string, loss: unknown, ...validation: unknown[]) =>
      job({
        job_arn: arn,
        training_metrics: { training_loss: loss as number },
        validation_metrics: validation.map((each) => ({ validation_loss: each as number })),
      });
    const { byModel } = sumOf(
      trained('arn:1', 'NaN', 'Infinity'),
      trained('arn:2', 0.5, 0.9, 0.7, 'NaN'),
      trained('arn:3', 0.25, 0.8),
      trained('arn:4', 0.25),
      { ...trained('arn:5', 0.01, 0.01), status: 'Stopped' },
    );
    expect(byModel[0]).toMatchObject({
      trainingLoss: { count: 3, best: 0.25, p50: 0.25, bestJobArn: 'arn:3' },
      validationLoss: { count: 2, best: 0.7, p50: 0.7, bestJobArn: 'arn:2' },
    });
  });

  it('rates completed among completed and failed jobs', () => {
    expect(sumOf(job(), job(), job(), job({ status: 'Failed' }), job({ status: 'Stopped' })).successRate).toBe(0.75);
    expect(sumOf(job({ status: 'Failed' })).successRate).toBe(0);
  });

  it('counts what a job does not tell as unknown, and any name that AWS or a person may think of', () => {
    const { base_model_arn: _model, customization_type: _type, status: _status, ...bare } = job();
    const { byStatus, byModel, byDay } = sumOf(bare, job({ status: '__proto__' }), job({ status: 'constructor' }));
    expect(Object.entries(byStatus)).toEqual([
      ['unknown', 1],
      ['__proto__', 1],
      ['constructor', 1],
    ]);
    expect(Object.keys(byDay[0]?.byStatus ?? {})).toHaveLength(3);
    expect(byModel.map(({ baseModelArn, customizationType }) => [baseModelArn, customizationType])).toEqual([
      ['arn:model', 'FINE_TUNING'],
      ['unknown', 'unknown'],
    ]);
    expect(Object.getPrototypeOf(byStatus)).toBe(Object.prototype);
  });
});

describe('the window of a summary', () => {
  const NOW = Date.parse('2026-11-21T12:34:56.789Z');

  it('is the last 30 days', () => {
    expect(windowOf({}, NOW)).toEqual({
      window: { from: NOW - 30 * DAY, before: NOW },
      jobs: {
        createdAfter: new Date(NOW - 30 * DAY),
        createdBefore: new Date(NOW),
        sortBy: 'creation_time',
        limit: 1000,
      },
    });
    expect(windowOf({ createdBefore: '2026-02-01T00:00:00Z' }, NOW).window.from).toBe(Date.UTC(2026, 0, 2));
    expect(windowOf({ createdAfter: '2026-11-01T00:00:00Z' }, NOW).window).toEqual({
      from: Date.UTC(2026, 10, 1),
      before: NOW,
    });
  });

  it.each<[object, string]>([
    [{ createdAfter: '2027-01-01T00:00:00Z' }, 'createdAfter must be earlier than createdBefore, by default now'],
    [{ createdAfter: '2000-01-01T00:00:00Z' }, 'the window has more than 3660 days'],
    [{ status: 'Failed', limit: 5 }, 'unknown members status, limit; the members are account, region,'],
    [{ account: '1', region: '' }, 'account must be 12 digits; region must be'],
  ])('%j is refused: %s', (request, message) => {
    expect(() => windowOf(request as SummarizeRequest, NOW)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining(message) as unknown }),
    );
  });
});
