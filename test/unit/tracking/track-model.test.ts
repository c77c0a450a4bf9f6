import { describe, expect, it } from '@jest/globals';
import { HOUR } from '../../../lib/domain/time.ts';
import { reconcile } from '../../../lib/tracking/reconcile.ts';
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

export const setUp = (...models: readonly BedrockAnswer[]) => {
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
      return reconcile(all, { sweep: 'models', deadline: new Date(now + HOUR) }, scopes);
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
