import { describe, expect, it } from '@jest/globals';
import { HOUR } from '../../../lib/domain/time.ts';
import { PERIODS, sweepAll } from '../../support/tracker-on-fakes.ts';
import { modelsOf, type ModelHint } from '../../../lib/tracking/model-hint.ts';
import { trackModel } from '../../../lib/tracking/track-model.ts';
import { fakeBedrock } from '../../support/fake-bedrock.ts';
import {
  customModel,
  deployment,
  deploymentArn,
  fakeModels,
  minute,
  modelArn,
  throughput,
  throughputArn,
} from '../../support/fake-models.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore, memoryModelStore, memorySweepStore } from '../../support/memory-stores.ts';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';

const ARN = modelArn('1');
const fail = (arn: string): never => {
  throw new Error(`no record of ${arn}`);
};

const setUp = (...models: readonly BedrockAnswer[]) => {
  const bedrock = fakeModels(...models);
  const store = memoryModelStore();
  let now = minute(60).getTime();
  const clock = () => new Date(now);
  const deps = { bedrockModelsOf: bedrock.bedrockModelsOf, models: store, clock };
  const sweeps = memorySweepStore();
  const all = {
    bedrockOf: fakeBedrock().bedrockOf,
    jobs: memoryJobStore(),
    sweeps,
    scopes: sweeps.scopes,
    periods: PERIODS,
    tagRefreshDays: 30,
    clock,
    models: deps,
  };
  return {
    bedrock,
    store,
    deps,
    sweeps,
    pass: (ms: number) => (now += ms),
    track: (arn = ARN) => trackModel(deps, SCOPE, arn),
    sweep: (scopes = [SCOPE]) => {
      now += HOUR;
      bedrock.calls.length = 0;
      return sweepAll({ ...all, named: scopes }, 'models', new Date(now + HOUR));
    },
    record: async (arn = ARN) => (await store.get(arn)) ?? fail(arn),
    chain: async (resource?: string, arn = ARN) =>
      (await store.get(arn))?.transitions
        .filter((one) => one.resource === resource)
        .map(({ from, to, via }) => `${from ?? '-'} ${to} ${via}`),
  };
};

describe('a look at a model', () => {
  it('writes the model, its tags, and what serves it, for four calls', async () => {
    const { bedrock, track, record, store } = setUp(customModel('1'));
    bedrock.tags.set(ARN, { team: 'ml' });
    bedrock.serve('deployments', deployment('a', ARN));
    bedrock.serve('provisioned_throughputs', throughput('b', ARN, { modelUnits: 2, commitmentDuration: 'OneMonth' }));
    expect(await track()).toEqual({
      arn: ARN,
      outcome: 'created',
      status: 'Active',
      via: 'event',
      statusChanged: true,
    });
    expect(bedrock.calls.toSorted()).toEqual([
      `GetCustomModel ${ARN}`,
      `List deployments ${ARN}`,
      `List provisioned_throughputs ${ARN}`,
      `ListTagsForResource ${ARN}`,
    ]);
    expect(await record()).toMatchObject({
      model_arn: ARN,
      model_name: 'model-1',
      job_name: 'job-1',
      model_status: 'Active',
      status: 'Active',
      hyper_parameters: { epochCount: '2' },
      tags: { team: 'ml' },
      scope: '123456789012#us-east-1',
      serving_scope: '123456789012#us-east-1',
      model_id: '000000000001',
      deployments: [
        { arn: deploymentArn('a'), name: 'deployment-a', status: 'Active', since: minute(2).toISOString() },
      ],
      provisioned_throughputs: [{ arn: throughputArn('b'), model_units: 2, commitment_duration: 'OneMonth' }],
      revision: 1,
    });
    expect(await store.getPointer(deploymentArn('a'))).toEqual({
      model_arn: deploymentArn('a'),
      model_name: 'deployment-a',
      creation_time: minute(1).toISOString(),
      serves_model_arn: ARN,
      made_by_job_arn: (await record()).job_arn,
      fetched_at: minute(60).toISOString(),
    });
  });
});

