import { BedrockClient } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { setImmediate as settled } from 'node:timers/promises';
import { readAhead } from '../../../lib/runtime/list-pages.ts';
import { bedrockJobs } from '../../../lib/runtime/bedrock-jobs.ts';
import type { ListJobsQuery } from '../../../lib/tracking/ports.ts';
import { sweepFull } from '../../../lib/tracking/sweep-full.ts';
import { jobTracker } from '../../../lib/tracking/track-job.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { answeredBy } from '../../support/sdk-answers.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';

const PAGE_SIZE = 1_000;
const PROBLEM = 'Bedrock lists the job with an invalid time: ';

/** A client to which Bedrock lists these summaries, and how often it was asked. */
const listing = (summaries: readonly unknown[]) => {
  let calls = 0;
  const client = new BedrockClient({
    ...answeredBy(({ query }) => {
      calls += 1;
      const from = Number(query['nextToken'] ?? 0);
      const rest = from + PAGE_SIZE < summaries.length ? { nextToken: String(from + PAGE_SIZE) } : {};
      return { body: { modelCustomizationJobSummaries: summaries.slice(from, from + PAGE_SIZE), ...rest } };
    }),
    maxAttempts: 1,
  });
  return { jobs: bedrockJobs(client, SCOPE), calls: () => calls };
};

const summary = (change: Record<string, unknown> = {}) => ({
  jobArn: arnOf('1'),
  status: 'InProgress',
  creationTime: '2026-01-01T00:00:00Z',
  ...change,
});

describe('a list with an unreadable time', () => {
  it.each([5, 'yesterday', '', '2026-01-01', '2026-13-45T99:00:00Z', '2026-02-30T00:00:00Z', {}, [], true])(
    'reads the rest of a job with the creationTime %j, and says what is wrong',
    async (creationTime) => {
      const other = summary({ jobArn: arnOf('2') });
      const { jobs, calls } = listing([summary({ creationTime }), other]);
      const [first, second] = await Array.fromAsync(jobs.listJobs({}));
      expect(first).toEqual({
        job_arn: arnOf('1'),
        status: 'InProgress',
        problem: `${PROBLEM}creationTime (${JSON.stringify(creationTime)}). The rest of it was read.`,
      });
      expect(second).toEqual({ job_arn: arnOf('2'), status: 'InProgress', creation_time: '2026-01-01T00:00:00.000Z' });
      expect(calls()).toBe(2);
    },
  );

  it('names each unreadable time, also of sub-tasks', async () => {
    const statusDetails = { trainingDetails: { status: 'InProgress', lastModifiedTime: 7 } };
    const [job] = await Array.fromAsync(listing([summary({ endTime: 'soon', statusDetails })]).jobs.listJobs({}));
    expect(job).toMatchObject({
      status_details: { training_details: { status: 'InProgress' } },
      problem: `${PROBLEM}endTime ("soon"), lastModifiedTime (7). The rest of it was read.`,
    });
  });

  it.each(['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00.1234567Z', '2026-01-01T00:00:00z', null])(
    'costs one call if the SDK reads the time %j',
    async (creationTime) => {
      const { jobs, calls } = listing([summary({ creationTime })]);
      const [job] = await Array.fromAsync(jobs.listJobs({}));
      expect(job).not.toHaveProperty('problem');
      expect(calls()).toBe(1);
    },
  );

  it("fails if the page is unreadable in another way, without the SDK's hint about its fields", async () => {
    const client = new BedrockClient({ ...answeredBy(() => ({ body: '{"a":' })), maxAttempts: 1 });
    const failure: unknown = await Array.fromAsync(bedrockJobs(client, SCOPE).listJobs({})).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'INVALID_JOB' });
    expect(String(failure)).not.toContain('hidden field');
  });

  it.each([5, 'yesterday'])('%j stops none of the other 2,500 jobs from being swept', async (creationTime) => {
    const answers = Array.from({ length: 2_500 }, (_, n) => runningJob(String(n), 3_000 - n));
    const summaries = answers.map(({ jobArn, status, creationTime: created, lastModifiedTime }, n) =>
      summary({ jobArn, status, creationTime: n === 1_200 ? creationTime : created, lastModifiedTime }),
    );
    const { bedrockOf } = fakeBedrock(...answers);
    const jobs = memoryJobStore();
    const { jobs: listed } = listing(summaries);
    const deps = {
      bedrockOf: () => ({ ...bedrockOf(SCOPE), listJobs: (query: ListJobsQuery) => listed.listJobs(query) }),
      jobs,
      clock: () => new Date('2026-01-02T00:00:00Z'),
    };
    const run = {
      sweep: 'full',
      deadline: new Date('2026-01-03T00:00:00Z'),
      watermark: undefined,
      tagsSince: '2027-01-01T00:00:00Z',
      refreshes: false,
      saveWatermark: () => Promise.resolve(),
    } as const;
    expect(await sweepFull(jobTracker(deps, SCOPE), run)).toMatchObject({
      finished: true,
      counts: { listed: 2_500, failed: 1 },
      failures: [
        { arn: arnOf('1200'), error: { code: 'INVALID_JOB', message: expect.stringContaining(PROBLEM) as unknown } },
      ],
    });
    expect(jobs.records.size).toBe(2_500);
    const again = await sweepFull(jobTracker(deps, SCOPE), run);
    // It and its record, each by itself.
    expect(again.counts).toMatchObject({ drifted: 2, failed: 1 });
  });
});

describe('readAhead', () => {
  it('requests one page while the previous one is processed, and no more', async () => {
    let asked = 0;
    async function* pages(): AsyncGenerator<number, void, undefined> {
      while (asked < 4) yield await Promise.resolve((asked += 1));
    }
    const seen: (readonly [page: number, asked: number])[] = [];
    for await (const page of readAhead(pages())) {
      await settled();
      seen.push([page, asked]);
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 4],
    ]);
  });

  it('fails at the missing page, after the pages before it', async () => {
    async function* pages(): AsyncGenerator<number, void, undefined> {
      yield await Promise.resolve(1);
      throw new Error('throttled');
    }
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const page of readAhead(pages())) {
        await settled();
        seen.push(page);
      }
    };
    await expect(read()).rejects.toThrow('throttled');
    expect(seen).toEqual([1]);
  });

  it('leaves no unhandled rejection if nobody reads the page that fails', async () => {
    async function* pages(): AsyncGenerator<number, void, undefined> {
      yield await Promise.resolve(1);
      throw new Error('throttled');
    }
    const seen: number[] = [];
    for await (const page of readAhead(pages())) {
      seen.push(page);
      break;
    }
    await settled();
    expect(seen).toEqual([1]);
  });
});
