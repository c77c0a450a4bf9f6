import { describe, expect, it } from '@jest/globals';
import {
  type BedrockClient,
  type ListModelCustomizationJobsCommandInput,
  ValidationException,
  paginateListModelCustomizationJobs,
} from '@aws-sdk/client-bedrock';
import type { JobAnswer } from '../../../lib/simulator/index.ts';
import { DAY, HOUR } from '../../../lib/domain/time.ts';
import { startStill } from '../../support/integration/simulator.ts';

const STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
const START = Date.UTC(2026, 0, 1);

/** Five jobs share each creation time. */
const makeJobs = (count: number): JobAnswer[] =>
  Array.from({ length: count }, (_, index) => ({
    jobArn: `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/${String((index * 7919) % 100_003).padStart(12, '0')}`,
    jobName: `${index % 3 === 0 ? 'ft' : 'cpt'}-job-${index}`,
    outputModelName: `model-${index}`,
    status: STATUSES[index % 5] ?? '',
    creationTime: new Date(START + Math.floor(index / 5) * 1000).toISOString(),
    baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k',
    validationMetrics: [],
  }));

const readAll = async (client: BedrockClient, input: ListModelCustomizationJobsCommandInput) => {
  const pages: string[][] = [];
  for await (const { modelCustomizationJobSummaries = [] } of paginateListModelCustomizationJobs({ client }, input))
    pages.push(modelCustomizationJobSummaries.map(({ jobName }) => jobName ?? ''));
  return pages;
};

const startWith = async (count: number) => {
  const started = await startStill();
  const jobs = makeJobs(count);
  // Loaded in another order than that of creation.
  started.simulator.load(jobs.toReversed().map((job) => ({ job })));
  const inOrder = jobs.toSorted((a, b) => (a.creationTime + a.jobArn < b.creationTime + b.jobArn ? -1 : 1));
  return { ...started, inOrder };
};

describe('paging to the end', () => {
  const at = (seconds: number) => new Date(START + seconds * 1000);
  const filters: [string, ListModelCustomizationJobsCommandInput, (job: JobAnswer) => boolean][] = [
    ['nothing', {}, () => true],
    ['a status', { statusEquals: 'Stopping' }, ({ status }) => status === 'Stopping'],
    ['a name', { nameContains: 'cpt-' }, ({ jobName }) => jobName.includes('cpt-')],
    ['after', { creationTimeAfter: at(5) }, ({ creationTime }) => creationTime > at(5).toISOString()],
    ['before', { creationTimeBefore: at(5) }, ({ creationTime }) => creationTime < at(5).toISOString()],
    [
      'all of them',
      { creationTimeAfter: at(1), creationTimeBefore: at(9), statusEquals: 'Failed', nameContains: 'job-1' },
      ({ creationTime, status, jobName }) =>
        creationTime > at(1).toISOString() &&
        creationTime < at(9).toISOString() &&
        status === 'Failed' &&
        jobName.includes('job-1'),
    ],
    ['a time that nobody has', { creationTimeAfter: at(9), creationTimeBefore: at(2) }, () => false],
  ];
  it.each(filters)('by %s: each job once, in both orders, in pages of any size', async (_, filter, matches) => {
    const { client, inOrder } = await startWith(53);
    const expected = inOrder.filter(matches).map(({ jobName }) => jobName);
    for (const sortOrder of ['Ascending', 'Descending'] as const)
      for (const maxResults of [1, 7, 1000]) {
        const pages = await readAll(client, { ...filter, sortOrder, sortBy: 'CreationTime', maxResults });
        expect(pages.flat()).toEqual(sortOrder === 'Ascending' ? expected : expected.toReversed());
        expect(pages.length).toBe(Math.max(1, Math.ceil(expected.length / maxResults)));
      }
  });

  it('has the newest first and 100 a page by default, and at most 1000', async () => {
    const { client, inOrder } = await startWith(1203);
    const newest = inOrder.toReversed().map(({ jobName }) => jobName);
    const [first, ...others] = await readAll(client, {});
    expect(first).toEqual(newest.slice(0, 100));
    expect(others).toHaveLength(12);
    expect((await readAll(client, { maxResults: 1000 })).map(({ length }) => length)).toEqual([1000, 203]);
    expect((await readAll(client, { maxResults: 1000 })).flat()).toEqual(newest);
  });

  it.each(['Ascending', 'Descending'] as const)(
    'repeats and loses nobody (%s) while jobs are created and end',
    async (sortOrder) => {
      const { create, page, time, simulator } = await startStill();
      simulator.load(makeJobs(20).map((job) => ({ job })));
      const names: string[] = [];
      let nextToken: string | undefined;
      let created = 0;
      do {
        const answer = await page({ sortOrder, maxResults: 3, nextToken });
        names.push(...(answer.modelCustomizationJobSummaries ?? []).map(({ jobName }) => jobName ?? ''));
        nextToken = answer.nextToken;
        if (created < 4) await create(`new-${(created += 1)}`);
        await time.advance(HOUR);
      } while (nextToken !== undefined);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => !name.startsWith('new-')).sort()).toEqual(
        makeJobs(20)
          .map(({ jobName }) => jobName)
          .sort(),
      );
      // Newer than the first page of a descending list, but at the end of an ascending one.
      expect(names.filter((name) => name.startsWith('new-'))).toHaveLength(sortOrder === 'Ascending' ? 4 : 0);
    },
  );

  it('finds a job under its present status only', async () => {
    const { create, list, time } = await startStill();
    await create('moving');
    const statusOf = async () => {
      const found: string[] = [];
      for (const statusEquals of STATUSES)
        for (const { status } of await list({ statusEquals })) found.push(`${statusEquals}:${status ?? ''}`);
      return found;
    };
    expect(await statusOf()).toEqual(['InProgress:InProgress']);
    await time.advance(DAY);
    expect(await statusOf()).toEqual(['Completed:Completed']);
  });
});

describe('a token', () => {
  it('is refused when it is not one, is changed, or belongs to another query', async () => {
    const { list, page } = await startWith(20);
    const { nextToken = '' } = await page({ maxResults: 5 });
    const forged = Buffer.from(JSON.stringify([START, 'arn', 'seal'])).toString('base64url');
    const bad: ListModelCustomizationJobsCommandInput[] = [
      { nextToken: 'nonsense' },
      { nextToken: forged },
      { nextToken: Buffer.from('{}').toString('base64url') },
      { nextToken: nextToken.slice(0, -4) },
      { nextToken, statusEquals: 'Completed' },
      { nextToken, nameContains: 'ft' },
      { nextToken, sortOrder: 'Ascending' },
      { nextToken, creationTimeAfter: new Date(START) },
    ];
    for (const input of bad) await expect(list(input)).rejects.toBeInstanceOf(ValidationException);
    expect(await list({ nextToken, maxResults: 9 })).toHaveLength(9);
  });
});

describe('a hundred thousand jobs', () => {
  it('are loaded and listed without sorting them on each call', async () => {
    const { list, simulator } = await startStill();
    const jobs = makeJobs(100_000);
    const loading = performance.now();
    simulator.load(jobs.map((job) => ({ job })));
    const loaded = performance.now();
    expect(loaded - loading).toBeLessThan(10_000);
    const input = { maxResults: 1000, statusEquals: 'Completed' } as const;
    await list(input);
    const listing = performance.now();
    for (let count = 0; count < 5; count += 1) await list(input);
    // A call that sorts or copies them all takes far longer than this, on any machine.
    expect((performance.now() - listing) / 5).toBeLessThan(500);
  }, 30_000);
});
