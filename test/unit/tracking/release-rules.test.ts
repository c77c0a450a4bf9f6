import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { TRACK_CONCURRENCY } from '../../../lib/tracking/correct-drift.ts';
import { isReleased, releaseScopes, type RemovedScope } from '../../../lib/tracking/release-scopes.ts';
import { CHUNK } from '../../../lib/tracking/sweep-full.ts';
import { MAX_NAMED_FAILURES, type SweepState } from '../../../lib/tracking/sweep-state.ts';
import { arnOf } from '../../support/fake-bedrock.ts';
import { endedIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const goes = scopeOf(2);
const FAR = new Date('2030-01-01T00:00:00.000Z');
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** Jobs of a scope, swept, to be released. Their records may be watched and refused. */
const swept = async (jobs: number) => {
  const answers: BedrockAnswer[] = Array.from({ length: jobs }, (_, n) => endedIn(goes, String(n), n));
  const tracker = trackerOnFakes(...answers);
  await tracker.run('full', [goes]);
  const { deps, fullStateOf } = tracker;
  const release = async (deadline = FAR) => {
    const state = fullStateOf(goes) ?? {};
    const [report] = await releaseScopes(deps, [{ scope: goes, state }], deadline);
    return report;
  };
  return { ...tracker, release };
};

describe('a scope is released', () => {
  it.each<[what: string, state: SweepState, now: string, released: boolean]>([
    ['not while it is tracked', {}, at(999), false],
    ['not before all its records are marked', { untracked_since: at(0) }, at(999), false],
    ['at first, for an hour', { untracked_since: at(0), released_at: at(1) }, at(59), true],
    ['not after an hour, by a pass that ended in it', { untracked_since: at(0), released_at: at(59) }, at(60), false],
    ['for good, by a pass that ended after an hour', { untracked_since: at(0), released_at: at(60) }, at(999), true],
  ])('%s', (_what, state, now, released) => {
    expect(isReleased(state, new Date(now))).toBe(released);
  });
});

describe('the release of several scopes', () => {
  const removed = (number: number, state: SweepState): RemovedScope => ({ scope: scopeOf(number), state });

  it('takes those first that waited longest, and begins none at its deadline', async () => {
    const { deps, advanceClock } = trackerOnFakes();
    const scopes = [
      removed(1, { begun_at: at(2) }),
      removed(2, { begun_at: at(1) }),
      removed(3, {}),
      removed(4, { begun_at: at(3) }),
    ];
    const all = await releaseScopes(deps, scopes, FAR);
    expect(all.map(({ scope }) => scope)).toEqual([3, 2, 1, 4].map(scopeOf));
    const begun = deps.clock();
    const { sweeps } = deps;
    deps.sweeps = {
      ...sweeps,
      acquire: (...lease) => {
        advanceClock(1_000);
        return sweeps.acquire(...lease);
      },
    };
    expect(await releaseScopes(deps, scopes, begun)).toEqual([]);
    expect(await releaseScopes(deps, [removed(5, {}), removed(6, {})], new Date(begun.getTime() + 1_000))).toHaveLength(
      1,
    );
  });

  it('takes no lease of one that is released already', async () => {
    const { deps } = trackerOnFakes();
    const leased: unknown[] = [];
    const { sweeps } = deps;
    deps.sweeps = {
      ...sweeps,
      acquire: (...lease) => {
        leased.push(lease[0]);
        return sweeps.acquire(...lease);
      },
    };
    expect(await releaseScopes(deps, [removed(1, { untracked_since: at(0), released_at: at(60) })], FAR)).toEqual([]);
    expect(leased).toEqual([]);
  });

  it('leaves one as it is that another run released since the states were read', async () => {
    const { deps, sweeps } = trackerOnFakes();
    const state = { untracked_since: at(0), released_at: at(60) };
    await sweeps.save(scopeOf(1), 'full', state);
    expect(await releaseScopes(deps, [removed(1, {})], FAR)).toEqual([]);
    expect(await sweeps.get(scopeOf(1), 'full')).toEqual(state);
  });

  it('reports one that fails as not finished, with the reason', async () => {
    const { deps } = trackerOnFakes();
    const error = new Error('no table');
    deps.sweeps = { ...deps.sweeps, acquire: () => Promise.reject(error) };
    const scope = scopeOf(1);
    expect(await releaseScopes(deps, [removed(1, {})], FAR)).toEqual([
      { scope, finished: false, marked: 0, failed: 0, failures: [], error },
    ]);
  });
});

describe('a release of records', () => {
  it('reads and writes those alone that are not marked, and counts what it marked', async () => {
    const { release, deps, jobs, advanceClock } = await swept(3);
    await release();
    // A writer of the deployment before took one mark back; the index does not show yet that another is marked.
    const [one, other] = ['0', '1'].map((id) => arnOf(id, goes));
    const record = await jobs.get(one ?? '');
    if (record) {
      const { untracked_since: _, ...unmarked } = record;
      await jobs.put({ ...unmarked, revision: record.revision + 1 });
    }
    const read: string[] = [];
    deps.jobs = {
      ...jobs,
      get: (jobArn) => {
        read.push(jobArn);
        return jobs.get(jobArn);
      },
      listScope: async function* (...query) {
        for await (const { untracked_since, ...job } of jobs.listScope(...query)) {
          yield job.job_arn === other || untracked_since === undefined ? job : { ...job, untracked_since };
        }
      },
    };
    advanceClock(HOUR);
    expect(await release()).toMatchObject({ finished: true, marked: 1, failed: 0 });
    expect(read.sort()).toEqual([one, other]);
  });

  it('goes over eight at most side by side', async () => {
    const { release, deps, jobs } = await swept(30);
    let [now, most] = [0, 0];
    deps.jobs = {
      ...jobs,
      put: async (record) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return jobs.put(record);
      },
    };
    expect(await release()).toMatchObject({ marked: 30 });
    expect(most).toBe(TRACK_CONCURRENCY);
  });

  it('names the first that fail, counts all, and goes past none of them', async () => {
    const { release, deps, jobs, fullStateOf } = await swept(CHUNK + 30);
    deps.jobs = { ...jobs, put: () => Promise.reject(new Error('slow down')) };
    const report = await release();
    expect(report).toMatchObject({ finished: false, marked: 0, failed: CHUNK + 30 });
    expect(report?.failures).toHaveLength(MAX_NAMED_FAILURES);
    expect(fullStateOf(goes)).not.toHaveProperty('watermark');
  });

  it('saves where it got to after each chunk: the oldest that it went over', async () => {
    const { release, deps, sweeps } = await swept(CHUNK + 1);
    const saved: (string | undefined)[] = [];
    deps.sweeps = {
      ...sweeps,
      save: (scope, sweep, state) => {
        saved.push(state.watermark);
        return sweeps.save(scope, sweep, state);
      },
    };
    await release();
    expect(saved).toEqual([undefined, at(1), at(0), undefined]);
  });

  it('begins with the newest where a full sweep had got to some time, and asks for all then', async () => {
    const { release, deps, jobs, sweeps } = await swept(3);
    await sweeps.save(goes, 'full', { unfinished: true, watermark: at(0) });
    const asked: unknown[] = [];
    deps.jobs = {
      ...jobs,
      listScope: (scope, query) => {
        asked.push(query);
        return jobs.listScope(scope, query);
      },
    };
    expect(await release()).toMatchObject({ finished: true, marked: 3 });
    expect(asked).toStrictEqual([{}]);
  });

  it('is not at its end where its last record took it to the deadline: the next run says so', async () => {
    const { release, deps, jobs, advanceClock } = await swept(1);
    deps.jobs = {
      ...jobs,
      put: (record) => {
        advanceClock(1_000);
        return jobs.put(record);
      },
    };
    expect(await release(new Date(deps.clock().getTime() + 1_000))).toMatchObject({ finished: false, marked: 1 });
    expect(await release()).toMatchObject({ finished: true, marked: 0 });
  });

  it('is not at its end where it skipped a record, even if the clock was set back since', async () => {
    const { release, deps, jobs } = await swept(TRACK_CONCURRENCY + 1);
    const { clock } = deps;
    let [written, isLate] = [0, false];
    deps.jobs = {
      ...jobs,
      put: (record) => {
        written += 1;
        return jobs.put(record);
      },
    };
    deps.clock = () => {
      if (written === 0 || isLate) return clock();
      isLate = true;
      return FAR;
    };
    expect(await release()).toMatchObject({ finished: false, marked: TRACK_CONCURRENCY });
    expect(await release()).toMatchObject({ finished: true, marked: 1 });
  });
});
