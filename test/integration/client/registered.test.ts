import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobSummary, ListJobsRequest } from '../../../lib/client/requests.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { putItems } from '../../support/models.ts';
import { registerScopes } from '../../support/registry.ts';

jest.setTimeout(180_000);

const SCOPES = Array.from({ length: 400 }, (_, n) => `${100_000_000_000 + n}#us-east-1`);
/** Two jobs each, but the first scope has 200. Some share a time. */
const jobsOf = (scope: string, n: number) =>
  Array.from({ length: n === 0 ? 200 : 2 }, (_, at) => {
    const [account_id = '', region = ''] = scope.split('#');
    const arn = `arn:aws:bedrock:${region}:${account_id}:model-customization-job/amazon.nova-lite-v1:0:300k`;
    const creation_time = new Date(1_700_000_000_000 + ((n * 7919 + at * 104_729) % 2000) * 60_000).toISOString();
    return {
      ...{ job_arn: `${arn}/${String(at).padStart(12, '0')}`, scope, account_id, region, creation_time },
      ...{ status: 'Completed', last_modified_time: creation_time, tags: at % 2 === 0 ? { team: 'search' } : {} },
    };
  });

let tables: EmbeddedTables;
let now = 0;
let [atOnce, most, requests] = [0, 0, 0];
const client = () =>
  createJobsClient(tables.client, {
    ...{ tableName: tables.jobsTable, scopes: '*', sweepsTableName: tables.sweepsTable, clock: () => now },
  });
const ALL = SCOPES.flatMap(jobsOf);
const newestFirst = (a: { readonly creation_time?: string }, b: { readonly creation_time?: string }) =>
  (a.creation_time ?? '') < (b.creation_time ?? '') ? 1 : -1;
const arnsOf = (jobs: readonly { readonly job_arn: string }[]) => jobs.map(({ job_arn }) => job_arn);

beforeAll(async () => {
  tables = await startEmbeddedTables();
  await putItems(tables.client, tables.jobsTable, ALL);
  await registerScopes(tables.client, tables.sweepsTable, { idle: SCOPES });
  tables.client.middlewareStack.add(
    (next) => async (args) => {
      most = Math.max(most, ++atOnce);
      requests += 1;
      try {
        return await next(args);
      } finally {
        atOnce -= 1;
      }
    },
    { step: 'initialize' },
  );
});
afterAll(() => tables.close());

/** All pages of a request; `between` runs after each, and the registry is read anew. */
const inPages = async (
  request: ListJobsRequest,
  between: (page: number) => Promise<unknown>,
): Promise<JobSummary[]> => {
  const found: JobSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page += 1) {
    const answer = await client().listJobs({ ...request, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...answer.jobs);
    cursor = answer.cursor;
    if (cursor === undefined) return found;
    expect(cursor.length).toBeLessThan(8192);
    await between(page);
  }
};

describe('hundreds of registered scopes', () => {
  it('are listed newest first, with at most twenty requests at a time and a full page', async () => {
    [most, requests] = [0, 0];
    const page = await client().listJobs();
    expect(arnsOf(page.jobs)).toHaveLength(100);
    expect(page.jobs.map(({ creation_time }) => creation_time)).toEqual(
      [...ALL]
        .sort(newestFirst)
        .slice(0, 100)
        .map(({ creation_time }) => creation_time),
    );
    expect(most).toBeLessThanOrEqual(20);
    expect(requests).toBeLessThan(12 + 400 + 50);
  });

  it('are iterated over and summed up once each', async () => {
    const found: JobSummary[] = [];
    for await (const job of client().iterateJobs()) found.push(job);
    expect(arnsOf(found).sort()).toEqual(arnsOf(ALL).sort());
    const window = { createdAfter: '2023-11-01T00:00:00Z', createdBefore: '2023-12-01T00:00:00Z' };
    expect((await client().summarize(window)).jobs).toBe(ALL.length);
  });
});

describe('pages, while scopes come and go', () => {
  const few = SCOPES.slice(0, 60);
  const [staying, coming, leaving] = [few.slice(0, 40), few.slice(40, 50), few.slice(50)];
  beforeAll(() =>
    registerScopes(tables.client, tables.sweepsTable, {
      released: [...SCOPES.slice(60), ...coming],
    }),
  );

  it.each<[string, ListJobsRequest]>([
    ['newest first', { limit: 9 }],
    ['oldest first', { limit: 9, order: 'oldest' }],
    ['with a filter that few match', { limit: 9, tag: { key: 'team' }, maxReadUnits: 0.5 }],
  ])('have each job of a scope that stays once, in order: %s', async (_what, request) => {
    const found = await inPages(request, async (page) => {
      const [comes = '', goes = ''] = [coming[page % 10], leaving[page % 10]];
      const moves = staying[page % 40] ?? '';
      await registerScopes(tables.client, tables.sweepsTable, {
        ...(page % 2 === 0 ? { active: [comes, moves], released: [goes] } : { idle: [goes, moves], released: [comes] }),
      });
    });
    const wanted = ALL.filter(({ tags }) => request.tag === undefined || 'team' in tags);
    const isOf = (scopes: readonly string[]) => (job: { readonly account_id: string; readonly region: string }) =>
      scopes.includes(`${job.account_id}#${job.region}`);
    expect(arnsOf(found.filter(isOf(staying) as never)).sort()).toEqual(arnsOf(wanted.filter(isOf(staying))).sort());
    expect(new Set(arnsOf(found)).size).toBe(found.length);
    const times = found.map(({ creation_time }) => creation_time ?? '');
    expect(times).toEqual(request.order === 'oldest' ? [...times].sort() : [...times].sort().reverse());
  });

  it('end where all scopes are released', async () => {
    const found = await inPages({ limit: 20 }, () =>
      registerScopes(tables.client, tables.sweepsTable, { released: few }),
    );
    expect(found).toHaveLength(20);
    now += 1;
    expect(await client().listJobs()).toMatchObject({ jobs: [], index: 'by-scope' });
  });
});
