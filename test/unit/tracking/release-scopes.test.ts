import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import { CHUNK } from '../../../lib/tracking/sweep-full.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf } from '../../support/fake-bedrock.ts';
import { endedIn, runningIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const [stays, goes] = [scopeOf(1), scopeOf(2)];

/** Two scopes that were swept, one of which the next run no longer tracks. */
const swept = async (...jobsThatGo: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(runningIn(stays, 'a1'), ...jobsThatGo);
  await tracker.run('active', [stays, goes]);
  return tracker;
};
const marksOf = (records: readonly { untracked_since?: string }[]) =>
  records.filter(({ untracked_since }) => untracked_since !== undefined).length;

describe.each(['active', 'full'] as const)('a scope that is no longer tracked, in a run of %s sweeps', (sweep) => {
  it('keeps its records, marked and out of the active index, and is asked nothing of Bedrock', async () => {
    const { run, recordsOf, bedrock, jobs } = await swept(runningIn(goes, 'b1'), endedIn(goes, 'b2', 1));
    const before = recordsOf(goes);
    const { releases, errors } = await run(sweep, [stays]);
    expect(releases).toEqual([{ scope: goes, finished: true, marked: 2, failed: 0, failures: [] }]);
    expect(errors).toEqual([]);
    expect(recordsOf(goes)).toEqual(
      before.map(({ active_scope: _, revision, ...rest }) => ({
        ...rest,
        revision: revision + 1,
        untracked_since: expect.stringMatching(/^2026-01-02T/),
      })),
    );
    expect(await Array.fromAsync(jobs.listActive(goes))).toEqual([]);
    expect(bedrock.calls.filter((call) => call.includes(goes.accountId))).toEqual([]);
    expect(marksOf(recordsOf(stays))).toBe(0);
  });
});

describe('a scope that was released', () => {
  it('costs nothing more, but for one look after an hour at what functions of before may have left', async () => {
    const { run, recordsOf, deps, advanceClock, jobs, fullStateOf } = await swept(runningIn(goes, 'b1'));
    await run('active', [stays]);
    const listed: string[] = [];
    deps.jobs = {
      ...jobs,
      listScope: (scope, query) => {
        listed.push(scope.accountId);
        return jobs.listScope(scope, query);
      },
    };
    expect((await run('active', [stays])).releases).toEqual([]);
    // An instance of the deployment before is still at work, and tracks the job.
    await trackJob(deps, { scope: goes, jobIdentifier: arnOf('b1', goes), via: 'event' });
    expect(marksOf(recordsOf(goes))).toBe(0);
    expect((await run('active', [stays])).releases).toEqual([]);
    expect(listed).toEqual([]);

    advanceClock(HOUR);
    expect((await run('active', [stays])).releases).toMatchObject([{ scope: goes, finished: true, marked: 1 }]);
    expect(marksOf(recordsOf(goes))).toBe(1);
    expect(Object.keys(fullStateOf(goes) ?? {}).sort()).toEqual(['released_at', 'untracked_since']);
    listed.length = 0;
    advanceClock(1000 * HOUR);
    expect((await run('active', [stays])).releases).toEqual([]);
    expect(listed).toEqual([]);
  });

  it('is backfilled as a new one when it is tracked again: marks go, and no history is lost', async () => {
    const tracker = await swept(runningIn(goes, 'b1'), endedIn(goes, 'b2', 1), runningIn(goes, 'b3', 2));
    const { run, recordsOf, bedrock, jobs, advanceClock } = tracker;
    const before = new Map(recordsOf(goes).map((record) => [record.job_arn, record]));
    await run('active', [stays]);
    // While nobody looks, one job ends and another is forgotten by Bedrock.
    bedrock.answers.set(arnOf('b1', goes), { ...endedIn(goes, 'b1'), lastModifiedTime: new Date('2026-01-02T12:00Z') });
    bedrock.answers.delete(arnOf('b3', goes));
    advanceClock(2 * HOUR);

    const { reports } = await run('active', [stays, goes]);
    expect(reports.filter(({ scope }) => scope === goes).map(({ sweep, finished }) => [sweep, finished])).toEqual([
      ['active', true],
      ['full', true],
    ]);
    expect(marksOf(recordsOf(goes))).toBe(0);
    const after = (id: string) => jobs.records.get(arnOf(id, goes));
    expect(after('b1')?.transitions.map(({ to, via }) => [to, via])).toEqual([
      ['InProgress', 'backfill'],
      // There is a record of it: news, though late.
      ['Completed', 'sweep'],
    ]);
    expect(after('b2')?.transitions).toEqual(before.get(arnOf('b2', goes))?.transitions);
    expect(after('b3')).toHaveProperty('missing_since');
    expect(after('b3')?.transitions).toEqual(before.get(arnOf('b3', goes))?.transitions);
    // All is in order again: the next run has nothing to do.
    const next = await run('full', [stays, goes]);
    expect(bedrock.calls.filter((call) => call.startsWith('Get'))).toEqual([]);
    expect(next.releases).toEqual([]);
  });

  it('brings a job of it that still runs back into the active index', async () => {
    const { run, jobs } = await swept(runningIn(goes, 'b1'));
    await run('active', [stays]);
    await run('active', [stays, goes]);
    expect(await Array.fromAsync(jobs.listActive(goes))).toHaveLength(1);
  });
});

describe('a release', () => {
  it('of more records than time suffices for goes on at its watermark, and marks each record once', async () => {
    const total = 3 * CHUNK;
    const tracker = await swept(...Array.from({ length: total }, (_, n) => endedIn(goes, String(n), n)));
    const { run, recordsOf, deps, jobs, advanceClock, fullStateOf } = tracker;
    const from: (string | undefined)[] = [];
    let writes = 0;
    deps.jobs = {
      ...jobs,
      put: (record) => {
        writes += 1;
        advanceClock(1_000);
        return jobs.put(record);
      },
      listScope: (scope, query) => {
        if (scope.accountId === goes.accountId) from.push(query.createdBefore);
        return jobs.listScope(scope, query);
      },
    };
    const marked: number[] = [];
    let finished = false;
    for (; !finished && marked.length < 20;) {
      const [release] = (await run('active', [stays], CHUNK + 100)).releases;
      marked.push(release?.marked ?? 0);
      finished = release?.finished === true;
      if (!finished) expect(fullStateOf(goes)).toMatchObject({ watermark: expect.any(String) as unknown });
    }
    expect(marked.length).toBeGreaterThan(2);
    expect(marked.reduce((sum, count) => sum + count)).toBe(total);
    expect(writes).toBe(total);
    expect(marksOf(recordsOf(goes))).toBe(total);
    expect(from[0]).toBeUndefined();
    expect(from.slice(1)).toEqual([...from.slice(1)].sort().reverse());
    expect(from.slice(1)).not.toContain(undefined);
  });

  it('that was cut short leads to a full sweep of everything when the scope is tracked again', async () => {
    const total = 2 * CHUNK + 10;
    const tracker = await swept(...Array.from({ length: total }, (_, n) => endedIn(goes, String(n), n)));
    const { run, recordsOf, deps, jobs, advanceClock, fullStateOf } = tracker;
    deps.jobs = {
      ...jobs,
      put: (record) => {
        advanceClock(1_000);
        return jobs.put(record);
      },
    };
    await run('active', [stays], CHUNK + 100);
    expect(fullStateOf(goes)).toHaveProperty('watermark');
    expect(marksOf(recordsOf(goes))).toBeGreaterThan(CHUNK);
    deps.jobs = jobs;
    // Not even a run that has no time for it takes the watermark of the release for one of a sweep.
    await run('active', [stays, goes], 0);
    await run('active', [stays, goes]);
    expect(marksOf(recordsOf(goes))).toBe(0);
    expect(fullStateOf(goes)).not.toHaveProperty('untracked_since');
  });

  it('is made by one of two runs at once', async () => {
    const { run, recordsOf } = await swept(runningIn(goes, 'b1'), runningIn(goes, 'b2'));
    const both = await Promise.all([run('active', [stays]), run('full', [stays])]);
    expect(both.flatMap(({ releases }) => releases)).toMatchObject([{ marked: 2 }]);
    expect(recordsOf(goes).map(({ revision }) => revision)).toEqual([2, 2]);
  });

  it('of one scope that fails leaves the other scopes be, is named, and is made by the next run', async () => {
    const also = scopeOf(3);
    const tracker = trackerOnFakes(runningIn(stays, 'a1'), runningIn(goes, 'b1'), runningIn(also, 'c1'));
    const { run, recordsOf, deps, jobs } = tracker;
    await run('active', [stays, goes, also]);
    deps.jobs = {
      ...jobs,
      listScope: (scope, query) => {
        if (scope.accountId === goes.accountId) throw new Error('no index');
        return jobs.listScope(scope, query);
      },
    };
    const report = await run('full', [stays]);
    expect(report.reports).toMatchObject([{ scope: stays, finished: true }]);
    expect(marksOf(recordsOf(also))).toBe(1);
    expect(incompleteError(report)?.message).toContain('release of scope 000000000002#us-east-1: no index');
    deps.jobs = jobs;
    expect((await run('active', [stays])).releases).toMatchObject([{ scope: goes, finished: true, marked: 1 }]);
  });

  it('of a record that cannot be written marks the others, names it, and tries it again', async () => {
    const { run, recordsOf, deps, jobs } = await swept(runningIn(goes, 'b1'), runningIn(goes, 'b2', 1));
    deps.jobs = {
      ...jobs,
      put: (record) =>
        record.job_arn === arnOf('b1', goes) ? Promise.reject(new Error('slow down')) : jobs.put(record),
    };
    const report = await run('active', [stays]);
    expect(report.releases).toMatchObject([{ finished: false, marked: 1, failed: 1 }]);
    expect(incompleteError(report)).toMatchObject({
      code: 'SWEEP_INCOMPLETE',
      message: expect.stringContaining(`${arnOf('b1', goes)}: slow down`) as unknown,
    });
    deps.jobs = jobs;
    expect((await run('active', [stays])).releases).toMatchObject([{ finished: true, marked: 1 }]);
    expect(marksOf(recordsOf(goes))).toBe(2);
  });

  it('loses no look that another writer brings in between', async () => {
    const { run, recordsOf, deps, jobs } = await swept(runningIn(goes, 'b1'));
    let overtaken = false;
    deps.jobs = {
      ...jobs,
      put: async (record) => {
        if (overtaken || record.untracked_since === undefined) return jobs.put(record);
        overtaken = true;
        const present = await jobs.get(record.job_arn);
        if (present) await jobs.put({ ...present, revision: present.revision + 1, failure_message: 'meanwhile' });
        return jobs.put(record);
      },
    };
    await run('active', [stays]);
    expect(recordsOf(goes)).toMatchObject([
      { failure_message: 'meanwhile', revision: 3, untracked_since: expect.any(String) as unknown },
    ]);
  });
});
