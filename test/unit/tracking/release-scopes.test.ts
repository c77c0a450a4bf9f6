import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { HOUR } from '../../../lib/domain/time.ts';
import { TRACK_CONCURRENCY } from '../../../lib/tracking/correct-drift.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import { isReleased, releaseScope } from '../../../lib/tracking/release-scope.ts';
import { CHUNK } from '../../../lib/tracking/sweep-full.ts';
import { MAX_NAMED_FAILURES, type SweepState } from '../../../lib/tracking/sweep-state.ts';
import { sweptJobs } from '../../../lib/tracking/run-sweep.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf } from '../../support/fake-bedrock.ts';
import { endedIn, runningIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const [stays, goes] = [scopeOf(1), scopeOf(2)];
const FAR = new Date('2030-01-01T00:00:00.000Z');
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const endedJobs = (count: number) => Array.from({ length: count }, (_, n) => endedIn(goes, String(n), n));

/** Two swept scopes, of which the next run tracks one. */
const swept = async (...jobsThatGo: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(runningIn(stays, 'a1'), ...jobsThatGo);
  await tracker.run('active', [stays, goes]);
  const { deps, jobs, recordsOf } = tracker;
  return {
    ...tracker,
    release: (deadline = FAR) => releaseScope(deps, sweptJobs(deps), goes, deadline),
    marks: (scope = goes) => recordsOf(scope).filter(({ untracked_since }) => untracked_since !== undefined).length,
    /** From now on each write of a record takes this time. */
    slowWrites: (ms: number) =>
      tracker.changeJobs({
        put: (record) => {
          tracker.advanceClock(ms);
          return jobs.put(record);
        },
      }),
    /** The creation times before which the records of scopes are listed from now on, by account. */
    watchLists: () => {
      const lists: [account: string, createdBefore: string | undefined][] = [];
      tracker.changeJobs({
        ...deps.jobs,
        listScope: (scope, query) => {
          lists.push([scope.accountId, query.createdBefore]);
          return jobs.listScope(scope, query);
        },
      });
      return lists;
    },
  };
};

describe('a scope counts as released', () => {
  it.each<[what: string, state: SweepState, released: boolean]>([
    ['not while it is tracked', {}, false],
    ['not before all its records are marked', { untracked_since: at(0) }, false],
    ['not by a pass within an hour', { untracked_since: at(0), released_at: at(59) }, false],
    ['by a pass that ended after an hour', { untracked_since: at(0), released_at: at(60) }, true],
  ])('%s', (_what, state, released) => {
    expect(isReleased(state)).toBe(released);
  });
});

describe('a released scope', () => {
  it('costs nothing more but one pass after an hour, for what functions of the previous deployment wrote', async () => {
    const { run, deps, advanceClock, fullStateOf, marks, watchLists } = await swept(runningIn(goes, 'b1'));
    await run('active', [stays]);
    const lists = watchLists();
    expect((await run('active', [stays])).releases).toEqual([]);
    await trackJob(deps, { scope: goes, jobIdentifier: arnOf('b1', goes), via: 'event' });
    expect(marks()).toBe(0);
    expect((await run('active', [stays])).releases).toEqual([]);
    expect(lists).toEqual([]);

    advanceClock(HOUR);
    expect((await run('active', [stays])).releases).toMatchObject([{ scope: goes, finished: true, marked: 1 }]);
    expect(marks()).toBe(1);
    expect(Object.keys(fullStateOf(goes) ?? {}).sort()).toEqual(['released_at', 'untracked_since']);
    lists.length = 0;
    advanceClock(1000 * HOUR);
    expect((await run('active', [stays])).releases).toEqual([]);
    expect(lists).toEqual([]);
  });

  it('is backfilled like a new one when it is tracked again: marks go, history stays, active jobs are active', async () => {
    const tracker = await swept(...['b1', 'b3', 'b4'].map((id, n) => runningIn(goes, id, n)), endedIn(goes, 'b2', 1));
    const { run, recordsOf, bedrock, jobs, advanceClock, marks, gets } = tracker;
    const before = new Map(recordsOf(goes).map((record) => [record.job_arn, record]));
    await run('active', [stays]);
    // Meanwhile one job ends, and Bedrock forgets another.
    bedrock.answers.set(arnOf('b1', goes), { ...endedIn(goes, 'b1'), lastModifiedTime: new Date('2026-01-02T12:00Z') });
    bedrock.answers.delete(arnOf('b3', goes));
    advanceClock(2 * HOUR);

    const { reports } = await run('active', [stays, goes]);
    expect(
      reports
        .filter(({ scope }) => formatScope(scope) === formatScope(goes))
        .map(({ sweep, finished }) => [sweep, finished]),
    ).toEqual([
      ['active', true],
      ['full', true],
    ]);
    expect(marks()).toBe(0);
    const after = (id: string) => jobs.records.get(arnOf(id, goes));
    expect(after('b1')?.transitions.map(({ to, via }) => [to, via])).toEqual([
      ['InProgress', 'backfill'],
      // It has a record: a late change, not a backfill.
      ['Completed', 'sweep'],
    ]);
    for (const id of ['b2', 'b3']) {
      expect(after(id)?.transitions).toEqual(before.get(arnOf(id, goes))?.transitions);
    }
    expect(after('b3')).toHaveProperty('missing_since');
    expect(await Array.fromAsync(jobs.listActive(goes))).toMatchObject([{ job_arn: arnOf('b4', goes) }]);
    const next = await run('full', [stays, goes]);
    expect(gets()).toEqual([]);
    expect(next.releases).toEqual([]);
  });
});

describe('a release', () => {
  it('goes on at its watermark in the next runs, and marks each record once', async () => {
    const total = 3 * CHUNK;
    const { run, marks, slowWrites, watchLists, fullStateOf, recordsOf } = await swept(...endedJobs(total));
    slowWrites(1_000);
    const lists = watchLists();
    const marked: number[] = [];
    for (let finished = false; !finished && marked.length < 20;) {
      const [release] = (await run('active', [stays], CHUNK + 100)).releases;
      marked.push(release?.marked ?? 0);
      finished = release?.finished === true;
      if (!finished) expect(fullStateOf(goes)).toMatchObject({ watermark: expect.any(String) as unknown });
    }
    expect(marked.length).toBeGreaterThan(2);
    expect(marked.reduce((sum, count) => sum + count)).toBe(total);
    expect(marks()).toBe(total);
    expect(new Set(recordsOf(goes).map(({ revision }) => revision))).toEqual(new Set([2]));
    const [first, ...later] = lists.filter(([account]) => account === goes.accountId).map(([, before]) => before);
    expect(first).toBeUndefined();
    expect(later).toEqual([...later].sort().reverse());
    expect(later).not.toContain(undefined);
  });

  it('that is unfinished leads to a full sweep of all jobs when the scope is tracked again', async () => {
    const { run, deps, jobs, marks, slowWrites, fullStateOf } = await swept(...endedJobs(2 * CHUNK + 10));
    slowWrites(1_000);
    await run('active', [stays], CHUNK + 100);
    expect(fullStateOf(goes)).toHaveProperty('watermark');
    expect(marks()).toBeGreaterThan(CHUNK);
    deps.jobs = jobs;
    // Not even a run without time for it takes the watermark of the release for that of a sweep.
    await run('active', [stays, goes], 0);
    await run('active', [stays, goes]);
    expect(marks()).toBe(0);
    expect(fullStateOf(goes)).not.toHaveProperty('untracked_since');
  });

  it('is made by one of two runs at once', async () => {
    const { run, recordsOf } = await swept(runningIn(goes, 'b1'), runningIn(goes, 'b2'));
    const both = await Promise.all([run('active', [stays]), run('full', [stays])]);
    expect(both.flatMap(({ releases }) => releases)).toMatchObject([{ marked: 2 }]);
    expect(recordsOf(goes).map(({ revision }) => revision)).toEqual([2, 2]);
  });

  it('names a record that cannot be written, marks the others, and tries it again', async () => {
    const { run, deps, jobs, changeJobs, marks } = await swept(runningIn(goes, 'b1'), runningIn(goes, 'b2', 1));
    const failing = arnOf('b1', goes);
    changeJobs({
      put: (record) => (record.job_arn === failing ? Promise.reject(new Error('slow down')) : jobs.put(record)),
    });
    const report = await run('active', [stays]);
    expect(report.releases).toMatchObject([{ finished: false, marked: 1, failed: 1 }]);
    expect(incompleteError(report)?.message).toContain(`${failing}: slow down`);
    deps.jobs = jobs;
    expect((await run('active', [stays])).releases).toMatchObject([{ finished: true, marked: 1 }]);
    expect(marks()).toBe(2);
  });

  it('loses no look that another writer makes meanwhile', async () => {
    const { run, recordsOf, jobs, changeJobs } = await swept(runningIn(goes, 'b1'));
    let overtaken = false;
    changeJobs({
      put: async (record) => {
        if (overtaken || record.untracked_since === undefined) return jobs.put(record);
        overtaken = true;
        const present = await jobs.get(record.job_arn);
        if (present) await jobs.put({ ...present, revision: present.revision + 1, failure_message: 'meanwhile' });
        return jobs.put(record);
      },
    });
    await run('active', [stays]);
    expect(recordsOf(goes)).toMatchObject([
      { failure_message: 'meanwhile', revision: 3, untracked_since: expect.any(String) as unknown },
    ]);
  });

  it('reads and writes only unmarked records, and counts what it marked', async () => {
    const { release, jobs, changeJobs, advanceClock } = await swept(...endedJobs(3));
    await release();
    // A function of the previous deployment removed one mark; the index does not show another yet.
    const [one, other] = ['0', '1'].map((id) => arnOf(id, goes));
    const record = await jobs.get(one ?? '');
    if (record) {
      const { untracked_since: _, ...unmarked } = record;
      await jobs.put({ ...unmarked, revision: record.revision + 1 });
    }
    const read: string[] = [];
    changeJobs({
      get: (jobArn) => {
        read.push(jobArn);
        return jobs.get(jobArn);
      },
      listScope: async function* (...query) {
        for await (const { untracked_since, ...job } of jobs.listScope(...query)) {
          yield job.job_arn === other || untracked_since === undefined ? job : { ...job, untracked_since };
        }
      },
    });
    advanceClock(HOUR);
    expect(await release()).toMatchObject({ finished: true, marked: 1, failed: 0 });
    expect(read.sort()).toEqual([one, other]);
  });

  it(`writes ${TRACK_CONCURRENCY} records at a time`, async () => {
    const { release, changeJobs, jobs } = await swept(...endedJobs(30));
    let [now, most] = [0, 0];
    changeJobs({
      put: async (record) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return jobs.put(record);
      },
    });
    expect(await release()).toMatchObject({ marked: 30 });
    expect(most).toBe(TRACK_CONCURRENCY);
  });

  it('names the first failures, counts all, and does not pass them', async () => {
    const { release, changeJobs, fullStateOf } = await swept(...endedJobs(CHUNK + 30));
    changeJobs({ put: () => Promise.reject(new Error('slow down')) });
    const report = await release();
    expect(report).toMatchObject({ finished: false, marked: 0, failed: CHUNK + 30 });
    expect(report?.failures).toHaveLength(MAX_NAMED_FAILURES);
    expect(fullStateOf(goes)).not.toHaveProperty('watermark');
  });

  it('saves its watermark after each chunk', async () => {
    const { release, changeSweeps, sweeps } = await swept(...endedJobs(CHUNK + 1));
    const saved: (string | undefined)[] = [];
    changeSweeps({
      save: (scope, sweep, state) => {
        saved.push(state.watermark);
        return sweeps.save(scope, sweep, state);
      },
    });
    await release();
    expect(saved).toEqual([undefined, at(1), at(0), undefined]);
  });

  it('ignores the watermark of a full sweep', async () => {
    const { release, sweeps, watchLists } = await swept(...endedJobs(3));
    await sweeps.save(goes, 'full', { unfinished: true, watermark: at(0) });
    const lists = watchLists();
    expect(await release()).toMatchObject({ finished: true, marked: 3 });
    expect(lists).toEqual([[goes.accountId, undefined]]);
  });

  it('is unfinished if its last record took it to the deadline', async () => {
    const { release, deps, slowWrites } = await swept(...endedJobs(1));
    slowWrites(1_000);
    expect(await release(new Date(deps.clock().getTime() + 1_000))).toMatchObject({ finished: false, marked: 1 });
    expect(await release()).toMatchObject({ finished: true, marked: 0 });
  });

  it('is unfinished if it skipped a record, even if the clock was set back since', async () => {
    const { release, deps, jobs, changeJobs } = await swept(...endedJobs(TRACK_CONCURRENCY + 1));
    const { clock } = deps;
    let [written, isLate] = [0, false];
    changeJobs({
      put: (record) => {
        written += 1;
        return jobs.put(record);
      },
    });
    deps.clock = () => {
      if (written === 0 || isLate) return clock();
      isLate = true;
      return FAR;
    };
    expect(await release()).toMatchObject({ finished: false, marked: TRACK_CONCURRENCY });
    expect(await release()).toMatchObject({ finished: true, marked: 1 });
  });
});
