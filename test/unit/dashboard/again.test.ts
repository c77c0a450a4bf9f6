import { describe, expect, it } from '@jest/globals';
import type { Again, DataFindings } from '../../../lib/dashboard/api.ts';
import type { DashboardDependencies } from '../../../lib/dashboard/server/dependencies.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { requestLike } from '../../../lib/operator/again.ts';
import { createRequestOf } from '../../../lib/operator/spec/create-request.ts';
import { changeHeaders, fakeJobs, jobAddress, startDashboard } from '../../support/dashboard-server.ts';
import { snapshotOf } from '../../support/fixtures.ts';

const record = (fixture: string, change: object = {}) =>
  ({
    ...snapshotOf(fixture, {}, { tags: { team: 'nlp' } }),
    revision: 1,
    transitions: [],
    ...change,
  }) as unknown as JobRecord;
const JOB = record('fine-tuning-completed', { tags: { team: 'nlp', sweep: 'x' } });
const RFT = record('reinforcement-fine-tuning-completed');
const IMPORTED = record('imported-completed');
const NEW_ARN = JOB.job_arn.replace(/.{3}$/, 'new');

const start = (readOnly = false, change: Partial<DashboardDependencies> = {}) => {
  const created: unknown[] = [];
  const dashboard = startDashboard({
    jobs: fakeJobs([JOB, RFT, IMPORTED]).jobs,
    readOnly,
    actions: {
      stop: () => Promise.resolve(),
      tag: () => Promise.resolve(),
      untag: () => Promise.resolve(),
      createLike: (_job, like) => {
        const request = requestLike(like);
        created.push(request);
        return Promise.resolve({ jobArn: NEW_ARN, jobName: request.jobName });
      },
    },
    ...change,
  });
  return { ...dashboard, created };
};

const again = (job = JOB, query = '') => `${jobAddress(job.job_arn)}/again${query}`;
const preview = async (job?: JobRecord, query?: string) => (await start(true).read(again(job, query))) as Again;

const create = async (body: string, change: Partial<DashboardDependencies> = {}, signal?: AbortSignal) => {
  const dashboard = start(false, change);
  const headers = await changeHeaders(dashboard);
  const answer = await dashboard.ask(again(), { method: 'POST', headers, body, ...(signal && { signal }) });
  return { status: answer.status, answer: (await answer.json()) as unknown, created: dashboard.created };
};

describe('a job like another one, before it is created', () => {
  it('has the fields that a person changes, also where the dashboard is read-only', async () => {
    expect((await preview()).fields).toEqual({
      jobName: 'support-triage-ft-0142-2',
      customModelName: 'support-triage-llama33-v3-2',
      trainingData: JOB.training_data_config?.s3_uri,
      validationData: ['s3://acme-ml-training-usw2/triage/validation.jsonl'],
      hyperParameters: JOB.hyper_parameters,
      hyperParametersPath: 'hyperParameters',
      tags: { team: 'nlp' },
    });
    expect((await preview(RFT)).fields).toMatchObject({
      hyperParameters: { epochCount: '1', learningRate: '0.00005', reasoningEffort: 'high' },
      hyperParametersPath: 'customizationConfig.rftConfig.hyperParameters',
    });
  });

  it('is a spec, a command and differences, all of the same request', async () => {
    const query = '?jobName=mine&hyperParameter=epochCount%3D3&without=hyperParameters.batchSize&tag=team%3Da%20b';
    const { spec = '', command, differences, problems } = await preview(JOB, query);
    expect(problems).toEqual([]);
    expect(command).toEqual([
      ...['create', '--like', JOB.job_arn, '--without', 'hyperParameters.batchSize', '--job-name', 'mine'],
      ...[
        '--custom-model-name',
        'support-triage-llama33-v3-2',
        '--hyper-parameter',
        'epochCount=3',
        '--tag',
        'team=a b',
      ],
    ]);
    expect(createRequestOf({ name: 'spec', text: spec }, {})).toMatchObject({
      jobName: 'mine',
      hyperParameters: { epochCount: '3', learningRate: '1.0E-4' },
      jobTags: [{ key: 'team', value: 'a b' }],
    });
    expect(differences.map(({ path }) => path)).toEqual([
      ...['jobName', 'customModelName', 'hyperParameters.batchSize', 'hyperParameters.epochCount'],
      ...['jobTags.team', 'jobTags.sweep'],
    ]);
  });

  it('tells what the record lacks, and what Bedrock may refuse', async () => {
    const short = record('fine-tuning-completed', { base_model_arn: 'amazon.nova-lite-v1:0' });
    const { notes } = (await startDashboard({ jobs: fakeJobs([short]).jobs }).read(again(short))) as Again;
    expect(notes).toEqual([
      'customModelTags: the tags of the model are not known',
      expect.stringContaining('Did you mean amazon.nova-lite-v1:0:300k?'),
    ]);
  });

  it('says what is wrong, and has no spec then', async () => {
    const { spec, problems } = await preview(JOB, '?jobName=a%20b');
    expect(spec).toBeUndefined();
    expect(problems).toEqual([{ where: '--job-name', text: expect.stringMatching(/^must hold only/) as unknown }]);
  });

  it('cannot be an imported one', async () => {
    const answer = await start().ask(again(IMPORTED));
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.stringMatching(/was imported: .* cannot make it again/) as unknown },
    ]);
  });

  it.each(['?clientRequestToken=mine', '?colour=red', '?jobName=a&jobName=b', '?__proto__=a'])(
    'does not take the query %s',
    async (query) => {
      const answer = await start().ask(again(JOB, query));
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { error: expect.stringMatching(/^These changes are not understood: /) as unknown },
      ]);
    },
  );
});

