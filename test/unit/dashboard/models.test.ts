import { describe, expect, it } from '@jest/globals';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { ModelRecord } from '../../../lib/domain/model-record.ts';
import type { DashboardDependencies } from '../../../lib/dashboard/server/dependencies.ts';
import { changesOf, modelTimelineOf } from '../../../lib/dashboard/web/logic/timeline.ts';
import { aRecord, fakeJobs, jobAddress, NOW, startDashboard } from '../../support/dashboard-server.ts';
import { manyModel } from '../../support/models.ts';

type Models = NonNullable<DashboardDependencies['models']>;

const MODEL = manyModel(9);
const JOB = aRecord('maker', { output_model_arn: MODEL.model_arn, status: 'Completed' });
const MINUTE = 60_000;

/** The client over these models; `reads` counts how often they were listed. */
const fakeModels = (models: readonly ModelRecord[], change: Partial<Models> = {}) => {
  const counts = { reads: 0 };
  const find = (text: string) => models.find(({ model_arn, model_name }) => [model_arn, model_name].includes(text));
  const client: Models = {
    rules: { idleAfterMs: 14 * 24 * 60 * MINUTE },
    iterateModels: async function* ({ most = Infinity } = {}) {
      counts.reads += 1;
      yield* await Promise.resolve(models.slice(0, most));
      return { readUnits: 0.3 * models.length, requests: 1 };
    },
    getModel: (text) => Promise.resolve({ model: find(text), readUnits: 1, requests: 1 }),
    lineage: (text) => {
      const model = find(text);
      if (model === undefined)
        return Promise.reject(new TrackerError('MODEL_NOT_FOUND', `No model is called ${text}.`));
      const job = JOB.output_model_arn === model.model_arn ? { job: JOB } : {};
      const lineage = { kind: 'model' as const, arn: text, serving: [], model, ...job };
      return Promise.resolve({ lineage, readUnits: 1, requests: 2 });
    },
    ...change,
  };
  return { client, counts };
};

describe('GET /api/models', () => {
  it('lists the models, and reads them again after the time between two updates', async () => {
    let now = NOW;
    const { client, counts } = fakeModels([MODEL]);
    const { read } = startDashboard({ models: client, clock: () => now, updateInterval: MINUTE });
    expect(await read('/api/models')).toEqual([MODEL]);
    await Promise.all([read('/api/models'), read('/api/models')]);
    expect(counts.reads).toBe(1);
    now = new Date(NOW.getTime() + MINUTE);
    await read('/api/models');
    expect(counts.reads).toBe(2);
  });

  it('keeps many models longer, as reading them costs more', async () => {
    let now = NOW;
    const { client, counts } = fakeModels(Array.from({ length: 1_000 }, (_, n) => manyModel(n)));
    const { read } = startDashboard({ models: client, clock: () => now });
    expect(await read('/api/models')).toHaveLength(1_000);
    now = new Date(NOW.getTime() + 10_000);
    await read('/api/models');
    expect(counts.reads).toBe(1);
    now = new Date(NOW.getTime() + 16_000);
    await read('/api/models');
    expect(counts.reads).toBe(2);
  });

  it('lists no more than 5,000', async () => {
    const { client } = fakeModels(Array.from({ length: 5_001 }, () => MODEL));
    expect(await startDashboard({ models: client }).read('/api/models')).toHaveLength(5_000);
  });

  it.each(['/api/models', '/api/models/x'])('answers %s with the reason where models are not tracked', async (path) => {
    const modelsProblem = 'The stack is older: deploy it again.';
    const { ask, read } = startDashboard({ modelsProblem });
    const answer = await ask(path);
    expect([answer.status, await answer.json()]).toEqual([404, { error: modelsProblem }]);
    expect(await read('/api/session')).toMatchObject({ modelsProblem });
  });

  it('has the rules of the page in the session', async () => {
    const prices = { model_unit_hour: [], stored_model_month: [] };
    const { client } = fakeModels([], { rules: { idleAfterMs: 1, prices } });
    expect(await startDashboard({ models: client }).read('/api/session')).toMatchObject({
      models: { idleAfterMs: 1, prices },
    });
  });

  it('says what is wrong where the table cannot be read', async () => {
    const denied = new TrackerError('ACCESS_DENIED', 'You may not read the table models.');
    const { client } = fakeModels([], {
      iterateModels: () => {
        throw denied;
      },
    });
    const answer = await startDashboard({ models: client }).ask('/api/models');
    expect([answer.status, await answer.json()]).toEqual([403, { error: denied.message }]);
  });
});

