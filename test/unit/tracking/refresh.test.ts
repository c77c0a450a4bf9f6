import { describe, expect, it } from '@jest/globals';
import { scopeOf, endedIn, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const SCOPE = scopeOf(1);
const jobs = () => [endedIn(SCOPE, '1', 1), endedIn(SCOPE, '2', 2), endedIn(SCOPE, '3', 3)];

/** A tracker whose first version has swept all jobs, and whose second makes other records of the same answers. */
const upgraded = async () => {
  const tracker = trackerOnFakes(...jobs());
  await tracker.run('full', [SCOPE]);
  await tracker.run('full', [SCOPE]);
  for (const [arn, answer] of tracker.bedrock.answers) tracker.bedrock.answers.set(arn, { ...answer, newField: 'x' });
  const run = async (sweep: 'active' | 'full', seconds?: number) => {
    await tracker.run(sweep, [SCOPE], seconds);
    return tracker.gets().length;
  };
  return { ...tracker, run, newRecords: () => tracker.recordsOf(SCOPE).filter((record) => 'new_field' in record) };
};

describe('a full sweep', () => {
  it('looks at drifted jobs only while the version of records is the same', async () => {
    const { run, newRecords, fullStateOf } = await upgraded();
    expect(await run('full')).toBe(0);
    expect(newRecords()).toEqual([]);
    expect(fullStateOf(SCOPE)).not.toHaveProperty('record_version');
  });

  it('looks at every job for a new version of records, once more an hour later, then never again', async () => {
    const { run, deps, newRecords, fullStateOf, advanceClock } = await upgraded();
    deps.recordVersion = 2;
    expect(await run('full')).toBe(3);
    expect(newRecords()).toHaveLength(3);
    advanceClock(HOUR);
    expect(await run('full')).toBe(3);
    expect(fullStateOf(SCOPE)).toMatchObject({ record_version: 2 });
    expect(fullStateOf(SCOPE)).not.toHaveProperty('refresh');
    expect(await run('full')).toBe(0);
  });

  it('makes a third pass if the second came too early for what the previous deployment left', async () => {
    const { run, deps, advanceClock } = await upgraded();
    deps.recordVersion = 2;
    expect([await run('full'), await run('full')]).toEqual([3, 3]);
    advanceClock(HOUR);
    expect([await run('full'), await run('full')]).toEqual([3, 0]);
  });

  it('starts again at the newest job if the version changes in the middle of it', async () => {
    const { run, deps, newRecords, sweeps, fullStateOf } = await upgraded();
    const key = [...sweeps.states.keys()].find((each) => each.endsWith('/full')) ?? '';
    const watermark = '2026-01-01T00:01:00.000Z';
    sweeps.states.set(key, { ...fullStateOf(SCOPE), unfinished: true, watermark });
    deps.recordVersion = 2;
    await run('active');
    expect(newRecords()).toHaveLength(3);
  });

  it('goes on at its watermark, and still refreshes the rest', async () => {
    const { run, deps, newRecords, slowGets, bedrock } = await upgraded();
    Object.assign(deps, { recordVersion: 2, chunk: 1 });
    slowGets(1000);
    expect(await run('full', 2)).toBe(2);
    expect(newRecords()).toHaveLength(2);
    deps.bedrockOf = bedrock.bedrockOf;
    // One job stands at the watermark itself and is looked at once more.
    expect(await run('active')).toBe(2);
    expect(newRecords()).toHaveLength(3);
  });

  it('starts again after a run that was killed before it saved any progress', async () => {
    const { run, deps, sweeps, fullStateOf, advanceClock } = await upgraded();
    deps.recordVersion = 2;
    await run('full');
    advanceClock(HOUR);
    const key = [...sweeps.states.keys()].find((each) => each.endsWith('/full')) ?? '';
    sweeps.states.set(key, { ...fullStateOf(SCOPE), unfinished: true, incomplete: true });
    await run('full');
    const { finished_at, succeeded_at, ...state } = fullStateOf(SCOPE) ?? {};
    expect(succeeded_at).toBe(finished_at);
    expect(state).not.toHaveProperty('refresh');
    expect(state).not.toHaveProperty('incomplete');
  });

  it('gives up after five passes if one job always fails', async () => {
    const { run, deps, bedrock, advanceClock } = await upgraded();
    deps.recordVersion = 2;
    bedrock.refusals.set(`GetModelCustomizationJob ${String(jobs()[0]?.['jobArn'])}`, new Error('boom'));
    const looks: number[] = [];
    for (let pass = 0; pass < 6; pass += 1) {
      looks.push(await run('full'));
      advanceClock(HOUR);
    }
    expect(looks).toEqual([3, 3, 3, 3, 3, 0]);
  });

  it('looks at each job of a new scope once, whatever the version', async () => {
    const tracker = trackerOnFakes(...jobs());
    tracker.deps.recordVersion = 2;
    await tracker.run('full', [SCOPE]);
    expect(tracker.fullStateOf(SCOPE)).toMatchObject({ record_version: 2 });
    expect(tracker.fullStateOf(SCOPE)).not.toHaveProperty('refresh');
    await tracker.run('full', [SCOPE]);
    expect(tracker.gets()).toEqual([]);
  });
});