describe('a sweep of models', () => {
  it('costs three calls and one index read where nothing changed', async () => {
    const { bedrock, sweep, record } = setUp(customModel('1'), customModel('2'));
    bedrock.serve('deployments', deployment('a', ARN));
    expect((await sweep()).reports[0]).toMatchObject({ finished: true, counts: { listed: 2, drifted: 2, failed: 0 } });
    expect(await record()).toMatchObject({ deployments: [{ status: 'Active' }], observed_via: 'backfill' });
    expect((await sweep()).reports[0]).toMatchObject({ finished: true, counts: { listed: 2, drifted: 0 } });
    expect(bedrock.calls.toSorted()).toEqual([
      'List deployments all',
      'List provisioned_throughputs all',
      'ListCustomModels',
    ]);
  });

  it('notes what was removed, and keeps it', async () => {
    const { bedrock, sweep, record, chain } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    await sweep();
    bedrock.deployments.clear();
    expect((await sweep()).reports[0]).toMatchObject({ counts: { drifted: 1, corrected: 1 } });
    expect(await chain(deploymentArn('a'))).toEqual(['- Active backfill', 'Active Removed sweep']);
    expect(await record()).not.toHaveProperty('serving_scope');
    bedrock.models.clear();
    await sweep();
    expect(await record()).toMatchObject({
      status: 'Removed',
      missing_since: expect.any(String),
      model_name: 'model-1',
    });
    expect(await chain()).toEqual(['- Active backfill', 'Active Removed sweep']);
    expect((await sweep()).reports[0]).toMatchObject({ counts: { drifted: 0 } });
  });
});

