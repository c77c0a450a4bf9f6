import { describe, expect, it } from '@jest/globals';
import { formatScope } from '../../../lib/domain/identity.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { ModelRecord } from '../../../lib/domain/model-record.ts';
import { DAY, HOUR } from '../../../lib/domain/time.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import { measureUsage, runUsage, type UsageDependencies } from '../../../lib/tracking/measure-usage.ts';
import { fakeModels } from '../../support/fake-models.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { FakeUse } from '../../support/fake-use.ts';
import { memoryModelStore, memorySweepStore } from '../../support/memory-stores.ts';
import { manyModel } from '../../support/models.ts';
import { trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const NOW = Date.parse('2026-08-10T02:30:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const arnOf = (name: string): string => `arn:aws:bedrock:us-east-1:123456789012:provisioned-model/${name}`;

/** A model that a throughput of this name serves, created days ago. */
const served = (name: string, days: number, change: Partial<ModelRecord> = {}): ModelRecord => {
  const creation_time = iso(NOW - days * DAY);
  const entry = { arn: arnOf(name), status: 'InService', since: creation_time, creation_time, model_units: 1 };
  return {
    ...manyModel(1),
    scope: formatScope(SCOPE),
    serving_scope: formatScope(SCOPE),
    model_arn: `model-of-${name}`,
    deployments: [],
    provisioned_throughputs: [entry],
    ...change,
  };
};

/** Hours before now with an invocation, by name of the throughput; an Error for what CloudWatch does not tell. */
type Used = Readonly<Record<string, readonly number[] | Error>>;

const world = (models: readonly ModelRecord[], used: Used = {}) => {
  const store = memoryModelStore();
  for (const model of models) store.records.set(model.model_arn, model);
  const entries = Object.entries(used).map(([name, hours]) => [arnOf(name), hours] as const);
  const use = new FakeUse(
    new Map(entries.map(([arn, hours]) => [arn, hours instanceof Error ? [] : hours.map((ago) => NOW - ago * HOUR)])),
  );
  use.failures = new Map(entries.flatMap(([arn, hours]) => (hours instanceof Error ? [[arn, hours]] : [])));
  const { bedrockModelsOf } = fakeModels();
  const deps: UsageDependencies = {
    models: store,
    bedrockModelsOf,
    useOf: () => use,
    clock: () => new Date(NOW),
    idleAfterMs: 14 * DAY,
  };
  return { deps, use, store, usageOf: (name: string) => store.records.get(`model-of-${name}`)?.usage?.[arnOf(name)] };
};

const run = async (models: readonly ModelRecord[], used: Used = {}) => {
  const { deps, use, ...rest } = world(models, used);
  return { report: await measureUsage(deps, SCOPE), queries: use.queries, ...rest };
};

describe('a measurement of use', () => {
  it('asks for the hours of 30 days, and once, where they tell enough', async () => {
    const { queries, usageOf, report } = await run([served('used', 400), served('new', 20)], { used: [50] });
    expect(queries.filter(({ arns }) => arns.length > 0)).toEqual([
      {
        arns: [arnOf('used'), arnOf('new')],
        metrics: ['invocations', 'input_tokens', 'output_tokens'],
        from: Date.parse('2026-07-11T02:00:00.000Z'),
        to: NOW,
        periodMs: HOUR,
      },
    ]);
    expect(usageOf('used')?.unused_since).toBe('2026-08-08T01:00:00.000Z');
    expect(usageOf('new')?.unused_since).toBe(iso(NOW - 20 * DAY));
    expect(report).toMatchObject({ counts: { listed: 2, failed: 0 }, failures: [] });
  });

  it('asks for the days before, as far as CloudWatch holds them, where the hours do not tell', async () => {
    const { queries, usageOf } = await run([served('old', 400), served('older', 500), served('oldest', 500)], {
      older: [100 * 24],
    });
    expect(queries[1]).toEqual({
      arns: ['oldest', 'older', 'old'].map(arnOf),
      metrics: ['invocations'],
      from: Date.parse('2025-05-13T00:00:00.000Z'),
      to: Date.parse('2026-07-11T02:00:00.000Z'),
      periodMs: DAY,
    });
    expect(usageOf('old')?.unused_since).toBe(iso(NOW - 400 * DAY));
    expect(usageOf('older')?.unused_since).toBe('2026-05-03T00:00:00.000Z');
    expect(usageOf('oldest')).toEqual({ measured_at: iso(NOW) });
  });

  it('adds to what another writer wrote meanwhile', async () => {
    const { deps, store } = world([served('used', 20)], { used: [1] });
    let isFirst = true;
    const put: typeof store.put = (record) => {
      if (isFirst) store.records.set(record.model_arn, { ...served('used', 20), tags: { by: 'another' }, revision: 2 });
      isFirst = false;
      return store.put(record);
    };
    await measureUsage({ ...deps, models: { ...store, put } }, SCOPE);
    expect(store.records.get('model-of-used')).toMatchObject({
      tags: { by: 'another' },
      last_used_at: expect.any(String),
      revision: 3,
    });
  });

  it('is not made of what no longer serves', async () => {
    const [entry] = served('gone', 20).provisioned_throughputs;
    if (entry === undefined) throw new Error('A throughput serves it.');
    const removed = { ...entry, arn: arnOf('removed'), status: 'Removed' };
    const { queries } = await run([served('gone', 20, { provisioned_throughputs: [entry, removed] })]);
    expect(queries.flatMap(({ arns }) => arns)).toEqual([arnOf('gone')]);
  });

  it('keeps the last measurement of what CloudWatch does not tell, and reports it', async () => {
    const error = new TrackerError('USE_NOT_MEASURED', 'part of it');
    const usage = { [arnOf('silent')]: { measured_at: iso(NOW - DAY) } };
    const { report, usageOf } = await run([served('silent', 20, { usage }), served('used', 20)], { silent: error });
    expect(usageOf('silent')).toEqual({ measured_at: iso(NOW - DAY) });
    expect(usageOf('used')?.measured_at).toBe(iso(NOW));
    expect(report).toMatchObject({ counts: { failed: 1 }, failures: [{ error }] });
  });
});

describe('a sweep of usage', () => {
  const times = { deadline: new Date(NOW + HOUR), begunAt: new Date(NOW) };
  const swept = async (change: Partial<UsageDependencies> = {}, finished_at: string | undefined = iso(NOW - HOUR)) => {
    const { deps, usageOf } = world([served('used', 20)], { used: [50] });
    const sweeps = memorySweepStore();
    await sweeps.save(SCOPE, 'models', finished_at === '' ? {} : { finished_at });
    const state = () => sweeps.get(SCOPE, 'usage');
    return { sweep: () => runUsage({ ...deps, ...change, sweeps }, SCOPE, times), state, sweeps, usageOf };
  };

  it('measures under its lease, and remembers that it ended', async () => {
    const { sweep, state, usageOf } = await swept();
    expect(await sweep()).toMatchObject({ sweep: 'usage', finished: true, counts: { listed: 1, failed: 0 } });
    expect(usageOf('used')?.measured_at).toBe(iso(NOW));
    expect(await state()).toMatchObject({ finished_at: iso(NOW), succeeded_at: iso(NOW), begun_at: iso(NOW) });
  });

  it('leaves the scope to a run that holds the lease', async () => {
    const { sweep, sweeps, usageOf } = await swept();
    await sweeps.acquire(SCOPE, 'usage', { now: iso(NOW), until: iso(NOW + HOUR) });
    expect(await sweep()).toBeUndefined();
    expect(usageOf('used')).toBeUndefined();
  });

  it.each<[string, Partial<UsageDependencies>, string | undefined]>([
    ['the models of the scope are known', {}, ''],
    ['there is time', { clock: () => new Date(NOW + 2 * HOUR) }, undefined],
  ])('waits until %s', async (_, change, finishedAt) => {
    const { sweep, state, usageOf } = await swept(change, finishedAt);
    expect(await sweep()).toMatchObject({ finished: false });
    expect(usageOf('used')).toBeUndefined();
    expect(await state()).toMatchObject({ unfinished: true });
  });

  it('ends with the error of CloudWatch, without a lease and without a success', async () => {
    const error = new TrackerError('ACCESS_DENIED', 'Not allowed to call cloudwatch:GetMetricData.');
    const { sweep, state, usageOf } = await swept({ useOf: () => ({ read: () => Promise.reject(error) }) });
    await expect(sweep()).rejects.toBe(error);
    expect(await state()).toEqual({});
    expect(usageOf('used')).toBeUndefined();
  });
});

describe('a run of usage sweeps', () => {
  const OTHER = { accountId: '210987654321', region: 'us-east-1' };
  const trackerOf = (...models: readonly ModelRecord[]) => {
    const tracker = trackerOnFakes();
    const { deps, usageOf } = world(models, { used: [50] });
    const { bedrockModelsOf, models: store, idleAfterMs } = deps;
    const denied = { read: () => Promise.reject(new TrackerError('ACCESS_DENIED', 'Not allowed: GetMetricData.')) };
    tracker.advanceClock(NOW - tracker.deps.clock().getTime());
    tracker.deps.models = { bedrockModelsOf, models: store };
    tracker.deps.usage = {
      useOf: (scope) => (formatScope(scope) === formatScope(OTHER) ? denied : deps.useOf(scope)),
      idleAfterMs,
    };
    return { ...tracker, usageOf };
  };
  const sweepOf = ({ sweep }: { readonly sweep: string }) => sweep;

  it('goes on where one scope is denied, and names it', async () => {
    const { run, sweeps, usageOf } = trackerOf(served('used', 20));
    for (const scope of [SCOPE, OTHER]) await sweeps.save(scope, 'models', { finished_at: iso(NOW) });
    const report = await run('usage', [OTHER, SCOPE]);
    expect(report.reports.map(sweepOf)).toEqual(['usage']);
    expect(usageOf('used')).toBeDefined();
    expect(incompleteError(report)?.message).toContain('scope 210987654321#us-east-1: Not allowed: GetMetricData.');
  });

  it('waits for the models of a scope, and is then made with the next sweep, once', async () => {
    const { run, sweeps } = trackerOf();
    expect((await run('usage', [SCOPE])).reports).toEqual([]);
    await sweeps.save(SCOPE, 'models', { finished_at: iso(NOW) });
    expect((await run('active', [SCOPE])).reports.map(sweepOf)).toContain('usage');
    expect((await run('active', [SCOPE])).reports.map(sweepOf)).not.toContain('usage');
  });

  it.each(['usage', 'models'] as const)('is refused where %s sweeps are switched off', async (sweep) => {
    const { run } = trackerOnFakes();
    await expect(run(sweep, [SCOPE])).rejects.toThrow(`There are no ${sweep} sweeps here: they are switched off.`);
  });
});