const FINE: DataFindings = { ok: true, told: [], more: 0 };
const WRONG: DataFindings = { ok: false, told: ['s3://acme/train.jsonl, line 9: messages are missing'], more: 2 };

describe('a job like another one', () => {
  it('is created with its changes, and its ARN is the answer', async () => {
    const { status, answer, created } = await create('{"jobName":"mine","hyperParameter":["epochCount=3"]}');
    expect([status, answer]).toEqual([201, { jobArn: NEW_ARN, jobName: 'mine', data: FINE }]);
    expect(created).toMatchObject([{ jobName: 'mine', hyperParameters: { epochCount: '3' } }]);
  });

  it.each([
    ['{"jobName":1}', /jobName must be a string/],
    ['{"tag":"a=b"}', /tag must be a list of strings/],
    ['{"tag":[1]}', /tag must be a list of strings/],
    ['{"__proto__":"a"}', /__proto__ is not known here/],
    ['{"clientRequestToken":"a"}', /clientRequestToken is not known here/],
    ['{"check":"no"}', /check must be true or false/],
    ['{"jobName":"a b"}', /--job-name: must hold only/],
    ['{"without":["a"]}', /--without: 'a' is not there/],
  ])('is refused with %s', async (body, sentence) => {
    const { status, answer, created } = await create(body);
    expect([status, answer]).toEqual([400, { error: expect.stringMatching(sentence) as unknown }]);
    expect(created).toEqual([]);
  });

  it.each([
    ['without the token', false],
    ['where the dashboard is read-only', true],
  ])('is not created %s', async (_, readOnly) => {
    const { ask, created } = start(readOnly);
    const headers = { 'content-type': 'application/json' };
    expect((await ask(again(), { method: 'POST', headers, body: '{}' })).status).toBe(403);
    expect(created).toEqual([]);
  });
});

describe('the data of a job like another one', () => {
  it('are those of the changed request, and keep it from being created where it would fail', async () => {
    const asked: unknown[] = [];
    const checkData: DashboardDependencies['checkData'] = ({ trainingDataConfig }, { region, isLocal }) => {
      asked.push([trainingDataConfig.s3Uri, region, isLocal]);
      return Promise.resolve(WRONG);
    };
    const body = '{"trainingData":"s3://acme/train.jsonl"}';
    const { status, answer, created } = await create(body, { checkData });
    expect([status, answer]).toEqual([
      422,
      { error: expect.stringMatching(/^A job with these data would fail/) as unknown, data: WRONG },
    ]);
    expect([asked, created]).toEqual([[['s3://acme/train.jsonl', JOB.region, false]], []]);
    await create(body, { checkData, bedrockUrl: 'http://127.0.0.1:1' });
    expect(asked[1]).toEqual(['s3://acme/train.jsonl', JOB.region, true]);
  });

  it('are not read where it is to be created anyway', async () => {
    const checkData = () => Promise.reject(new Error('read'));
    const { status, answer, created } = await create('{"check":false}', { checkData });
    expect([status, answer, created.length]).toEqual([
      201,
      { jobArn: NEW_ARN, jobName: expect.anything() as unknown },
      1,
    ]);
  });

  it.each([
    ['ends', () => Promise.resolve(FINE)],
    ['is cut off', () => Promise.reject(new Error('cut off'))],
  ])('are not those of a job where the person leaves before the check %s', async (_, end) => {
    const leaving = new AbortController();
    const signals: AbortSignal[] = [];
    const checkData: DashboardDependencies['checkData'] = (_request, { signal }) => {
      signals.push(signal);
      leaving.abort();
      return end();
    };
    const { status, created } = await create('{}', { checkData }, leaving.signal);
    expect([status, signals[0]?.aborted, created]).toEqual([408, true, []]);
  });
});
