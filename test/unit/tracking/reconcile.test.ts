import { describe, expect, it } from '@jest/globals';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { MINUTE } from '../../../lib/domain/time.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import type { SweepKind } from '../../../lib/contract.ts';
import { CHUNK } from '../../../lib/tracking/sweep-full.ts';
import { arnOf, runningJob } from '../../support/fake-bedrock.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const setUp = (...answers: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(...answers);
  const run = (sweep: SweepKind, seconds?: number) => tracker.run(sweep, [SCOPE], seconds);
  const refuse = (id: string, error: Error) =>
    tracker.bedrock.refusals.set(`GetModelCustomizationJob ${arnOf(id)}`, error);
  const record = (id: string) => tracker.jobs.records.get(arnOf(id));
  return { ...tracker, run, refuse, record, fullState: () => tracker.fullStateOf(SCOPE) };
};
const ended = (id: string, minute = 0, change = {}) =>
  runningJob(id, minute, { status: 'Completed', endTime: new Date(Date.UTC(2026, 0, 1, 0, minute, 30)), ...change });
const severalEnded = (count: number, change = {}) =>
  Array.from({ length: count }, (_, n) => ended(String(n), n, change));
const UNTOUCHED = { lastModifiedTime: new Date(0) };

describe('the first run of a scope', () => {
  it('backfills every job, then active sweeps cost two List calls while nothing changes', async () => {
    const { run, jobs, bedrock } = setUp(runningJob('1', 1), ended('2', 2), ended('3', 3));
    const { reports } = await run('active');
    expect(reports.map(({ sweep, finished }) => [sweep, finished])).toEqual([
      ['active', true],
      ['full', true],
    ]);
    expect([...jobs.records.values()].map(({ observed_via }) => observed_via)).toEqual(Array(3).fill('backfill'));
    const next = await run('active');
    expect(bedrock.calls).toEqual(['ListModelCustomizationJobs InProgress', 'ListModelCustomizationJobs Stopping']);
    expect(next.reports.map(({ counts }) => counts)).toEqual([
      { listed: 1, drifted: 0, corrected: 0, missing: 0, failed: 0 },
    ]);
  });
});

describe('an active sweep', () => {
  it.each<[what: string, change: Record<string, unknown>, status: string, corrected: number]>([
    ['ended', { status: 'Failed', failureMessage: 'no access' }, 'Failed', 1],
    ['is being stopped', { status: 'Stopping' }, 'Stopping', 1],
    ['was modified', { lastModifiedTime: new Date('2026-01-01T12:00:00.000Z') }, 'InProgress', 0],
  ])(
    'updates the record of a job that %s, and counts missed status changes',
    async (_what, change, status, corrected) => {
      const { run, bedrock, record } = setUp(runningJob('1'));
      await run('active');
      bedrock.answers.set(arnOf('1'), runningJob('1', 0, change));
      const { reports } = await run('active');
      expect(reports[0]?.counts).toMatchObject({ drifted: 1, corrected });
      expect(record('1')).toMatchObject({ status, observed_via: 'sweep' });
    },
  );

  it('finds a job without an event', async () => {
    const { run, bedrock, record } = setUp();
    await run('active');
    bedrock.answers.set(arnOf('2'), runningJob('2', 0, { creationTime: new Date('2026-01-02T00:01:30.000Z') }));
    expect((await run('active')).reports[0]?.counts).toMatchObject({ drifted: 1, corrected: 1 });
    expect(record('2')).toBeDefined();
  });

  it('marks the record of a job that Bedrock no longer knows, once, and unmarks it when the job is back', async () => {
    const { run, bedrock, gets, record } = setUp(runningJob('1'));
    await run('active');
    bedrock.answers.clear();
    expect((await run('active')).reports[0]?.counts).toMatchObject({ missing: 1, failed: 0 });
    expect(record('1')).toHaveProperty('missing_since');
    for (const sweep of ['active', 'full'] as const) {
      await run(sweep);
      expect(gets()).toEqual([]);
    }
    bedrock.answers.set(arnOf('1'), runningJob('1'));
    await run('active');
    expect(record('1')).not.toHaveProperty('missing_since');
  });

  it('does not take a job for missing because its tags are not found', async () => {
    const { run, bedrock, record } = setUp(runningJob('1'));
    await run('active');
    bedrock.answers.set(arnOf('1'), ended('1'));
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new TrackerError('TAGS_NOT_FOUND', 'no tags'));
    expect((await run('active')).reports[0]?.counts).toMatchObject({ missing: 0, failed: 1 });
    expect(record('1')).not.toHaveProperty('missing_since');
  });
});

