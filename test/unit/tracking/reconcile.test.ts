import { describe, expect, it } from '@jest/globals';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import { reconcile, type ReconcileRun } from '../../../lib/tracking/reconcile.ts';
import { CHUNK } from '../../../lib/tracking/sweep-full.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore, memorySweepStore } from '../../support/memory-stores.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const FULL_STATE = `${SCOPE.accountId}#${SCOPE.region}/full`;

/** A tracker on fakes whose clock the test moves. */
const setUp = (...answers: readonly BedrockAnswer[]) => {
  const bedrock = fakeBedrock(...answers);
  const jobs = memoryJobStore();
  const sweeps = memorySweepStore();
  let now = Date.parse('2026-01-02T00:00:00.000Z');
  const deps = { bedrockOf: bedrock.bedrockOf, jobs, sweeps, tagRefreshDays: 30, clock: () => new Date(now) };
  const run = async (sweep: ReconcileRun['sweep'], { seconds = 600, scopes = [SCOPE] } = {}) => {
    bedrock.calls.length = 0;
    now += 60_000;
    return reconcile(deps, { sweep, deadline: new Date(now + seconds * 1000) }, scopes);
  };
  return { bedrock, jobs, sweeps, run, deps, advanceClock: (ms: number) => (now += ms) };
};

const ended = (id: string, minute = 0, change = {}) =>
  runningJob(id, minute, { status: 'Completed', endTime: new Date(Date.UTC(2026, 0, 1, 0, minute, 30)), ...change });
const gets = (calls: readonly string[]) => calls.filter((call) => call.startsWith('Get'));

describe('the first run of a scope', () => {
  it('backfills every job by itself, finished ones included', async () => {
    const { run, jobs } = setUp(runningJob('1', 1), ended('2', 2), ended('3', 3));
    const { reports } = await run('active');
    expect(reports.map(({ sweep, finished }) => [sweep, finished])).toEqual([
      ['active', true],
      ['full', true],
    ]);
    expect([...jobs.records.values()].map(({ observed_via }) => observed_via)).toEqual([
      'backfill',
      'backfill',
      'backfill',
    ]);
  });

  it('is followed by active sweeps that cost two List calls and nothing else while nothing changes', async () => {
    const { run, bedrock } = setUp(runningJob('1', 1), ended('2', 2), ended('3', 3));
    await run('active');
    const { reports } = await run('active');
    expect(bedrock.calls).toEqual(['ListModelCustomizationJobs InProgress', 'ListModelCustomizationJobs Stopping']);
    expect(reports).toHaveLength(1);
    expect(reports[0]?.counts).toEqual({ listed: 1, drifted: 0, corrected: 0, missing: 0, failed: 0 });
  });
});

describe('an active sweep', () => {
  it.each<[what: string, change: Record<string, unknown>, status: string, corrected: number]>([
    ['ended', { status: 'Failed', failureMessage: 'no access' }, 'Failed', 1],
    ['is being stopped', { status: 'Stopping' }, 'Stopping', 1],
    ['was modified', { lastModifiedTime: new Date('2026-01-01T12:00:00.000Z') }, 'InProgress', 0],
  ])(
    'brings a record up to date whose job %s, and counts only missed status changes as corrected',
    async (_what, change, status, corrected) => {
      const { run, bedrock, jobs } = setUp(runningJob('1'));
      await run('active');
      bedrock.answers.set(arnOf('1'), runningJob('1', 0, change));
      const { reports } = await run('active');
      expect(reports[0]?.counts).toMatchObject({ drifted: 1, corrected });
      expect(jobs.records.get(arnOf('1'))).toMatchObject({ status, observed_via: 'sweep' });
    },
  );

  it('finds a job that no event told of', async () => {
    const { run, bedrock, jobs } = setUp();
    await run('active');
    bedrock.answers.set(arnOf('2'), runningJob('2', 0, { creationTime: new Date('2026-01-02T00:01:30.000Z') }));
    expect((await run('active')).reports[0]?.counts).toMatchObject({ drifted: 1, corrected: 1 });
    expect(jobs.records.has(arnOf('2'))).toBe(true);
  });

  it('marks a record whose job Bedrock no longer knows, once, and takes the mark back when it is there again', async () => {
    const { run, bedrock, jobs } = setUp(runningJob('1'));
    await run('active');
    bedrock.answers.clear();
    expect((await run('active')).reports[0]?.counts).toMatchObject({ missing: 1, failed: 0 });
    expect(jobs.records.get(arnOf('1'))).toHaveProperty('missing_since');
    await run('active');
    expect(gets(bedrock.calls)).toEqual([]);
    await run('full');
    expect(gets(bedrock.calls)).toEqual([]);
    bedrock.answers.set(arnOf('1'), runningJob('1'));
    await run('active');
    expect(jobs.records.get(arnOf('1'))).not.toHaveProperty('missing_since');
  });

  it('takes no job for missing because its tags are not found', async () => {
    const { run, bedrock, jobs } = setUp(runningJob('1'));
    await run('active');
    bedrock.answers.set(arnOf('1'), ended('1'));
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new TrackerError('TAGS_NOT_FOUND', 'no tags'));
    expect((await run('active')).reports[0]?.counts).toMatchObject({ missing: 0, failed: 1 });
    expect(jobs.records.get(arnOf('1'))).not.toHaveProperty('missing_since');
  });

  it('finishes the other jobs where one cannot be tracked, and names that one', async () => {
    const { run, bedrock, jobs } = setUp(runningJob('1', 1), runningJob('2', 2), runningJob('3', 3));
    bedrock.refusals.set(`GetModelCustomizationJob ${arnOf('2')}`, new TrackerError('ACCESS_DENIED', 'not allowed'));
    const report = await run('active');
    expect([...jobs.records.keys()].sort()).toEqual([arnOf('1'), arnOf('3')]);
    expect(incompleteError(report)).toMatchObject({
      code: 'SWEEP_INCOMPLETE',
      message: expect.stringContaining(`${arnOf('2')}: not allowed`) as unknown,
    });
  });
});

