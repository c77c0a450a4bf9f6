import { describe, expect, it } from '@jest/globals';
import type { Drift, TagCheck } from '../../../lib/domain/drift.ts';
import { correctDrift, TRACK_CONCURRENCY } from '../../../lib/tracking/correct-drift.ts';
import { jobTracker } from '../../../lib/tracking/track-job.ts';
import { MAX_NAMED_FAILURES, NO_COUNTS, NONE_MISSED } from '../../../lib/tracking/sweep-state.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';

const NOW = new Date('2026-01-02T00:00:00.000Z');
const LATER = new Date('2026-01-02T00:10:00.000Z');
const ARN = arnOf('1');

const setUp = (jobs = 1) => {
  const bedrock = fakeBedrock(...Array.from({ length: jobs }, (_, n) => runningJob(String(n + 1), n)));
  const deps = { bedrockOf: bedrock.bedrockOf, jobs: memoryJobStore(), clock: () => NOW };
  const correct = (drifted: readonly (Drift | TagCheck)[], deadline = LATER) =>
    correctDrift(jobTracker(deps, SCOPE), { deadline }, drifted);
  return { bedrock, deps, correct };
};
const changed = (arn: string): Drift => ({ arn, reason: 'changed' });
const all = (jobs: number) => Array.from({ length: jobs }, (_, n) => changed(arnOf(String(n + 1))));

describe('a drifted job', () => {
  it('costs one Get and one ListTags, and counts as corrected if the look sees its status first', async () => {
    const { bedrock, correct } = setUp();
    expect(await correct([changed(ARN)])).toEqual({
      counts: { ...NO_COUNTS, drifted: 1, corrected: 1 },
      missed: { ...NONE_MISSED, creation: 1 },
      unchanged: 0,
      failures: [],
      finished: true,
    });
    expect(bedrock.calls).toEqual([`GetModelCustomizationJob ${ARN}`, `ListTagsForResource ${ARN}`]);
    expect((await correct([changed(ARN)])).counts).toEqual({ ...NO_COUNTS, drifted: 1 });
  });

  it('is missing only if Bedrock does not list it: a listed job without an answer has failed', async () => {
    const { bedrock, correct, deps } = setUp();
    await correct([changed(ARN)]);
    bedrock.answers.clear();
    expect(await correct([changed(ARN)])).toMatchObject({
      counts: { drifted: 1, missing: 0, failed: 1 },
      failures: [{ arn: ARN, error: { code: 'JOB_NOT_FOUND' } }],
    });
    expect(await deps.jobs.get(ARN)).not.toHaveProperty('missing_since');
    expect((await correct([{ arn: ARN, reason: 'unlisted' }])).counts).toMatchObject({ missing: 1, failed: 0 });
  });

  it('is skipped and not counted after the deadline', async () => {
    const { bedrock, correct } = setUp(3);
    expect(await correct(all(3), NOW)).toEqual({
      counts: NO_COUNTS,
      missed: NONE_MISSED,
      unchanged: 0,
      failures: [],
      finished: false,
    });
    expect(bedrock.calls).toEqual([]);
  });

  it(`is one of ${TRACK_CONCURRENCY} at a time`, async () => {
    const { bedrock, deps, correct } = setUp(30);
    let [now, most] = [0, 0];
    const inner = bedrock.bedrockOf(SCOPE);
    deps.bedrockOf = () => ({
      ...inner,
      getJob: async (jobArn) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return inner.getJob(jobArn);
      },
    });
    expect((await correct(all(30))).counts.drifted).toBe(30);
    expect(most).toBe(TRACK_CONCURRENCY);
  });

  it('that fails is counted, and named if there are few', async () => {
    const { bedrock, correct } = setUp(30);
    bedrock.answers.clear();
    const { counts, failures } = await correct(all(30));
    expect(counts.failed).toBe(30);
    expect(failures).toHaveLength(MAX_NAMED_FAILURES);
  });
});

describe('the counts of a correction', () => {
  const listed = { job_arn: ARN, status: 'Completed', last_modified_time: '2026-01-01T12:00:00.000Z' };

  it('have no correction for a backfilled job', async () => {
    const { deps } = setUp();
    const run = { deadline: LATER, firstSweptAt: NOW.toISOString() };
    expect((await correctDrift(jobTracker(deps, SCOPE), run, [changed(ARN)])).counts).toEqual({
      ...NO_COUNTS,
      drifted: 1,
    });
  });

  it('have a failure for a listed job with an unreadable part, whose record is written', async () => {
    const { correct, deps } = setUp();
    expect(await correct([{ ...changed(ARN), listed: { ...listed, problem: 'no time' } }])).toMatchObject({
      counts: { failed: 1 },
      failures: [{ arn: ARN, error: { code: 'INVALID_JOB', message: 'no time' } }],
    });
    expect(await deps.jobs.get(ARN)).toBeDefined();
  });

  it('have a look without a change only for a difference, and none for one that is known to last', async () => {
    const { bedrock, correct } = setUp();
    bedrock.answers.set(ARN, runningJob('1', 0, { status: 'Completed', endTime: new Date('2026-01-01T00:00:30Z') }));
    await correct([changed(ARN)]);
    expect(await correct([{ arn: ARN, reason: 'outdated' }])).toMatchObject({
      counts: { drifted: 1 },
      unchanged: 0,
    });
    const difference: Drift = { ...changed(ARN), listed };
    expect(await correct([difference])).toMatchObject({ counts: { drifted: 1 }, unchanged: 1 });
    expect(await correct([difference])).toMatchObject({ counts: { drifted: 0 }, unchanged: 0 });
  });
});

describe('tags that are due', () => {
  it('cost one call and no look if they are the same in any order', async () => {
    const { bedrock, correct } = setUp();
    bedrock.tags.set(ARN, { a: '1', b: '2' });
    expect(await correct([{ arn: ARN, reason: 'tags-due', tags: { b: '2', a: '1' } }])).toEqual({
      counts: NO_COUNTS,
      missed: NONE_MISSED,
      unchanged: 0,
      failures: [],
      finished: true,
    });
    expect(bedrock.calls).toEqual([`ListTagsForResource ${ARN}`]);
  });

  it('are the same if they differ only by a tag that no record can store', async () => {
    const { bedrock, correct } = setUp();
    bedrock.tags.set(ARN, { a: '1', ['__proto__']: '2' });
    expect((await correct([{ arn: ARN, reason: 'tags-due', tags: { a: '1' } }])).counts).toEqual(NO_COUNTS);
  });

  it('lead to a look if they differ', async () => {
    const { bedrock, correct, deps } = setUp();
    bedrock.tags.set(ARN, { a: '1' });
    expect((await correct([{ arn: ARN, reason: 'tags-due', tags: {} }])).counts.drifted).toBe(1);
    expect(await deps.jobs.get(ARN)).toMatchObject({ tags: { a: '1' } });
  });
});
