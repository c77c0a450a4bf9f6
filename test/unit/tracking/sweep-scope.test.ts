import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { sweepActive } from '../../../lib/tracking/sweep-active.ts';
import { CHUNK, sweepFull, toChunks } from '../../../lib/tracking/sweep-full.ts';
import { addCounts, MAX_NAMED_FAILURES, NO_COUNTS, NONE_MISSED } from '../../../lib/tracking/sweep-state.ts';
import type { ListJobsQuery } from '../../../lib/tracking/ports.ts';
import { jobTracker, trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';
import { endedIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const NOW = new Date('2026-01-02T00:00:00.000Z');
const deadline = new Date('2026-01-02T00:10:00.000Z');
const scope = scopeOf(1);

const setUp = (...answers: readonly BedrockAnswer[]) => {
  const bedrock = fakeBedrock(...answers);
  return { bedrock, deps: { bedrockOf: bedrock.bedrockOf, jobs: memoryJobStore(), clock: () => NOW } };
};

describe('counts of sweeps', () => {
  it('add up one by one', () => {
    const counts = { listed: 1, drifted: 2, corrected: 3, missing: 4, failed: 5 };
    const sum = { listed: 11, drifted: 22, corrected: 33, missing: 44, failed: 55 };
    expect(addCounts(counts, { listed: 10, drifted: 20, corrected: 30, missing: 40, failed: 50 })).toEqual(sum);
  });
});

describe('the active jobs in the report of an active sweep', () => {
  const activeOf = async (...answers: readonly BedrockAnswer[]) =>
    (await sweepActive(setUp(...answers).deps, { scope: SCOPE, deadline })).active;

  it('have their number and the creation time of the oldest', async () => {
    const stopping = runningJob('2', 3, { status: 'Stopping' });
    expect(await activeOf(runningJob('1', 7), stopping, runningJob('3', 5))).toEqual({
      count: 3,
      oldestCreationTime: '2026-01-01T00:03:00.000Z',
    });
  });

  it('have no time if there are none, or if Bedrock gives none', async () => {
    expect(await activeOf()).toStrictEqual({ count: 0 });
    expect(await activeOf(runningJob('1', 0, { creationTime: undefined }))).toStrictEqual({ count: 1 });
  });
});

describe('the creation events of an active sweep', () => {
  const sweepOf = (deps: ReturnType<typeof setUp>['deps'], creationToldAt?: string) =>
    sweepActive(deps, { scope: SCOPE, deadline, creationToldAt });
  const daysAgo = (days: number, ms = 0) => new Date(NOW.getTime() - days * DAY + ms).toISOString();

  it.each<[what: string, toldAt: string | undefined, missed: number]>([
    ['missed if one arrived within a week', daysAgo(7, 1), 1],
    ['not missed after a week without one', daysAgo(7), 0],
    ['not missed if none ever arrived', undefined, 0],
  ])('of a new job are %s', async (_what, toldAt, missed) => {
    const { deps } = setUp(runningJob('1'), runningJob('2', 0, { status: 'Stopping' }));
    expect(await sweepOf(deps, toldAt)).toMatchObject({
      counts: { listed: 2, corrected: 2 },
      missed: { creation: missed, 'state-change': 1 },
    });
  });

  it.each<
    [what: string, vias: ['event' | 'sweep', 'event' | 'sweep'], toldAt: string | undefined, known: string | undefined]
  >([
    ['arrived for the newest job with a record', ['sweep', 'event'], undefined, '2026-01-01T00:05:00.000Z'],
    ['did not arrive for it', ['event', 'sweep'], undefined, undefined],
    ['arrived for an older one', ['event', 'sweep'], '2026-01-01T00:01:00.000Z', '2026-01-01T00:01:00.000Z'],
    ['arrived for a newer one', ['event', 'event'], '2026-01-01T00:07:00.000Z', '2026-01-01T00:07:00.000Z'],
  ])('are known if one %s', async (_what, vias, toldAt, known) => {
    const { deps } = setUp(runningJob('1', 1), runningJob('2', 5), runningJob('3', 9));
    for (const [n, via] of vias.entries()) {
      await trackJob(deps, { scope: SCOPE, jobIdentifier: arnOf(String(n + 1)), via });
    }
    expect((await sweepOf(deps, toldAt)).creationToldAt).toBe(known);
  });

  it('are not known from a job that a look first saw in another status', async () => {
    const { deps } = setUp(runningJob('1', 1, { status: 'Stopping' }));
    await trackJob(deps, { scope: SCOPE, jobIdentifier: arnOf('1'), via: 'event' });
    expect(await sweepOf(deps)).not.toHaveProperty('creationToldAt');
  });
});

describe('a full sweep from a watermark', () => {
  const WATERMARK = '2026-01-01T12:00:00.000Z';
  const sweep = (deps: ReturnType<typeof setUp>['deps'], watermark: string | undefined) => {
    const saved: string[] = [];
    const asked: { listed?: ListJobsQuery; tracked?: object } = {};
    const inner = deps.bedrockOf(SCOPE);
    const watched = {
      ...deps,
      bedrockOf: () => ({
        ...inner,
        listJobs: (query: ListJobsQuery) => {
          asked.listed = query;
          return inner.listJobs(query);
        },
      }),
      jobs: {
        ...deps.jobs,
        listScope: (...of: Parameters<typeof deps.jobs.listScope>) => {
          asked.tracked = of[1];
          return deps.jobs.listScope(...of);
        },
      },
    };
    const report = sweepFull(jobTracker(watched, SCOPE), {
      sweep: 'full',
      deadline,
      watermark,
      tagsSince: '2027-01-01T00:00:00.000Z',
      refreshes: false,
      saveWatermark: async (to) => {
        saved.push(to);
        return Promise.resolve();
      },
    });
    return { report, saved, asked };
  };

  it('reads jobs created around the watermark on both sides, all jobs without one', async () => {
    const later = sweep(setUp().deps, WATERMARK);
    await later.report;
    expect(later.asked).toStrictEqual({
      listed: { createdBefore: '2026-01-01T12:00:01.000Z' },
      tracked: { createdBefore: '2026-01-01T12:00:01.000Z' },
    });
    const first = sweep(setUp().deps, undefined);
    await first.report;
    expect(first.asked).toStrictEqual({ listed: {}, tracked: {} });
  });

  it('ends at its deadline even without drift, and keeps its progress', async () => {
    const { deps } = setUp(...Array.from({ length: CHUNK + 1 }, (_, n) => runningJob(String(n), n)));
    await sweep(deps, undefined).report;
    const looks = [NOW, NOW];
    const late = sweep({ ...deps, clock: () => looks.shift() ?? deadline }, undefined);
    expect(await late.report).toMatchObject({ finished: false, counts: { listed: CHUNK, drifted: 0 }, failures: [] });
    expect(late.saved).toEqual(['2026-01-01T00:01:00.000Z']);
  });

  it('names the first failures of all chunks, and counts the rest', async () => {
    const total = CHUNK + 30;
    const { deps, bedrock } = setUp(...Array.from({ length: total }, (_, n) => runningJob(String(n), n)));
    for (const arn of bedrock.answers.keys()) {
      bedrock.refusals.set(`GetModelCustomizationJob ${arn}`, new Error('no'));
    }
    const { counts, failures } = await sweep(deps, undefined).report;
    expect(counts).toEqual({ ...NO_COUNTS, listed: total, drifted: total, failed: total });
    expect(failures).toHaveLength(MAX_NAMED_FAILURES);
  });

  it('saves no watermark for a job without a creation time', async () => {
    const { deps } = setUp(runningJob('1', 0, { creationTime: undefined }));
    const { report, saved } = sweep(deps, undefined);
    expect(await report).toMatchObject({ finished: true, counts: { listed: 1 }, failures: [] });
    expect(saved).toEqual([]);
  });
});

describe('the state of a scope after a sweep', () => {
  const failing = () => {
    const tracker = trackerOnFakes(endedIn(scope, '1'));
    const { bedrock } = tracker;
    const arn = arnOf('1', scope);
    return {
      ...tracker,
      state: (sweep: string) => tracker.sweeps.states.get(`000000000001#us-east-1/${sweep}`),
      refuse: () => {
        bedrock.answers.set(arn, { ...endedIn(scope, '1'), lastModifiedTime: new Date('2026-01-01T12:00:00.000Z') });
        bedrock.refusals.set(`GetModelCustomizationJob ${arn}`, new Error('no'));
      },
    };
  };

  it('of an active one has its end and its counts only', async () => {
    const { run, state } = failing();
    await run('active', [scope]);
    expect(state('active')).toStrictEqual({
      finished_at: '2026-01-02T00:01:00.000Z',
      succeeded_at: '2026-01-02T00:01:00.000Z',
      counts: NO_COUNTS,
    });
  });

  it('of an active one has the creation time of the newest job with a creation event', async () => {
    const { run, state, deps, bedrock } = failing();
    const jobIdentifier = arnOf('2', scope);
    bedrock.answers.set(jobIdentifier, { ...runningJob('2', 7), jobArn: jobIdentifier });
    await trackJob(deps, { scope, jobIdentifier, via: 'event' });
    for (let runs = 0; runs < 2; runs += 1) {
      await run('active', [scope]);
      expect(state('active')).toHaveProperty('creation_told_at', '2026-01-01T00:07:00.000Z');
    }
  });

  it('keeps the last success if a job failed in an active one, finished or not', async () => {
    const { run, state, bedrock, deps, advanceClock } = failing();
    await run('active', [scope]);
    const arn = arnOf('2', scope);
    bedrock.answers.set(arn, { ...runningJob('2', 0), jobArn: arn });
    bedrock.refusals.set(`GetModelCustomizationJob ${arn}`, new Error('no'));
    await run('active', [scope]);
    const succeeded_at = '2026-01-02T00:01:00.000Z';
    expect(state('active')).toMatchObject({ finished_at: '2026-01-02T00:02:00.000Z', succeeded_at });
    deps.bedrockOf = (of) => ({
      ...bedrock.bedrockOf(of),
      getJob: () => {
        advanceClock(1_000_000);
        return Promise.reject(new Error('no'));
      },
    });
    // More than are looked at side by side.
    for (let n = 3; n < 40; n += 1) {
      const jobArn = arnOf(n.toString(), scope);
      bedrock.answers.set(jobArn, { ...runningJob(n.toString(), 0), jobArn });
    }
    await run('active', [scope]);
    expect(state('active')).toMatchObject({ unfinished: true, succeeded_at });
    expect(state('active')).not.toHaveProperty('incomplete');
  });

  it('keeps the last success if a job failed', async () => {
    const { run, state, refuse } = failing();
    await run('full', [scope]);
    refuse();
    await run('full', [scope]);
    expect(state('full')).toStrictEqual({
      first_swept_at: '2026-01-02T00:01:00.000Z',
      begun_at: '2026-01-02T00:02:00.000Z',
      finished_at: '2026-01-02T00:02:00.000Z',
      succeeded_at: '2026-01-02T00:01:00.000Z',
      counts: { ...NO_COUNTS, listed: 1, drifted: 1, failed: 1 },
    });
  });

  it('keeps the last end and success if time ran out before a watermark', async () => {
    const { run, state, deps, bedrock, advanceClock } = failing();
    await run('full', [scope]);
    deps.bedrockOf = (of) => {
      advanceClock(1_000_000);
      return bedrock.bedrockOf(of);
    };
    const { reports } = await run('full', [scope]);
    expect(reports).toMatchObject([{ finished: false }]);
    expect(state('full')).toStrictEqual({
      first_swept_at: '2026-01-02T00:01:00.000Z',
      begun_at: '2026-01-02T00:02:00.000Z',
      finished_at: '2026-01-02T00:01:00.000Z',
      succeeded_at: '2026-01-02T00:01:00.000Z',
      unfinished: true,
      counts: NO_COUNTS,
    });
  });

  it.each(['active', 'full'] as const)('is reported for a %s one without time to start', async (sweep) => {
    const { run } = failing();
    await run('full', [scope]);
    const { reports } = await run(sweep, [scope], 0);
    const at = '2026-01-02T00:02:00.000Z';
    expect(reports).toEqual([
      {
        scope,
        sweep,
        startedAt: at,
        endedAt: at,
        finished: false,
        counts: NO_COUNTS,
        missed: NONE_MISSED,
        unchanged: 0,
        failures: [],
      },
    ]);
  });
});

async function* from<Item>(items: readonly Item[]) {
  for (const item of items) yield await Promise.resolve(item);
}

describe('toChunks', () => {
  it.each<[what: string, items: number[], chunks: number[][]]>([
    ['nothing', [], []],
    ['less than a chunk', [1], [[1]]],
    [
      'whole chunks, without an empty one at the end',
      [1, 2, 3, 4],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a rest', [1, 2, 3], [[1, 2], [3]]],
  ])('groups %s', async (_what, items, chunks) => {
    expect(await Array.fromAsync(toChunks(from(items), 2))).toEqual(chunks);
  });
});