describe('a full sweep', () => {
  it('looks only at what has drifted', async () => {
    const { run, bedrock } = setUp(
      ...Array.from({ length: 1200 }, (_, n) => ended(String(n), n, { lastModifiedTime: new Date(0) })),
    );
    await run('full');
    expect(gets(bedrock.calls)).toHaveLength(1200);
    bedrock.answers.set(arnOf('7'), ended('7', 7, { lastModifiedTime: new Date('2026-01-01T12:00:00.000Z') }));
    await run('full');
    expect(gets(bedrock.calls)).toEqual([`GetModelCustomizationJob ${arnOf('7')}`]);
  });

  it('refreshes the tags of jobs modified in the window, one ListTags each, and of no others', async () => {
    const { run, bedrock, jobs } = setUp(
      ended('1'),
      ended('2', 0, { lastModifiedTime: new Date('2025-01-01T00:00:00.000Z') }),
    );
    await run('full');
    bedrock.tags.set(arnOf('1'), { team: 'ml' });
    const { reports } = await run('full');
    expect(bedrock.calls.filter((call) => call.includes('Tags'))).toEqual([
      `ListTagsForResource ${arnOf('1')}`,
      `ListTagsForResource ${arnOf('1')}`,
    ]);
    expect(reports[0]?.counts).toMatchObject({ listed: 2, drifted: 1, corrected: 0 });
    expect(jobs.records.get(arnOf('1'))?.tags).toEqual({ team: 'ml' });
  });

  it('stops before its time runs out, and the next run goes on at the watermark until the end', async () => {
    const total = 3 * CHUNK;
    const tracker = setUp(
      ...Array.from({ length: total }, (_, n) => ended(String(n), n, { lastModifiedTime: new Date(0) })),
    );
    const { bedrock, sweeps, run, advanceClock } = tracker;
    const getJob = bedrock.bedrockOf(SCOPE);
    tracker.deps.bedrockOf = () => ({
      ...getJob,
      getJob: (identifier) => {
        advanceClock(1000);
        return getJob.getJob(identifier);
      },
    });
    const first = await run('full', { seconds: CHUNK + 100 });
    expect(first.reports[0]).toMatchObject({ finished: false });
    expect(incompleteError(first)).toBeUndefined();
    expect(sweeps.states.get(FULL_STATE)).toMatchObject({
      unfinished: true,
      watermark: new Date(Date.UTC(2026, 0, 1, 0, total - CHUNK)).toISOString(),
    });

    let asked = gets(bedrock.calls).length;
    let runs = 1;
    for (; sweeps.states.get(FULL_STATE)?.unfinished === true; runs += 1) {
      await run('active', { seconds: CHUNK + 100 });
      asked += gets(bedrock.calls).length;
    }
    expect(tracker.jobs.records.size).toBe(total);
    expect(asked).toBeLessThanOrEqual(total + runs);
    expect(sweeps.states.get(FULL_STATE)).not.toHaveProperty('watermark');
    expect(sweeps.states.get(FULL_STATE)).toHaveProperty('succeeded_at');
  });

  it('that is killed is taken up by the next run once its lease has run out', async () => {
    const { run, sweeps, jobs, bedrock, advanceClock } = setUp(ended('1'), ended('2', 2));
    await run('full');
    const { lease_until: _, ...state } = sweeps.states.get(FULL_STATE) ?? {};
    sweeps.states.set(FULL_STATE, { ...state, unfinished: true, lease_until: '2026-01-02T00:10:00.000Z' });
    bedrock.answers.set(arnOf('3'), ended('3', 3));
    expect((await run('active')).reports.map(({ sweep }) => sweep)).toEqual(['active']);
    advanceClock(20 * MINUTE);
    expect((await run('active')).reports.map(({ sweep }) => sweep)).toEqual(['active', 'full']);
    expect(jobs.records.has(arnOf('3'))).toBe(true);
  });

  it('that cannot list at all fails, gives its lease back, and leaves the mark that it is due', async () => {
    const { run, bedrock, sweeps } = setUp(ended('1'));
    bedrock.refusals.set('ListModelCustomizationJobs all', new TrackerError('ACCESS_DENIED', 'no list'));
    const report = await run('full');
    expect(incompleteError(report)?.message).toContain('scope 123456789012#us-east-1: no list');
    expect(sweeps.states.get(FULL_STATE)).toEqual({
      unfinished: true,
      first_swept_at: '2026-01-02T00:01:00.000Z',
      begun_at: '2026-01-02T00:01:00.000Z',
    });
    bedrock.refusals.clear();
    expect((await run('active')).reports.map(({ finished }) => finished)).toEqual([true, true]);
  });

  it('reports why it failed, even where its lease cannot be given back either', async () => {
    const { run, bedrock, deps } = setUp(ended('1'));
    bedrock.refusals.set('ListModelCustomizationJobs all', new TrackerError('ACCESS_DENIED', 'no list'));
    const save = deps.sweeps.save.bind(deps.sweeps);
    let saves = 0;
    deps.sweeps.save = (...state) => {
      saves += 1;
      return saves > 1 ? Promise.reject(new Error('no table')) : save(...state);
    };
    expect(incompleteError(await run('full'))?.message).toContain('no list');
  });

  it('counts as ended but not as succeeded where a job could not be tracked', async () => {
    const { run, bedrock, sweeps } = setUp(ended('1'));
    bedrock.refusals.set(`GetModelCustomizationJob ${arnOf('1')}`, new Error('boom'));
    await run('full');
    expect(sweeps.states.get(FULL_STATE)).toHaveProperty('finished_at');
    expect(sweeps.states.get(FULL_STATE)).not.toHaveProperty('succeeded_at');
  });

  it('counts as ended but not as succeeded where an earlier run of the same pass could not track a job', async () => {
    const tracker = setUp(...Array.from({ length: 4 }, (_, n) => ended(String(n), n)));
    const { bedrock, sweeps, run, advanceClock, deps } = tracker;
    Object.assign(deps, { chunk: 1 });
    const inner = bedrock.bedrockOf(SCOPE);
    deps.bedrockOf = () => ({
      ...inner,
      getJob: (identifier) => {
        advanceClock(1000);
        return inner.getJob(identifier);
      },
    });
    bedrock.refusals.set(`GetModelCustomizationJob ${arnOf('3')}`, new Error('boom'));
    await run('full', { seconds: 2 });
    expect(sweeps.states.get(FULL_STATE)).toMatchObject({ unfinished: true, incomplete: true });
    bedrock.refusals.clear();
    await run('full');
    const state = sweeps.states.get(FULL_STATE);
    expect(state).toHaveProperty('finished_at');
    expect(state).not.toHaveProperty('succeeded_at');
    expect(state).not.toHaveProperty('incomplete');
    await run('full');
    expect(sweeps.states.get(FULL_STATE)).toHaveProperty('succeeded_at');
  });
});

