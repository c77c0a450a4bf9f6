import { describe, expect, it } from '@jest/globals';
import { createJobsClient, type JobsClient } from '../../../lib/client/jobs-client.ts';
import { advance } from '../../../lib/domain/advance.ts';
import { createWebApp } from '../../../lib/local/web/app.ts';
import { formatDuration } from '../../../lib/local/web/view.ts';
import { dynamoDbJobStore } from '../../../lib/adapters/dynamodb-job-store.ts';
import { startEmbeddedTables } from '../../support/embedded-tables.ts';
import { runningJob } from '../../support/fake-bedrock.ts';
import { observation, SCOPE } from '../../support/fixtures.ts';
import { normalize, type BedrockAnswer } from '../../../lib/domain/normalize.ts';

const recordOf = (answer: BedrockAnswer) => {
  const decision = advance(undefined, normalize(answer, observation()));
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
const OTHER = { accountId: '123456789012', region: 'eu-west-1' };

/** The page over a table with these jobs. */
const withApp = async (
  answers: readonly BedrockAnswer[],
  use: (
    get: (
      path: string,
      headers?: Record<string, string>,
    ) => Promise<{ status: number; text: string; json: () => unknown }>,
  ) => Promise<void>,
  { scopes = [SCOPE], jobs }: { scopes?: (typeof SCOPE)[]; jobs?: JobsClient } = {},
) => {
  const tables = await startEmbeddedTables();
  try {
    const store = dynamoDbJobStore(tables.client, tables.jobsTable);
    for (const answer of answers) await store.put(recordOf(answer));
    const app = createWebApp({
      jobs: jobs ?? createJobsClient(tables.client, tables.jobsTable),
      scopes,
      clock: () => new Date('2026-01-01T03:00:00.000Z'),
      trackerStatus: () => Promise.resolve({ scopes: [{ scope: 'x' }], queue: { waiting: 1, inFlight: 2, dead: 3 } }),
    });
    await use(async (path, headers = {}) => {
      const answer = await app.request(path, { headers: { host: 'localhost:8420', ...headers } });
      const text = await answer.text();
      return { status: answer.status, text, json: () => JSON.parse(text) as unknown };
    });
  } finally {
    await tables.close();
  }
};

describe('GET /api/jobs', () => {
  it('answers jobs newest first, page by page to the end, each once', async () => {
    const answers = Array.from({ length: 7 }, (_, n) => runningJob(String(n), n));
    await withApp(answers, async (get) => {
      const names: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { json } = await get(`/api/jobs?limit=3${cursor && `&cursor=${cursor}`}`);
        const page = json() as { jobs: { job_name: string }[]; cursor?: string };
        names.push(...page.jobs.map((job) => job.job_name));
        cursor = page.cursor;
      }
      expect(names).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `job-${n}`));
    });
  });

  it('answers the newest jobs of all scopes, or those of the one that is asked for', async () => {
    const abroad = {
      ...runningJob('2', 2),
      jobArn: String(runningJob('2')['jobArn']).replace('us-east-1', 'eu-west-1'),
    };
    await withApp(
      [runningJob('1', 1), abroad, runningJob('3', 3)],
      async (get) => {
        const names = async (path: string) =>
          ((await get(path)).json() as { jobs: { job_name: string }[] }).jobs.map((job) => job.job_name);
        expect(await names('/api/jobs')).toEqual(['job-3', 'job-2', 'job-1']);
        expect(await names(`/api/jobs?scope=${encodeURIComponent('123456789012#eu-west-1')}`)).toEqual(['job-2']);
        expect(await names('/api/jobs?limit=1')).toEqual(['job-3']);
      },
      { scopes: [SCOPE, OTHER] },
    );
  });

  it.each([
    ['limit=0', 'limit must be 1 to 1000'],
    ['limit=1001', 'limit must be 1 to 1000'],
    ['limit=abc', 'limit must be a whole number'],
    ['scope=nowhere', 'scope must be <account id of 12 digits>#<Region>'],
    ['cursor=bm9uc2Vuc2U', 'The cursor is not one that this request gave out'],
    [
      `cursor=${Buffer.from('{"job_arn":"a","scope":"999999999999#us-east-1","creation_time":"x"}').toString('base64url')}`,
      'The cursor is not one',
    ],
    [`cursor=${'a'.repeat(5000)}`, 'cursor is not one that this server gave out'],
  ])('refuses %s in a sentence', async (query, sentence) => {
    await withApp([], async (get) => {
      const { status, json } = await get(`/api/jobs?${query}`);
      expect(status).toBe(400);
      expect(json()).toEqual({ error: expect.stringContaining(sentence) as unknown });
    });
  });

  it('answers one record with its transitions by ARN, and 404 for one that is not there', async () => {
    await withApp([runningJob('1')], async (get) => {
      const arn = String(runningJob('1')['jobArn']);
      expect((await get(`/api/jobs/${encodeURIComponent(arn)}`)).json()).toMatchObject({
        job_arn: arn,
        transitions: [{ to: 'InProgress' }],
      });
      expect((await get('/api/jobs/arn%3Aaws%3Anothing')).status).toBe(404);
    });
  });

  it('says so where the table cannot be read, without a stack trace', async () => {
    const jobs: JobsClient = {
      getJob: () => Promise.reject(new Error('no table')),
      listJobs: () => Promise.reject(new Error('no table')),
    };
    await withApp(
      [],
      async (get) => {
        const { status, text } = await get('/api/jobs');
        expect(status).toBe(500);
        expect(text).toBe('{"error":"The table could not be read: no table"}');
      },
      { jobs },
    );
  });
});

describe('the page', () => {
  it('shows what comes from AWS as text, whatever it holds', async () => {
    const job = runningJob('1', 0, {
      jobName: HOSTILE,
      failureMessage: HOSTILE,
      status: HOSTILE,
      hyperParameters: { [HOSTILE]: HOSTILE },
    });
    await withApp([job], async (get) => {
      for (const path of ['/', `/jobs/${encodeURIComponent(String(job['jobArn']))}`]) {
        const { status, text } = await get(path);
        expect(status).toBe(200);
        expect(text).not.toContain('<img');
        expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
      }
    });
  });

  it('shows how the tracker does', async () => {
    await withApp([runningJob('1')], async (get) => {
      const { text } = await get('/');
      expect(text).toContain('1 waiting, 2 in flight, 3 dead-lettered');
      expect(text).toContain('no active sweep yet');
    });
  });

  it.each(['evil.example', 'evil.example:8420', 'localhost.evil.example', '', '127.0.0.1.evil.example'])(
    'refuses the Host %j: a page of another site could read the jobs by DNS rebinding',
    async (host) => {
      await withApp([runningJob('1')], async (get) => {
        expect((await get('/', { host })).status).toBe(403);
        expect((await get('/api/jobs', { host })).status).toBe(403);
      });
    },
  );

  it.each(['localhost', 'localhost:1', '127.0.0.1:8420', '[::1]:8420'])('answers to %s', async (host) => {
    await withApp([], async (get) => {
      expect((await get('/', { host })).status).toBe(200);
    });
  });

  it('has a page of its own for addresses that lead nowhere', async () => {
    await withApp([], async (get) => {
      expect((await get('/nothing')).status).toBe(404);
      expect((await get('/jobs/arn%3Anothing')).text).toContain('There is no record of this job.');
    });
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, '0 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [3_599_000, '59 min 59 s'],
    [3_600_000, '1 h 00 min'],
    [100 * 3_600_000 + 61_000, '100 h 01 min'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