describe('a full sweep', () => {
  it('counts missed status changes; missed creations are counted by active sweeps', async () => {
    const { run, bedrock } = setUp(runningJob('1'), runningJob('2'));
    await run('full');
    for (const id of ['1', '2']) bedrock.answers.set(arnOf(id), runningJob(id, 0, { status: 'Stopping' }));
    bedrock.answers.set(arnOf('3'), runningJob('3', 0, { creationTime: new Date('2026-01-02T00:01:30.000Z') }));
    const { reports } = await run('full');
    expect(reports.at(-1)).toMatchObject({ sweep: 'full', missed: { creation: 0, 'state-change': 2 } });
  });

  it('looks only at what has drifted', async () => {
    const { run, bedrock, gets } = setUp(...severalEnded(1200, UNTOUCHED));
    await run('full');
    expect(gets()).toHaveLength(1200);
    bedrock.answers.set(arnOf('7'), ended('7', 7, { lastModifiedTime: new Date('2026-01-01T12:00:00.000Z') }));
    await run('full');
    expect(gets()).toEqual([`GetModelCustomizationJob ${arnOf('7')}`]);
  });

  it('refreshes the tags of jobs modified in the window, with one ListTags each, and of no others', async () => {
    const { run, bedrock, record } = setUp(
      ended('1'),
      ended('2', 0, { lastModifiedTime: new Date('2025-01-01T00:00:00.000Z') }),
    );
    await run('full');
    bedrock.tags.set(arnOf('1'), { team: 'ml' });
    const { reports } = await run('full');
    const listTags = `ListTagsForResource ${arnOf('1')}`;
    expect(bedrock.calls.filter((call) => call.includes('Tags'))).toEqual([listTags, listTags]);
    expect(reports[0]?.counts).toMatchObject({ listed: 2, drifted: 1, corrected: 0 });
    expect(record('1')?.tags).toEqual({ team: 'ml' });
  });

  it('stops before its time runs out, and the next run goes on at the watermark until the end', async () => {
    const total = 3 * CHUNK;
    const { run, slowGets, gets, jobs, fullState } = setUp(...severalEnded(total, UNTOUCHED));
    slowGets(1000);
    const first = await run('full', CHUNK + 100);
    expect(first.reports[0]).toMatchObject({ finished: false });
    expect(incompleteError(first)).toBeUndefined();
    expect(fullState()).toMatchObject({
      unfinished: true,
      watermark: new Date(Date.UTC(2026, 0, 1, 0, total - CHUNK)).toISOString(),
    });
    let asked = gets().length;
    let runs = 1;
    for (; fullState()?.unfinished === true; runs += 1) {
      await run('active', CHUNK + 100);
      asked += gets().length;
    }
    expect(jobs.records.size).toBe(total);
    expect(asked).toBeLessThanOrEqual(total + runs);
    expect(fullState()).not.toHaveProperty('watermark');
    expect(fullState()).toHaveProperty('succeeded_at');
  });

  it('goes on after a killed run once its lease has expired', async () => {
    const { run, sweeps, record, bedrock, advanceClock, fullState } = setUp(ended('1'), ended('2', 2));
    await run('full');
    await sweeps.save(SCOPE, 'full', { ...fullState(), unfinished: true, lease_until: '2026-01-02T00:10:00.000Z' });
    bedrock.answers.set(arnOf('3'), ended('3', 3));
    expect((await run('active')).reports.map(({ sweep }) => sweep)).toEqual(['active']);
    advanceClock(20 * MINUTE);
    expect((await run('active')).reports.map(({ sweep }) => sweep)).toEqual(['active', 'full']);
    expect(record('3')).toBeDefined();
  });

  it('that cannot list fails, releases its lease, and stays due', async () => {
    const { run, bedrock, fullState } = setUp(ended('1'));
    bedrock.refusals.set('ListModelCustomizationJobs all', new TrackerError('ACCESS_DENIED', 'no list'));
    const report = await run('full');
    expect(incompleteError(report)?.message).toContain('scope 123456789012#us-east-1: no list');
    expect(fullState()).toEqual({
      unfinished: true,
      first_swept_at: '2026-01-02T00:01:00.000Z',
      begun_at: '2026-01-02T00:01:00.000Z',
    });
    bedrock.refusals.clear();
    expect((await run('active')).reports.map(({ finished }) => finished)).toEqual([true, true]);
  });

  it('has not succeeded if an earlier run of the same pass failed at a job', async () => {
    const { run, refuse, deps, bedrock, slowGets, fullState } = setUp(...severalEnded(4));
    Object.assign(deps, { chunk: 1 });
    slowGets(1000);
    refuse('3', new Error('boom'));
    await run('full', 2);
    expect(fullState()).toMatchObject({ unfinished: true, incomplete: true });
    bedrock.refusals.clear();
    await run('full');
    expect(fullState()).toHaveProperty('finished_at');
    expect(fullState()).not.toHaveProperty('succeeded_at');
    expect(fullState()).not.toHaveProperty('incomplete');
    await run('full');
    expect(fullState()).toHaveProperty('succeeded_at');
  });

  it('saves with each watermark that a job before it failed, in case the run dies', async () => {
    const { run, refuse, deps, sweeps, changeSweeps, fullState } = setUp(...severalEnded(4));
    Object.assign(deps, { chunk: 1 });
    refuse('3', new Error('boom'));
    let watermarks = 0;
    changeSweeps({
      save: (scope, sweep, state) => {
        watermarks += state.watermark === undefined ? 0 : 1;
        return watermarks > 1 ? Promise.reject(new Error('no table')) : sweeps.save(scope, sweep, state);
      },
    });
    await run('full');
    expect(fullState()).toMatchObject({ unfinished: true, incomplete: true });
  });
});
