import { expect, it } from '@jest/globals';
import { TrackerError } from '../../lib/domain/errors.ts';
import { modelUse } from '../../lib/domain/idle.ts';
import { DAY } from '../../lib/domain/time.ts';
import { measureUsage } from '../../lib/tracking/measure-usage.ts';
import { runFull } from '../../lib/tracking/run-sweep.ts';
import { sweptModels, trackModel } from '../../lib/tracking/track-model.ts';
import {
  customModel,
  deployment,
  deploymentArn,
  fakeModels,
  modelArn,
  throughput,
  throughputArn,
} from '../support/fake-models.ts';
import { FakeUse } from '../support/fake-use.ts';
import { SCOPE } from '../support/fixtures.ts';
import { makeHistory, type Entry, type List } from '../support/idle-histories.ts';
import { memoryModelStore, memorySweepStore } from '../support/memory-stores.ts';

/** In a long run of test/fuzz all, else some of them. */
const HISTORIES = process.env['FUZZ_RUNS'] === undefined ? 1_000 : 10_000;

const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1).replace(/^0+/, '');
const entryArn = (list: List, id: string): string => (list === 'deployments' ? deploymentArn(id) : throughputArn(id));

const answerOf = ({ list, id, model, created, modified, status, units, commitmentEnd }: Entry) =>
  list === 'deployments'
    ? deployment(id, model, { createdAt: new Date(created), lastUpdatedAt: new Date(modified), status })
    : throughput(id, model, {
        creationTime: new Date(created),
        lastModifiedTime: new Date(modified),
        status,
        modelUnits: units,
        desiredModelUnits: units,
        ...(commitmentEnd !== undefined && { commitmentExpirationTime: new Date(commitmentEnd) }),
      });

/** The tracker itself, on stores in memory, against Bedrock and CloudWatch as a history has them. */
const trackerOf = ({ world }: ReturnType<typeof makeHistory>) => {
  const models = memoryModelStore();
  const sweeps = memorySweepStore();
  const clock = () => new Date(world.clock());
  const bedrock = fakeModels();
  const show = (): void => {
    bedrock.models.clear();
    for (const [arn, { name, created }] of world.models)
      bedrock.models.set(arn, customModel(idOf(arn), { modelName: name, creationTime: new Date(created) }));
    for (const list of ['deployments', 'provisioned_throughputs'] as const) {
      bedrock[list].clear();
      for (const entry of world.entries.values()) if (entry.list === list) bedrock.serve(list, answerOf(entry));
    }
  };
  const deps = { models, bedrockModelsOf: bedrock.bedrockModelsOf, clock };
  const use = new FakeUse(world.uses);
  return {
    models,
    sweep: async () => {
      show();
      const deadline = new Date(world.clock() + DAY);
      const report = await runFull({ sweeps, clock }, sweptModels(deps), SCOPE, { begunAt: clock(), deadline });
      expect(report).toMatchObject({ finished: true, counts: { failed: 0 } });
    },
    hint: async (arn: string) => {
      show();
      await trackModel(deps, SCOPE, arn);
    },
    measure: async (incomplete: readonly string[] | undefined) => {
      use.failures = new Map(incomplete?.map((arn) => [arn, new TrackerError('USE_NOT_MEASURED', 'in part')]));
      const denied = { read: () => Promise.reject(new TrackerError('ACCESS_DENIED', 'no')) };
      const useOf = () => (incomplete === undefined ? denied : use);
      await measureUsage({ ...deps, useOf, idleAfterMs: 14 * DAY }, SCOPE).catch(() => undefined);
    },
  };
};

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

it(`tells of ${HISTORIES.toLocaleString('en-US')} histories what brute force finds in them`, async () => {
  const seen = { used: 0, idle: 0, unknown: 0, orphaned: 0, told: 0 };
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const history = makeHistory(seed);
    const tracker = trackerOf(history);
    await history.run(tracker, { model: modelArn, entry: entryArn });
    const rules = { now: new Date(history.now()), idleAfterMs: 14 * DAY };
    const told = tracker.models.records.values().flatMap((record) => {
      // The table has pointers too.
      if (!('transitions' in record)) return [];
      const { serving, orphaned } = modelUse(record, rules);
      const changes = record.transitions.filter(({ task }) => task === 'use');
      return [
        {
          model: record.model_arn,
          serving: Object.fromEntries(
            serving.map(({ entry, state, unitHoursADay, unusedUnitHours, endsSoon }) => [
              entry.arn,
              { state, unitHoursADay, unusedUnitHours, endsSoon },
            ]),
          ),
          orphanedSince: orphaned?.since,
          told: Object.fromEntries(
            [...new Set(changes.map(({ resource = '' }) => resource))].map((arn) => [
              arn,
              changes.filter(({ resource }) => resource === arn).map(({ to }) => to.toLowerCase()),
            ]),
          ),
        },
      ];
    });
    const expected = history.models().map((model) => {
      const of = history.expected(model);
      return { model, ...of, orphanedSince: iso(of?.orphanedSince) };
    });
    const byArn = (a: { readonly model: string }, b: { readonly model: string }) => (a.model < b.model ? -1 : 1);
    expect({ seed, models: told.sort(byArn) }).toEqual({ seed, models: expected.sort(byArn) });
    for (const one of told) {
      for (const { state } of Object.values(one.serving)) seen[state] += 1;
      if (one.orphanedSince !== undefined) seen.orphaned += 1;
      seen.told += Object.values(one.told).flat().length;
    }
  }
  // Each answer was needed often.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(HISTORIES / 20);
});