describe('what a sweep finds without events', () => {
  it('follows a deployment that is moved to another model and back', async () => {
    const { bedrock, sweep, record, chain, store } = setUp(customModel('1'), customModel('2'));
    const other = modelArn('2');
    bedrock.serve('deployments', deployment('a', ARN));
    await sweep();
    bedrock.serve('deployments', deployment('a', other, { lastUpdatedAt: minute(130) }));
    await sweep();
    expect(await record()).toMatchObject({ deployments: [{ status: 'Removed' }] });
    expect(await record(other)).toMatchObject({
      deployments: [{ status: 'Active' }],
      serving_scope: expect.any(String),
    });
    expect(await store.getPointer(deploymentArn('a'))).toMatchObject({ serves_model_arn: other });
    bedrock.serve('deployments', deployment('a', ARN, { lastUpdatedAt: minute(190) }));
    await sweep();
    expect(await chain(deploymentArn('a'))).toEqual([
      '- Active backfill',
      'Active Removed sweep',
      'Removed Active sweep',
    ]);
    expect(await store.getPointer(deploymentArn('a'))).toMatchObject({ serves_model_arn: ARN });
  });

  it('records what serves a model that Bedrock does not list, and costs no look while that stays', async () => {
    const { bedrock, sweep, record } = setUp();
    bedrock.serve('provisioned_throughputs', throughput('a', ARN));
    bedrock.serve(
      'provisioned_throughputs',
      throughput('b', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'),
    );
    await sweep();
    expect(await record()).toMatchObject({
      status: 'Removed',
      missing_since: expect.any(String),
      creation_time: minute(1).toISOString(),
      serving_scope: '123456789012#us-east-1',
      provisioned_throughputs: [{ arn: throughputArn('a'), status: 'InService' }],
    });
    expect((await sweep()).reports[0]?.counts).toMatchObject({ listed: 0, drifted: 0 });
    expect(bedrock.calls).toHaveLength(3);
    bedrock.models.set(ARN, customModel('1'));
    await sweep();
    expect(await record()).toMatchObject({ status: 'Active', creation_time: minute(0).toISOString() });
    expect(await record()).not.toHaveProperty('missing_since');
  });

  it('asks for what a list does not show before it counts as removed', async () => {
    const { bedrock, sweep, record, chain } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    await sweep();
    bedrock.lag.set(deploymentArn('a'), undefined);
    bedrock.lag.set(ARN, undefined);
    expect((await sweep()).reports[0]?.counts).toMatchObject({ corrected: 0, failed: 0 });
    expect(await record()).toMatchObject({ status: 'Active', deployments: [{ status: 'Active' }] });
    expect(await chain(deploymentArn('a'))).toEqual(['- Active backfill']);
  });

  it('keeps the later version where a list shows an older one', async () => {
    const { bedrock, sweep, track, record, chain } = setUp(customModel('1'));
    bedrock.serve(
      'provisioned_throughputs',
      throughput('a', ARN, { status: 'Updating', lastModifiedTime: minute(59) }),
    );
    await sweep();
    bedrock.lag.set(throughputArn('a'), throughput('a', ARN));
    await track();
    expect((await sweep()).reports[0]?.counts).toMatchObject({ drifted: 0 });
    expect(await record()).toMatchObject({ provisioned_throughputs: [{ status: 'Updating' }] });
    expect(await chain(throughputArn('a'))).toEqual(['- InService event', 'InService Updating backfill']);
  });

  it('stops to look where List and Get of a model differ for good', async () => {
    const { bedrock, sweep, record } = setUp(customModel('1'));
    bedrock.lag.set(ARN, customModel('1', { modelStatus: 'Archived' }));
    for (let run = 0; run < 3; run += 1) await sweep();
    expect((await sweep()).reports[0]?.counts).toMatchObject({ drifted: 0 });
    expect(await record()).toMatchObject({ listed_as: 'Archived', status: 'Active' });
    bedrock.models.delete(ARN);
    bedrock.lag.delete(ARN);
    await sweep();
    expect(await record()).toMatchObject({ status: 'Removed' });
  });

  it('marks the records of a scope that is no longer tracked, and takes the mark back', async () => {
    const { bedrock, sweep, record, pass } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    await sweep();
    await sweep([]);
    expect(await record()).toMatchObject({ untracked_since: expect.any(String) });
    expect(await record()).not.toHaveProperty('serving_scope');
    pass(2 * HOUR);
    await sweep();
    expect(await record()).not.toHaveProperty('untracked_since');
    expect(await record()).toHaveProperty('serving_scope');
  });

  it('tracks all others where one fails', async () => {
    const { bedrock, sweep, store } = setUp(customModel('1'), customModel('2'));
    bedrock.refusals.set(`GetCustomModel ${ARN}`, new Error('denied'));
    expect((await sweep()).reports[0]).toMatchObject({ counts: { failed: 1 }, failures: [{ arn: ARN }] });
    expect(store.records.keys()).toEqual([modelArn('2')]);
  });

  it('leaves a model of another account that it tracks too to that account', async () => {
    const other = { accountId: '222222222222', region: 'us-east-1' };
    const foreign = modelArn('9', other);
    const { bedrock, sweep, record } = setUp(customModel('9', { modelArn: foreign }));
    bedrock.serve('provisioned_throughputs', throughput('a', foreign));
    for (let run = 0; run < 3; run += 1) await sweep([SCOPE, other]);
    const { scope, transitions } = await record(foreign);
    expect(scope).toBe('222222222222#us-east-1');
    expect(transitions.length).toBeLessThan(5);
  });
});

describe('writers of one record', () => {
  it('lose no sighting where two look at the same time', async () => {
    const { bedrock, deps, record, store, pass, chain } = setUp(customModel('1'));
    let writes = 0;
    const contended = {
      ...deps,
      models: {
        ...store,
        put: async (one: Parameters<typeof store.put>[0]) => {
          writes += 1;
          if (writes === 1) {
            pass(1);
            bedrock.serve('deployments', deployment('a', ARN));
            await trackModel(deps, SCOPE, ARN);
            bedrock.deployments.clear();
            pass(1);
          }
          return store.put(one);
        },
      },
    };
    await trackModel(contended, SCOPE, ARN);
    expect(await record()).toMatchObject({ revision: 2, deployments: [{ status: 'Removed' }] });
    expect(await chain(deploymentArn('a'))).toEqual(['- Active event', 'Active Removed event']);
  });

  it('leave the pointer that is newer', async () => {
    const { store } = setUp();
    const pointer = (model: string, at: number) => ({
      model_arn: deploymentArn('a'),
      serves_model_arn: modelArn(model),
      fetched_at: minute(at).toISOString(),
    });
    await store.putPointer(pointer('1', 5));
    await store.putPointer(pointer('2', 4));
    expect(await store.getPointer(deploymentArn('a'))).toEqual(pointer('1', 5));
    expect(await store.get(deploymentArn('a'))).toBeUndefined();
  });
});

describe('what Bedrock may answer', () => {
  it.each<[what: string, change: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>]>([
    ['a status that AWS adds', { modelStatus: 'Archived' }, { status: 'Archived', model_status: 'Archived' }],
    ['no status', { modelStatus: undefined }, { status: 'Active' }],
    ['no job, as of an imported model', { jobArn: undefined, jobName: undefined }, { model_name: 'model-1' }],
    ['an empty job ARN', { jobArn: '' }, { model_name: 'model-1' }],
    [
      'hyperparameters with hostile keys',
      { hyperParameters: { constructor: '1' } },
      { hyper_parameters: { constructor: '1' } },
    ],
  ])('is %s', async (_what, change, expected) => {
    const { track, record } = setUp(customModel('1', change));
    await track();
    expect(await record()).toMatchObject(expected);
    if (!change['jobArn']) expect((await record()).job_arn ?? 'x').not.toBe('');
  });

  it('is a name that is not a string: nothing is written', async () => {
    const { track, store } = setUp(customModel('1', { modelName: 7 }));
    await expect(track()).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    expect(store.records.size).toBe(0);
  });

  it('is a tag __proto__, which no table can hold', async () => {
    const { bedrock, track, record } = setUp(customModel('1'));
    bedrock.tags.set(ARN, JSON.parse('{"__proto__":"x","a":"1"}') as Record<string, string>);
    await track();
    expect((await record()).tags).toEqual({ a: '1' });
  });

  it('is nothing of a model that nobody knew: no record', async () => {
    const { track, store } = setUp();
    expect(await track()).toMatchObject({ outcome: 'unchanged', status: undefined });
    expect(store.records.size).toBe(0);
  });

  it('is a time before the last look, by a clock that is behind: a removed deployment that comes back is shown', async () => {
    const { bedrock, sweep, record, chain } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    await sweep();
    bedrock.deployments.clear();
    await sweep();
    bedrock.serve('deployments', deployment('a', ARN, { lastUpdatedAt: minute(3) }));
    await sweep();
    expect(await record()).toMatchObject({ deployments: [{ status: 'Active' }] });
    expect(await chain(deploymentArn('a'))).toEqual([
      '- Active backfill',
      'Active Removed sweep',
      'Removed Active sweep',
    ]);
  });
});

describe('the models of a hint', () => {
  const hint = (change: Partial<ModelHint>): ModelHint => ({ scope: SCOPE, models: [], serving: [], ...change });
  const deploymentHint = (identifier: string) => hint({ serving: [{ list: 'deployments', identifier }] });

  it('are found by the pointer of what served them, once Bedrock no longer has it', async () => {
    const { bedrock, deps, track } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    await track();
    bedrock.deployments.clear();
    bedrock.calls.length = 0;
    expect(await modelsOf(deps, deploymentHint(deploymentArn('a')))).toEqual([ARN]);
    expect(bedrock.calls).toEqual([]);
    expect(await modelsOf(deps, deploymentHint('deployment-a'))).toEqual([ARN]);
    expect(await modelsOf(deps, deploymentHint(deploymentArn('z')))).toEqual([]);
  });

  it('are found by Get where the table knows nothing', async () => {
    const { bedrock, deps } = setUp(customModel('1'));
    bedrock.serve('deployments', deployment('a', ARN));
    expect(await modelsOf(deps, deploymentHint(deploymentArn('a')))).toEqual([ARN]);
    expect(await modelsOf(deps, deploymentHint('deployment-a'))).toEqual([ARN]);
    expect(await modelsOf(deps, hint({ models: ['model-1'] }))).toEqual([ARN]);
  });

  it('are the deleted one and its successor of the same name', async () => {
    const { bedrock, deps, track } = setUp(customModel('1'));
    await track();
    bedrock.models.clear();
    bedrock.models.set(modelArn('2'), customModel('2', { modelName: 'model-1' }));
    expect((await modelsOf(deps, hint({ models: ['model-1'] }))).toSorted()).toEqual([ARN, modelArn('2')]);
  });

  it('are the old and the new model of a deployment that moves', async () => {
    const { bedrock, deps, track } = setUp(customModel('1'), customModel('2'));
    bedrock.serve('deployments', deployment('a', ARN));
    await track();
    const moved = { ...deploymentHint(deploymentArn('a')), models: [modelArn('2')] };
    expect((await modelsOf(deps, moved)).toSorted()).toEqual([ARN, modelArn('2')]);
  });

  it('are none where a throughput is of a foundation model', async () => {
    const { bedrock, deps } = setUp();
    bedrock.serve(
      'provisioned_throughputs',
      throughput('b', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'),
    );
    const serving = [{ list: 'provisioned_throughputs' as const, identifier: throughputArn('b') }];
    expect(await modelsOf(deps, hint({ serving }))).toEqual([]);
  });
});
