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
  const sums = createSums({ from: FROM, before: FROM + 3 * DAY, now: FROM + 3 * DAY });
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

describe('a summary in groups', () => {
  const NOW = FROM + 3 * DAY;
  const grouped = (by: string, ...jobs: readonly JobSummary[]) => {
    const sums = createSums({ from: FROM, before: NOW, now: NOW, by });
    for (const each of jobs) sums.add(each);
    return sums.summary(COST).grouped;
  };
  const { end_time: _end, ...running } = job({ status: 'InProgress' });
  const of = (team: string, change: Partial<JobSummary> = {}) => job({ tags: { team }, ...change });

  it('has the job time of finished and active jobs, most of it first, and a total', () => {
    expect(
      grouped('tag:team', of('ads'), of('search'), of('search', { status: 'Failed' }), { ...running, tags: {} }),
    ).toMatchObject({
      by: 'tag:team',
      groups: [
        { jobs: 1, byStatus: { InProgress: 1 }, finishedMs: 0, activeMs: NOW - Date.UTC(2026, 0, 1, 10) },
        { group: 'search', jobs: 2, successRate: 0.5, finishedMs: 120 * MINUTE, activeMs: 0, durations: { count: 1 } },
        { group: 'ads', jobs: 1, successRate: 1, finishedMs: 60 * MINUTE, durations: { p50: 60 * MINUTE } },
      ],
      total: { jobs: 4, successRate: 2 / 3, finishedMs: 180 * MINUTE, activeMs: NOW - Date.UTC(2026, 0, 1, 10) },
    });
  });

  it.each<[string, Partial<JobSummary>]>([
    ['missing in Bedrock', { missing_since: '2026-01-02T00:00:00.000Z' }],
    ['no longer tracked', { untracked_since: '2026-01-02T00:00:00.000Z' }],
    ['created in the future', { creation_time: '2027-01-01T00:00:00.000Z' }],
  ])('does not count the time of an active job that is %s', (_, change) => {
    expect(grouped('status', { ...running, ...change })?.total).toMatchObject({ jobs: 1, finishedMs: 0, activeMs: 0 });
  });

  it('does not count the time of a finished job without its end', () => {
    expect(grouped('status', { ...running, status: 'Failed' })?.total).toMatchObject({ finishedMs: 0, activeMs: 0 });
  });

  it('takes months in their order, and models of several Regions together', () => {
    const at = (month: string) => job({ creation_time: `2026-${month}-01T10:00:00.000Z` });
    expect(grouped('month', at('11'), at('02'), at('10'))?.groups.map(({ group }) => group)).toEqual([
      '2026-02',
      '2026-10',
      '2026-11',
    ]);
    const model = (region: string) => job({ base_model_arn: `arn:aws:bedrock:${region}::foundation-model/m` });
    expect(grouped('model', model('us-east-1'), model('us-west-2'))?.groups).toMatchObject([{ group: 'm', jobs: 2 }]);
  });

  it('is absent unless it is asked for', () => {
    expect(sumOf(job())).not.toHaveProperty('grouped');
  });
});

describe('the window of a summary', () => {
  const NOW = Date.parse('2026-11-21T12:34:56.789Z');

  it('is the last 30 days', () => {
    expect(windowOf({}, NOW)).toEqual({
      window: { from: NOW - 30 * DAY, before: NOW, now: NOW },
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
      now: NOW,
    });
    expect(windowOf({ by: 'tag:team' }, NOW)).toMatchObject({ window: { by: 'tag:team' } });
    expect(windowOf({ by: 'tag:team' }, NOW).jobs).not.toHaveProperty('by');
  });

  it.each<[object, string]>([
    [{ createdAfter: '2027-01-01T00:00:00Z' }, 'createdAfter must be earlier than createdBefore, by default now'],
    [{ createdAfter: '2000-01-01T00:00:00Z' }, 'the window has more than 3660 days'],
    [{ status: 'Failed', limit: 5 }, 'unknown members status, limit; the members are account, region,'],
    [{ by: 'data' }, 'by must be model, type, status, account, region, month or tag:<key>'],
    [{ by: ['model'] }, 'by must be model, type,'],
    [{ account: '1', region: '' }, 'account must be 12 digits; region must be'],
  ])('%j is refused: %s', (request, message) => {
    expect(() => windowOf(request as SummarizeRequest, NOW)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining(message) as unknown }),
    );
  });
});