describe('a full sweep that dies', () => {
  it('has told with its watermark that a job before it could not be tracked', async () => {
    const { run, bedrock, sweeps, deps } = setUp(...Array.from({ length: 4 }, (_, n) => ended(String(n), n)));
    Object.assign(deps, { chunk: 1 });
    bedrock.refusals.set(`GetModelCustomizationJob ${arnOf('3')}`, new Error('boom'));
    const save = deps.sweeps.save.bind(deps.sweeps);
    let watermarks = 0;
    deps.sweeps.save = (scope, sweep, state) => {
      watermarks += state.watermark === undefined ? 0 : 1;
      return watermarks > 1 ? Promise.reject(new Error('no table')) : save(scope, sweep, state);
    };
    await run('full');
    expect(sweeps.states.get(FULL_STATE)).toMatchObject({ unfinished: true, incomplete: true });
  });
});

describe('incompleteError', () => {
  it('is none where all went well', () => {
    expect(incompleteError({ reports: [], errors: [] })).toBeUndefined();
  });

  it('names at most twenty jobs and counts the rest', async () => {
    const { run, bedrock } = setUp(...Array.from({ length: 30 }, (_, n) => runningJob(String(n), n)));
    for (const arn of bedrock.answers.keys())
      bedrock.refusals.set(`GetModelCustomizationJob ${arn}`, new Error('boom'));
    const error = incompleteError(await run('full'));
    expect(error?.message.split(' | ')).toHaveLength(22);
    expect(error?.message).toMatch(/^0 scopes and 30 jobs .* and 10 more jobs$/);
  });
});
