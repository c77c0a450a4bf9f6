import { describe, expect, it } from '@jest/globals';
import type { ListedJob } from '../../../lib/domain/drift.ts';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { RECORD_VERSION } from '../../../lib/domain/record.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf } from '../../support/fake-bedrock.ts';
import { endedIn, runningIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import { DAY, HOUR } from '../../../lib/domain/time.ts';

const scope = scopeOf(1);

/** A job that ended a while before the first sweep. */
const ended = (id: string, minute = 0, change: BedrockAnswer = {}): BedrockAnswer => ({
  ...endedIn(scope, id, minute),
  lastModifiedTime: new Date(Date.UTC(2026, 0, 1, 0, minute, 30)),
  ...change,
});

const later = (job: ListedJob, ms = 1): ListedJob => ({
  ...job,
  last_modified_time: new Date(Date.parse(job.last_modified_time ?? '') + ms).toISOString(),
});

/** A tracker whose Bedrock lists each job differently than Get returns it. */
const setUp = (lists: (job: ListedJob) => ListedJob, ...answers: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(...answers);
  const real = tracker.deps.bedrockOf;
  const list = { as: lists };
  tracker.deps.bedrockOf = (of) => {
    const bedrock = real(of);
    return {
      ...bedrock,
      listJobs: async function* (query) {
        for await (const job of bedrock.listJobs(query)) yield list.as(job);
      },
    };
  };
  tracker.deps.tagRefreshDays = 0;
  const sweep = async (kind: 'active' | 'full' = 'full') => {
    tracker.advanceClock(DAY);
    const { reports } = await tracker.run(kind, [scope]);
    const looks = tracker.bedrock.calls.filter((call) => call.startsWith('Get')).length;
    return { looks, unchanged: reports.reduce((sum, report) => sum + report.unchanged, 0) };
  };
  const revisions = () => [...tracker.jobs.records.values()].map(({ revision }) => revision);
  return { ...tracker, list, sweep, revisions };
};

describe('a list that always differs from Get', () => {
  it('costs one look for each job: later sweeps make no call and no write for the same listing', async () => {
    const { sweep, revisions } = setUp(later, ended('1'), ended('2', 1), ended('3', 2));
    await sweep();
    expect(await sweep()).toEqual({ looks: 3, unchanged: 3 });
    expect(revisions()).toEqual([2, 2, 2]);
    for (let day = 0; day < 3; day += 1) expect(await sweep()).toEqual({ looks: 0, unchanged: 0 });
    expect(revisions()).toEqual([2, 2, 2]);
  });

  it('costs one more look for another difference, which is then remembered instead', async () => {
    const { sweep, list, revisions, jobs } = setUp(later, ended('1'));
    await sweep();
    await sweep();
    list.as = (job) => later(job, 2);
    expect(await sweep()).toEqual({ looks: 1, unchanged: 1 });
    expect(await sweep()).toEqual({ looks: 0, unchanged: 0 });
    expect(revisions()).toEqual([3]);
    expect(jobs.records.get(arnOf('1', scope))?.listed_as).toMatch(/^Completed 2026-01-01T00:00:30\.002Z /);
  });

  it('may differ in a sub-task or in the creation time', async () => {
    const details = { training_details: { status: 'Stopped' } };
    const withDetails = setUp((job) => ({ ...job, status_details: details }), ended('1'));
    const withoutTime = setUp((job) => job, ended('1', 0, { creationTime: undefined }));
    for (const { sweep } of [withDetails, withoutTime]) {
      await sweep();
      await sweep();
      expect(await sweep()).toEqual({ looks: 0, unchanged: 0 });
    }
  });

  it('hides neither new tags, nor a mark, nor a job that is not listed', async () => {
    const { sweep, bedrock, jobs, deps, run, advanceClock } = setUp(later, ended('1'), ended('2', 1));
    const record = (id: string) => jobs.records.get(arnOf(id, scope));
    await sweep();
    await sweep();
    deps.tagRefreshDays = 30;
    bedrock.tags.set(arnOf('1', scope), { team: 'speech' });
    expect(await sweep()).toEqual({ looks: 1, unchanged: 0 });
    expect(record('1')?.tags).toEqual({ team: 'speech' });

    await run('active', [scopeOf(2)]);
    expect(record('2')).toHaveProperty('untracked_since');
    advanceClock(DAY);
    await run('full', [scope]);
    expect(record('2')).not.toHaveProperty('untracked_since');
    expect(record('2')).toHaveProperty('listed_as');

    bedrock.answers.delete(arnOf('2', scope));
    await sweep();
    expect(record('2')).toHaveProperty('missing_since');
  });

  it('is asked only for its tags, while these are due', async () => {
    const { sweep, bedrock, deps } = setUp(later, ended('1'));
    await sweep();
    await sweep();
    const tagCalls = () => bedrock.calls.filter((call) => call.startsWith('ListTags')).length;
    deps.tagRefreshDays = 30;
    expect(await sweep()).toEqual({ looks: 0, unchanged: 0 });
    expect(tagCalls()).toBe(1);
    deps.tagRefreshDays = 2;
    expect(await sweep()).toEqual({ looks: 0, unchanged: 0 });
    expect(tagCalls()).toBe(0);
  });

  it('is known to a look for the same listing', async () => {
    const { sweep, deps, bedrock } = setUp(later, ended('1'));
    await sweep();
    await sweep();
    const jobIdentifier = arnOf('1', scope);
    const [listed] = await Array.fromAsync(deps.bedrockOf(scope).listJobs({}));
    bedrock.calls.length = 0;
    const request = { scope, jobIdentifier, via: 'sweep' as const };
    expect(await trackJob(deps, { ...request, listed })).toEqual({
      arn: jobIdentifier,
      outcome: 'known',
      status: 'Completed',
      via: 'sweep',
      statusChanged: false,
    });
    expect(bedrock.calls).toEqual([]);
  });

  it('does not stop the full sweep for a new version of records', async () => {
    const { sweep, deps } = setUp(later, ended('1'));
    await sweep();
    await sweep();
    deps.recordVersion = RECORD_VERSION + 1;
    expect(await sweep()).toMatchObject({ looks: 1 });
  });
});

describe('a difference is not remembered', () => {
  it('while the job runs', async () => {
    const { sweep, revisions } = setUp(later, runningIn(scope, '1'));
    await sweep();
    for (let day = 0; day < 3; day += 1) expect(await sweep('active')).toEqual({ looks: 1, unchanged: 1 });
    expect(revisions()).toEqual([1]);
  });

  it('if the list has another status', async () => {
    const { sweep, revisions } = setUp((job) => ({ ...job, status: 'Failed' }), ended('1'));
    await sweep();
    for (let day = 0; day < 3; day += 1) expect(await sweep()).toEqual({ looks: 1, unchanged: 1 });
    expect(revisions()).toEqual([1]);
  });

  it('within an hour after the change', async () => {
    const { run, list, jobs, advanceClock } = setUp((job) => job, ended('1'));
    const isLearned = () => jobs.records.get(arnOf('1', scope))?.listed_as !== undefined;
    await run('full', [scope]);
    list.as = (job) => ({ ...job, last_modified_time: '2026-01-02T00:02:00.000Z' });
    await run('full', [scope]);
    expect(isLearned()).toBe(false);
    advanceClock(HOUR);
    await run('full', [scope]);
    expect(isLearned()).toBe(true);
  });
});