describe('GET /api/models/<ARN>', () => {
  const address = (model: string) => `/api/models/${encodeURIComponent(model)}`;

  it.each([
    ['ARN', MODEL.model_arn],
    ['name', MODEL.model_name ?? ''],
  ])('has the record by its %s, with its job and those that started from it', async (_what, text) => {
    const child = aRecord('child', { base_model_arn: MODEL.model_arn });
    const { client } = fakeModels([MODEL]);
    const { read } = startDashboard({ models: client, jobs: fakeJobs([JOB, child]).jobs });
    expect(await read(address(text))).toEqual({
      model: MODEL,
      job: JOB,
      children: [expect.objectContaining({ job_name: 'child' })],
    });
  });

  it('has the job that made its base model', async () => {
    const parent = aRecord('parent', { output_model_arn: MODEL.model_arn });
    const next = manyModel(10, { base_model_arn: MODEL.model_arn });
    const { client } = fakeModels([MODEL, next]);
    const { read } = startDashboard({ models: client, jobs: fakeJobs([parent]).jobs });
    expect(await read(address(next.model_arn))).toMatchObject({ parent: { job_name: 'parent' }, children: [] });
  });

  it('answers 404 for a model that is not there', async () => {
    const answer = await startDashboard({ models: fakeModels([]).client }).ask(address('nowhere'));
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'No model is called nowhere.' }]);
  });

  it('answers 404 for a job whose model has no record yet', async () => {
    const lineage: Models['lineage'] = (arn) =>
      Promise.resolve({ lineage: { kind: 'job', arn, serving: [], job: JOB }, readUnits: 1, requests: 2 });
    const answer = await startDashboard({ models: fakeModels([], { lineage }).client }).ask(address(JOB.job_arn));
    expect(answer.status).toBe(404);
  });
});

describe('GET /api/jobs/<ARN> with models', () => {
  it('has the model that the job made', async () => {
    const { client } = fakeModels([MODEL]);
    const { read } = startDashboard({ models: client, jobs: fakeJobs([JOB]).jobs });
    expect(await read(jobAddress(JOB.job_arn))).toMatchObject({ job: JOB, model: MODEL });
  });

  it('has the job where its model cannot be read, and says why', async () => {
    const getModel = () => Promise.reject(new TrackerError('ACCESS_DENIED', 'You may not read the table models.'));
    const { client } = fakeModels([], { getModel });
    const details = await startDashboard({ models: client, jobs: fakeJobs([JOB]).jobs }).read(jobAddress(JOB.job_arn));
    expect(details).toMatchObject({ job: JOB, modelProblem: 'You may not read the table models.' });
    expect(details).not.toHaveProperty('model');
  });
});

describe('the timeline of a model', () => {
  const hour = (n: number) => new Date(NOW.getTime() + n * 60 * MINUTE).toISOString();
  const change = (from: string | null, to: string, at: number, more: object = {}) => ({
    ...{ from, to, at: hour(at), observed_at: hour(at), via: 'sweep' as const },
    ...more,
  });
  const at = (model: ModelRecord, now: number) =>
    modelTimelineOf(model, NOW.getTime() + now * 60 * MINUTE)?.lanes.map(({ task = 'model', segments }) => [
      task,
      ...segments.map(({ status, from, to, open }) => [
        status,
        (from - NOW.getTime()) / (60 * MINUTE),
        (to - NOW.getTime()) / (60 * MINUTE),
        open,
      ]),
    ]);

  it.each([
    [
      'a model that nothing served goes on',
      [change(null, 'Creating', 0), change('Creating', 'Active', 1)],
      [['model', ['Creating', 0, 1, false], ['Active', 1, 10, true]]],
    ],
    [
      'a removed model ends',
      [change(null, 'Active', 0), change('Active', 'Removed', 4)],
      [['model', ['Active', 0, 4, false]]],
    ],
    [
      'what serves has a lane of its own, with its use',
      [
        change(null, 'Active', 0),
        change(null, 'InService', 1, { resource: 'pt' }),
        change('Used', 'Idle', 5, { resource: 'pt', task: 'use' }),
        change('Idle', 'Used', 7, { resource: 'pt', task: 'use' }),
        change('InService', 'Removed', 9, { resource: 'pt' }),
      ],
      [
        ['model', ['Active', 0, 10, true]],
        ['pt', ['InService', 1, 5, false], ['Idle', 5, 7, false], ['Used', 7, 9, false]],
      ],
    ],
  ])('%s', (_what, transitions, lanes) => {
    expect(at(manyModel(1, { transitions }), 10)).toEqual(lanes);
  });

  it('is absent without a change that has a time', () => {
    expect(modelTimelineOf(manyModel(1, { transitions: [] }), 0)).toBeUndefined();
    const odd = manyModel(1, { transitions: [{ ...change(null, 'Active', 0), at: 'soon' }] });
    expect(modelTimelineOf(odd, 0)).toBeUndefined();
    expect(changesOf(odd)).toHaveLength(1);
  });
});
