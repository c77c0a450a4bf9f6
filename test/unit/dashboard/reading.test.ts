import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { JobsAnswer, LossCurves, Overview } from '../../../lib/dashboard/api.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { aRecord, fakeJobs, jobAddress, NO_JOBS, NOVA, NOW, startDashboard } from '../../support/dashboard-server.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';

/** The health of a tracker with these sweeps. */
const healthWith = (active: string, full: string, counts = {}) => ({
  scopes: [
    {
      scope: { accountId: '123456789012', region: 'us-east-1' },
      active: { succeeded_at: active, finished_at: active, ...counts },
      full: { succeeded_at: full, finished_at: full },
    },
  ],
  queues: [{ name: 'dead', messages: 0 }],
});

describe('GET /api/session', () => {
  it('describes the server, with a token unless it is read-only', async () => {
    const session = {
      ...{ tableName: 'jobs', region: 'us-east-1', scopes: ['123456789012#us-east-1'], updateInterval: 10 },
      invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
    };
    expect(await startDashboard().read('/api/session')).toEqual({
      ...session,
      token: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(await startDashboard({ readOnly: true }).read('/api/session')).toEqual(session);
  });
});

describe('GET /api/overview', () => {
  const byDay = [{ day: '2026-03-01', byStatus: { Completed: 2 } }];
  const byStatus = { Completed: 2, Failed: 1 };
  const model = {
    baseModelArn: NOVA,
    customizationType: 'FINE_TUNING',
    byStatus,
    durations: { count: 5, p50: 1000, p95: 2000, longest: 2000 },
    trainingLoss: { count: 2, best: 0.5, p50: 0.6, bestJobArn: 'arn' },
  };
  const summary = { ...NO_JOBS, jobs: 3, byStatus, successRate: 2 / 3, byDay, byModel: [model] };

  /** The overview at a time that can change; `sums` counts how often the jobs were summed up. */
  const overviewAt = (readUnits = 0) => {
    let sums = 0;
    let now = NOW;
    const { jobs, requests } = fakeJobs();
    const summarize = () => {
      sums += 1;
      return Promise.resolve({ ...summary, readUnits });
    };
    const { read } = startDashboard({ clock: () => now, jobs: { ...jobs, summarize } });
    const at = async (seconds: number) => {
      now = new Date(NOW.getTime() + seconds * 1000);
      await read('/api/overview');
      return sums;
    };
    return { at, requests };
  };

  it('has active jobs with their usual duration, failures, sums, and the health of the tracker', async () => {
    const { jobs, requests } = fakeJobs([aRecord('moves'), aRecord('failed', { status: 'Failed' })]);
    const counts = { counts: { listed: 1, drifted: 1, corrected: 1, missing: 0, failed: 0 } };
    const { read } = startDashboard({
      jobs: { ...jobs, summarize: () => Promise.resolve(summary) },
      health: () => Promise.resolve(healthWith('2026-03-01T11:59:00.000Z', '2026-03-01T02:00:00.000Z', counts)),
    });
    expect(await read('/api/overview')).toEqual({
      active: [expect.objectContaining({ job_name: 'moves', usual: { p50: 1000, p95: 2000 } })],
      failures: [expect.objectContaining({ job_name: 'failed' })],
      jobs: 3,
      byStatus,
      summedAt: summary.createdBefore,
      successRate: 2 / 3,
      byDay,
      models: [
        { baseModelArn: NOVA, customizationType: 'FINE_TUNING', jobs: 3, p50: 1000, p95: 2000, bestTrainingLoss: 0.5 },
      ],
      health: {
        scopes: [
          {
            scope: '123456789012#us-east-1',
            active: {
              succeeded_at: '2026-03-01T11:59:00.000Z',
              finished_at: '2026-03-01T11:59:00.000Z',
              ...counts,
            },
            full: { succeeded_at: '2026-03-01T02:00:00.000Z', finished_at: '2026-03-01T02:00:00.000Z' },
          },
        ],
        queues: [{ name: 'dead', messages: 0 }],
        problems: [],
      },
    });
    // It reads a bounded part, whatever the history.
    expect(requests).toHaveLength(2);
    for (const request of requests) expect(request.maxReadUnits).toBeLessThanOrEqual(50);
    expect(requests).toContainEqual(
      expect.objectContaining({ status: 'Failed', createdAfter: '2026-01-30T12:00:00.000Z', limit: 10 }),
    );
  });

  it('does not tell a usual duration by fewer than five completed jobs', async () => {
    const few = { ...model, durations: { ...model.durations, count: 4 } };
    const { read } = startDashboard({
      jobs: {
        ...fakeJobs([aRecord('moves')]).jobs,
        summarize: () => Promise.resolve({ ...summary, byModel: [few] }),
      },
    });
    const { active, models } = (await read('/api/overview')) as Overview;
    expect(active[0]).not.toHaveProperty('usual');
    expect(models[0]).not.toHaveProperty('p95');
  });

  it('sums up once for concurrent requests, and again after a minute; it reads active jobs each time', async () => {
    const { at, requests } = overviewAt();
    expect(await Promise.all([at(0), at(0), at(0)])).toEqual([1, 1, 1]);
    expect(requests).toHaveLength(6);
    expect([await at(59), await at(60)]).toEqual([1, 2]);
  });

  it('keeps sums longer the more they cost', async () => {
    const { at } = overviewAt(12_500);
    expect([await at(0), await at(600), await at(625)]).toEqual([1, 1, 2]);
  });

  it('does not wait for the sums of a large table, and has them later', async () => {
    let finish: (value: typeof summary) => void = () => undefined;
    const summarize = () => new Promise<typeof summary>((resolve) => (finish = resolve));
    const { read } = startDashboard({ jobs: { ...fakeJobs([aRecord('moves')]).jobs, summarize } });
    const empty = { pending: true, jobs: 0, byDay: [], models: [], active: [{ job_name: 'moves' }] };
    expect(await read('/api/overview')).toMatchObject(empty);
    finish(summary);
    const then = (await read('/api/overview')) as Overview;
    expect(then).toMatchObject({ jobs: 3 });
    expect(then).not.toHaveProperty('pending');
  });

  it("shows the jobs even if the tracker's health cannot be read", async () => {
    const { read } = startDashboard({
      jobs: fakeJobs([aRecord('moves')]).jobs,
      health: () => Promise.reject(new TrackerError('ACCESS_DENIED', 'You may not read the sweeps.')),
    });
    expect(await read('/api/overview')).toMatchObject({
      active: [{ job_name: 'moves' }],
      health: { scopes: [], problems: ["Could not read the tracker's health: You may not read the sweeps."] },
    });
  });
});

describe('GET /api/jobs', () => {
  it('sends its parameters to the client', async () => {
    const { jobs, requests } = fakeJobs();
    const parameters = new URLSearchParams([
      ['status', 'Failed'],
      ['status', 'Stopped'],
      ['active', 'false'],
      ['scope', '123456789012#us-east-1'],
      ['baseModel', NOVA],
      ['customizationType', 'FINE_TUNING'],
      ['tag', 'team'],
      ['tag', 'aws%3Acreated:by:me'],
      ['search', ' part '],
      ['createdAfter', '2026-01-01'],
      ['createdBefore', '2026-02-01T00:00:00Z'],
      ['sortBy', 'creation_time'],
      ['order', 'oldest'],
      ['limit', '7'],
      ['cursor', 'abc'],
    ]);
    await startDashboard({ jobs }).ask(`/api/jobs?${parameters.toString()}`);
    expect(requests).toEqual([
      {
        status: ['Failed', 'Stopped'],
        active: false,
        account: '123456789012',
        region: 'us-east-1',
        baseModel: NOVA,
        customizationType: 'FINE_TUNING',
        tag: [{ key: 'team' }, { key: 'aws:created', value: 'by:me' }],
        search: 'part',
        createdAfter: '2026-01-01T00:00:00.000Z',
        createdBefore: '2026-02-01T00:00:00.000Z',
        sortBy: 'creation_time',
        order: 'oldest',
        limit: 7,
        cursor: 'abc',
        maxReadUnits: 250,
      },
    ]);
  });

  it('lists the newest 50 without parameters, or with empty ones', async () => {
    const { jobs, requests } = fakeJobs();
    const { ask } = startDashboard({ jobs });
    await ask('/api/jobs');
    await ask('/api/jobs?search=&status=&cursor=');
    expect(requests).toEqual([
      { limit: 50, maxReadUnits: 250 },
      { limit: 50, maxReadUnits: 250 },
    ]);
  });

  it('answers what the indexes carry of a job, also for a whole record', async () => {
    const { read } = startDashboard({ jobs: fakeJobs([aRecord('one', { hyper_parameters: { a: 'b' } })]).jobs });
    const { jobs } = (await read('/api/jobs?search=one')) as JobsAnswer;
    expect(jobs).toMatchObject([{ job_name: 'one', tags: {} }]);
    expect(jobs[0]).not.toHaveProperty('hyper_parameters');
    expect(jobs[0]).not.toHaveProperty('scope');
  });

  it.each([
    ['limit=0', 'limit must be 1 to 200'],
    ['limit=201', 'limit must be 1 to 200'],
    ['limit=1&limit=2', 'limit must be 1 to 200'],
    ['scope=nowhere', 'scope must be <account id of 12 digits>#<Region>'],
    ['sortBy=name', 'sortBy must be creation_time or last_modified_time'],
    ['createdBefore=2026-01-01T00:00:00', 'createdBefore must be a day or a time such as 2026-11-21T04:36:24Z'],
    ['order=up', 'order must be newest or oldest'],
    ['active=maybe', 'active must be true or false'],
    ['createdAfter=yesterday', 'createdAfter must be a day or a time such as 2026-11-21T04:36:24Z'],
    ['search=a&search=b', 'search may be given once'],
    ['tag=a,b', 'tag: A tag cannot contain ",". Give one tag at a time: key, key:value or key=value'],
    ['tag=team&tag=%20', 'tag: it needs a key'],
    [`cursor=${'a'.repeat(9000)}`, 'cursor is too long'],
    ['stauts=Failed', 'unknown parameter "stauts"'],
    ['order=up&active=maybe', 'active must be true or false; order must be newest or oldest'],
  ])('refuses %.40s with a sentence', async (query, sentence) => {
    const answer = await startDashboard().ask(`/api/jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: `Cannot list these jobs: ${sentence}.` });
  });

  it('answers the cursor and the cost of a page', async () => {
    const page = { jobs: [], cursor: 'next', sortedBy: 'creation_time' as const, readUnits: 250 };
    const listJobs = () => Promise.resolve({ ...page, index: 'by-scope', requests: 3 });
    expect(await startDashboard({ jobs: { ...fakeJobs().jobs, listJobs } }).read('/api/jobs')).toEqual(page);
  });

  describe('with a search', () => {
    const one = aRecord('nova-1');
    const model = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/modelmodel12';
    const madeModel = { output_model_arn: model, output_model_name: 'helper' };
    const records = [aRecord('nova-12'), one, aRecord('nova-123', { status: 'Failed' }), aRecord('titan', madeModel)];
    const namesOf = async (query: string, more: Partial<Parameters<typeof startDashboard>[0]> = {}) => {
      const answer = (await startDashboard({ jobs: fakeJobs(records).jobs, ...more }).read(
        `/api/jobs?${query}`,
      )) as JobsAnswer;
      return answer.jobs.map(({ job_name }) => job_name);
    };

    it.each([
      ['a whole ARN', encodeURIComponent(one.job_arn), ['nova-1']],
      ['an id', one.job_id, ['nova-1']],
      ['a whole ARN, whatever the filters', `${encodeURIComponent(one.job_arn)}&status=Failed`, ['nova-1']],
      ['the job that made a model, by the model’s ARN', encodeURIComponent(model), ['titan']],
      ['the job that made a model, by part of the model’s name', 'help', ['titan']],
      ['nothing for the ARN of an unknown model', encodeURIComponent(`${model}x`), []],
      [
        'nothing for an ARN of another kind',
        encodeURIComponent('arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc'),
        [],
      ],
      ['nothing for an unknown ARN', encodeURIComponent(`${one.job_arn}x`), []],
      ['a whole name: that job first, then those whose name contains it', 'nova-1', ['nova-1', 'nova-12', 'nova-123']],
      ['a part of names', 'ova', ['nova-12', 'nova-1', 'nova-123']],
      ['nothing for an unknown name', 'claude', []],
      ['nothing for a text longer than names', 'a'.repeat(64), []],
      ['nothing for characters that names cannot have', '%F0%9F%A6%99'.repeat(600), []],
    ])('finds %s', async (_what, search, names) => {
      expect(await namesOf(`search=${search}`)).toEqual(names);
    });

    it('has the job of a whole name once, on the first page', async () => {
      expect(await namesOf('search=nova-1&cursor=second')).toEqual(['nova-12', 'nova-123']);
    });

    it('lists all jobs of an ambiguous name', async () => {
      const { jobs } = fakeJobs(records);
      const getJob = () => Promise.reject(new TrackerError('AMBIGUOUS_JOB', 'two'));
      expect(await namesOf('search=titan', { jobs: { ...jobs, getJob } })).toEqual(['titan']);
    });
  });
});

describe('GET /api/jobs/<ARN>', () => {
  const data = { s3_uri: 's3://bucket/train.jsonl' };
  const model = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl';
  const made = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/mnopqrstuvwx';

  it('has the whole record with its parent, children and siblings', async () => {
    const job = aRecord('job', { base_model_arn: model, output_model_arn: made, training_data_config: data });
    const parent = aRecord('parent', { output_model_arn: model });
    const child = aRecord('child', { base_model_arn: made });
    const data_configs = {
      training_data_config: data,
      validation_data_config: { validators: [{ s3_uri: 's3://bucket/validation.jsonl' }] },
    };
    const sibling = aRecord('sibling', { base_model_arn: model, ...data_configs });
    const cousin = aRecord('cousin', {
      base_model_arn: model,
      training_data_config: { s3_uri: 's3://bucket/other.jsonl' },
    });
    const records = [job, cousin, sibling, child, parent];
    const asked: (readonly string[])[] = [];
    const { read } = startDashboard({
      jobs: fakeJobs(records).jobs,
      readRecords: (arns) => {
        asked.push(arns);
        return Promise.resolve(records.filter(({ job_arn }) => arns.includes(job_arn)));
      },
    });
    expect(await read(jobAddress(job.job_arn))).toEqual({
      job,
      parent: expect.objectContaining({ job_name: 'parent' }),
      children: [expect.objectContaining({ job_name: 'child' })],
      siblings: [expect.objectContaining({ job_name: 'sibling', ...data_configs })],
    });
    expect(asked).toEqual([[cousin.job_arn, sibling.job_arn]]);
  });

  it('reads nothing else for a job without relatives', async () => {
    const { jobs, requests } = fakeJobs([aRecord('job')]);
    expect(await startDashboard({ jobs }).read(jobAddress('job'))).toEqual({
      job: aRecord('job'),
      children: [],
      siblings: [],
    });
    expect(requests).toEqual([]);
  });

  it('sends hostile text unchanged, in JSON that no browser takes for a page', async () => {
    const job = aRecord('job', {
      job_name: HOSTILE,
      failure_message: HOSTILE,
      hyper_parameters: { [HOSTILE]: HOSTILE },
    });
    const answer = await startDashboard({ jobs: fakeJobs([job]).jobs }).ask(jobAddress(job.job_arn));
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.json()).toMatchObject({ job });
  });

  it('says for an unknown job when the tracker last swept, with similar names', async () => {
    const jobs = fakeJobs(['support-triage-1', 'support-triage-2', 'billing'].map((name) => aRecord(name))).jobs;
    const { ask } = startDashboard({
      jobs,
      health: () => Promise.resolve(healthWith('2026-03-01T11:58:00.000Z', '2026-03-01T02:00:00.000Z')),
    });
    const answer = await ask(jobAddress('suport-triage-1'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error:
        'There is no job suport-triage-1 in table jobs (us-east-1); the tracker last swept 123456789012#us-east-1 2 min ago.',
      near: ['support-triage-1', 'support-triage-2'],
    });
  });

  it('is 404 for a text that cannot name a job', async () => {
    expect((await startDashboard().ask(jobAddress('🦙'.repeat(600)))).status).toBe(404);
  });

  it('compares an ARN with ARNs', async () => {
    const job = aRecord('billing', { job_id: 'abcdefghijkl' });
    const answer = await startDashboard({ jobs: fakeJobs([job, aRecord('other')]).jobs }).ask(
      jobAddress(job.job_arn.replace('billing', 'bililng')),
    );
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining('; the tracker has not swept yet.') as unknown,
      near: ['billing'],
    });
  });
});

describe('GET /api/jobs/<ARN>/loss', () => {
  const jobs = fakeJobs([aRecord('job')]).jobs;

  it("has the job's loss curves", async () => {
    const curves = { training: [{ step: 1, loss: 0.5 }], files: ['s3://bucket/out.csv'] };
    const { read } = startDashboard({ jobs, lossCurves: () => Promise.resolve(curves) });
    expect(await read(`${jobAddress('job')}/loss`)).toEqual(curves);
  });

  it('reduces a long curve to what a screen can show, with the lowest point', async () => {
    const training = Array.from({ length: 100_000 }, (_, step) => ({ step, loss: step === 77_777 ? 0 : 1 }));
    const { read } = startDashboard({ jobs, lossCurves: () => Promise.resolve({ training, files: [] }) });
    const drawn = ((await read(`${jobAddress('job')}/loss`)) as LossCurves).training ?? [];
    expect(drawn.length).toBeLessThanOrEqual(4_000);
    expect(drawn).toContainEqual({ step: 77_777, loss: 0 });
  });

  it.each([
    ['NO_LOSS_CURVE', 404],
    ['ACCESS_DENIED', 403],
    ['THROTTLED', 429],
    ['AWS_REFUSED', 502],
  ] as const)('answers %s with %d and the sentence', async (code, status) => {
    const { ask } = startDashboard({ jobs, lossCurves: () => Promise.reject(new TrackerError(code, 'A sentence.')) });
    const answer = await ask(`${jobAddress('job')}/loss`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: 'A sentence.' });
  });
});

describe('an answer to a client that takes gzip', () => {
  const headers = { 'accept-encoding': 'gzip, deflate, br' };

  it('is compressed, and the same', async () => {
    const records = Array.from({ length: 50 }, (_, n) => aRecord(`job-${n}`));
    const { ask, read } = startDashboard({ jobs: fakeJobs(records).jobs });
    const answer = await ask('/api/jobs', { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const plain = JSON.stringify(await read('/api/jobs'));
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(bytes).toString()).toBe(plain);
    expect(bytes.length).toBeLessThan(plain.length / 10);
  });

  it('is not compressed if it is the stream of updates, whose events would wait', async () => {
    const answer = await startDashboard().ask('/api/updates', { headers });
    expect(answer.headers.get('content-encoding')).toBeNull();
    await answer.body?.cancel();
  });
});

describe('an unknown address', () => {
  it('is answered in JSON below /api', async () => {
    const answer = await startDashboard().ask('/api/nothing');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: expect.any(String) as unknown });
  });

  it.each([
    ['POST', '/api/jobs', 'GET'],
    ['DELETE', '/api/session', 'GET'],
  ])('%s %s is 405 with the supported methods', async (method, path, allow) => {
    const { ask, read } = startDashboard();
    const { token } = (await read('/api/session')) as { token: string };
    const answer = await ask(path, {
      method,
      headers: { 'x-dashboard-token': token, 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
  });
});
