import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { changeScope, hear } from '../../../lib/tracking/hear.ts';
import { claimed, type Word } from '../../../lib/tracking/scope.ts';
import { tallyScopes } from '../../../lib/tracking/start-sweeps.ts';
import { fakeModels } from '../../support/fake-models.ts';
import { memoryModelStore, memorySweepStore } from '../../support/memory-stores.ts';
import { endedIn, runningIn, scopeOf, sweepAll, trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const [named, spoke] = [scopeOf(1), scopeOf(2)];
const HUB = { active: 5 * MINUTE, idle: HOUR, empty: DAY, releaseAfter: DAY, full: DAY };

/** A hub that names one scope. */
const hub = (...answers: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(...answers);
  const deps = { ...tracker.deps, periods: HUB, named: [named] };
  const stateOf = async (scope = spoke) => (await deps.scopes.read(scope)).record;
  return {
    ...tracker,
    deps,
    stateOf,
    hear: (word: Word, scope = spoke) => hear(deps, scope, word),
    /** Sweeps what is due, as the schedule does after a time. */
    tick: async (ms = 5 * MINUTE) => {
      tracker.advanceClock(ms);
      tracker.bedrock.calls.length = 0;
      return sweepAll(deps, 'due', new Date(deps.clock().getTime() + 10 * MINUTE));
    },
  };
};

describe('a scope', () => {
  it('appears with the first heartbeat of its spoke, and is backfilled with the next sweep', async () => {
    const { hear, tick, stateOf, recordsOf } = hub(endedIn(spoke, '1'));
    await tick();
    expect(recordsOf(spoke)).toEqual([]);
    await hear('heartbeat');
    expect(await stateOf()).toMatchObject({ scope: formatScope(spoke), state: 'empty', revision: 1 });
    await tick();
    expect(recordsOf(spoke)).toMatchObject([{ observed_via: 'backfill' }]);
    expect(await stateOf()).toMatchObject({ state: 'idle' });
  });

  it('is swept as often as its jobs ask for, and costs one List call a day while there never was one', async () => {
    const { hear, tick, stateOf, bedrock } = hub(runningIn(named, '1'));
    await hear('heartbeat');
    await tick();
    expect(await stateOf(named)).toMatchObject({ state: 'active', active_jobs: 1 });
    expect(await stateOf()).toMatchObject({ state: 'empty' });
    let swept = 0;
    for (let minutes = 5; minutes < 23 * 60; minutes += 5) {
      await hear('heartbeat');
      const { reports } = await tick();
      swept += reports.filter(({ scope }) => formatScope(scope) === formatScope(spoke)).length;
      expect(reports.filter(({ scope }) => formatScope(scope) === formatScope(named)).length).toBeGreaterThan(0);
    }
    expect(swept).toBe(0);
    await tick(HOUR + 5 * MINUTE);
    expect(bedrock.calls.filter((call) => call === 'ListModelCustomizationJobs all')).toHaveLength(2);
  });

  it('is swept at once when an event tells of a job, even if the event comes during its sweep', async () => {
    const { hear, tick, stateOf, deps, bedrock } = hub();
    await hear('heartbeat');
    await tick();
    const bedrockOf = deps.bedrockOf;
    deps.bedrockOf = (scope) => {
      // The list is read, then the job is created, and its event comes before the sweep ends.
      void hear('event');
      return bedrockOf(scope);
    };
    await tick(DAY);
    deps.bedrockOf = bedrockOf;
    const { record } = await deps.scopes.read(spoke);
    expect(record).toMatchObject({ state: 'idle', due_at: deps.clock().toISOString() });
    bedrock.calls.length = 0;
    await tick();
    expect(bedrock.calls).toContain('ListModelCustomizationJobs InProgress');
    expect((await stateOf())?.due_at).toBe(new Date(deps.clock().getTime() + HOUR).toISOString());
  });

  it('is released a day after its last heartbeat, by a mark, and comes back with the next', async () => {
    const { hear, tick, stateOf, recordsOf } = hub(endedIn(spoke, '1'), endedIn(named, '2'));
    await hear('heartbeat');
    for (let hours = 0; hours < 24; hours += 1) await tick(HOUR - MINUTE);
    expect(recordsOf(spoke)[0]).not.toHaveProperty('untracked_since');
    for (let hours = 0; hours < 3; hours += 1) await tick(HOUR);
    expect(recordsOf(spoke)[0]).toHaveProperty('untracked_since');
    expect(await stateOf()).toMatchObject({ state: 'released' });
    expect(recordsOf(named)[0]).not.toHaveProperty('untracked_since');
    await hear('heartbeat');
    await tick();
    expect(recordsOf(spoke)[0]).not.toHaveProperty('untracked_since');
  });

  it('is not released if its spoke is heard while its records are marked', async () => {
    const { hear, tick, stateOf, deps, jobs } = hub(endedIn(spoke, '1'));
    await hear('heartbeat');
    await tick();
    await tick(DAY + HOUR);
    expect(jobs.records.size).toBe(1);
    deps.jobs = {
      ...jobs,
      listScope: (scope, query) => {
        if (formatScope(scope) === formatScope(spoke)) void hear('heartbeat');
        return jobs.listScope(scope, query);
      },
    };
    // The second pass, after which the scope would be released.
    await tick(HOUR + 5 * MINUTE);
    expect(await stateOf()).toMatchObject({ state: 'idle' });
    deps.jobs = jobs;
    await tick();
    expect(await stateOf()).toMatchObject({ state: 'idle' });
    expect(jobs.records.get(endedIn(spoke, '1')['jobArn'] as string)).not.toHaveProperty('untracked_since');
  });

  it('keeps why its jobs could not be swept when its models are swept by hand', async () => {
    const { hear, tick, stateOf, deps } = hub();
    await hear('heartbeat');
    const { bedrockOf } = deps;
    deps.bedrockOf = () => {
      throw new Error('Not allowed');
    };
    await tick();
    const before = await stateOf();
    expect(before).toMatchObject({ error: 'Not allowed' });
    deps.bedrockOf = bedrockOf;
    const { bedrockModelsOf } = fakeModels();
    Object.assign(deps, { models: { bedrockModelsOf, models: memoryModelStore() } });
    await sweepAll(deps, 'models', new Date(deps.clock().getTime() + HOUR));
    expect(await stateOf()).toEqual(before);
  });

  it('that is denied is asked less and less often, and is named', async () => {
    const { hear, tick, stateOf, deps } = hub();
    await hear('heartbeat');
    const bedrockOf = deps.bedrockOf;
    const asked: number[] = [];
    let minutes = 0;
    deps.bedrockOf = (scope) => {
      if (formatScope(scope) !== formatScope(spoke)) return bedrockOf(scope);
      asked.push(minutes);
      throw new Error('Not allowed');
    };
    for (minutes = 5; minutes <= 200; minutes += 5) await tick();
    expect([...new Set(asked)]).toEqual([5, 10, 20, 40, 80, 140, 200]);
    expect(await stateOf()).toMatchObject({ failures: 7, error: 'Not allowed' });
    deps.bedrockOf = bedrockOf;
    await tick(HOUR);
    expect(await stateOf()).not.toHaveProperty('failing_since');
  });

  it('does not count as covered while its sweeps die, though each puts off the next', async () => {
    const { hear, tick, deps, advanceClock } = hub(runningIn(named, '1'), runningIn(spoke, '2'));
    await hear('heartbeat');
    await tick();
    expect(await tallyScopes(deps)).toMatchObject({ scopes: 2, covered: 2, activeJobs: 2 });
    // The claim is written, and then nothing more, as of a function that is killed.
    for (let minutes = 5; minutes <= 20; minutes += 5) {
      advanceClock(5 * MINUTE);
      await changeScope(deps.scopes, spoke, (record) => record && claimed(record, deps.clock().toISOString(), HUB));
    }
    await tick(0);
    expect(await tallyScopes(deps)).toMatchObject({ scopes: 2, covered: 1 });
  });

  it('is registered once, however many words come at once', async () => {
    const { scopes } = memorySweepStore();
    const deps = { scopes, clock: () => new Date(0) };
    await Promise.all(Array.from({ length: 8 }, () => hear(deps, spoke, 'heartbeat')));
    expect((await scopes.read(spoke)).record).toMatchObject({ revision: 1 });
  });
});
