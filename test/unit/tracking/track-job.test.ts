import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import type { JobStore } from '../../../lib/tracking/ports.ts';
import { markMissing, release } from '../../../lib/tracking/track.ts';
import { jobTracker, trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';

const NOW = new Date('2026-01-01T01:00:00.000Z');
const ARN = arnOf('1');
const setUp = (jobs: JobStore = memoryJobStore(), bedrock = fakeBedrock(runningJob('1'))) => ({
  bedrock,
  deps: { bedrockOf: bedrock.bedrockOf, jobs, clock: () => NOW },
  jobs,
});
const request = (jobIdentifier: string) => ({ scope: SCOPE, jobIdentifier, via: 'event' as const });

/** A table in which another writer is always faster. */
const neverWinning = (jobs: JobStore = memoryJobStore()) => {
  let puts = 0;
  const contended: JobStore = {
    ...jobs,
    put: () => {
      puts += 1;
      return Promise.resolve('conflict');
    },
  };
  return { contended, writes: () => puts };
};

describe('trackJob', () => {
  it('writes what Bedrock answers, with tags, for one Get and one ListTags', async () => {
    const { deps, bedrock, jobs } = setUp();
    bedrock.tags.set(ARN, { team: 'ml' });
    expect(await trackJob(deps, request(ARN))).toEqual({
      arn: ARN,
      outcome: 'created',
      status: 'InProgress',
      via: 'event',
      statusChanged: true,
    });
    expect(await jobs.get(ARN)).toMatchObject({
      job_name: 'job-1',
      tags: { team: 'ml' },
      fetched_at: NOW.toISOString(),
      first_seen_at: NOW.toISOString(),
      revision: 1,
    });
    expect(bedrock.calls).toEqual([`GetModelCustomizationJob ${ARN}`, `ListTagsForResource ${ARN}`]);
  });

  it('makes both calls in parallel if it knows the ARN', async () => {
    const { deps, bedrock } = setUp();
    const inner = bedrock.bedrockOf(SCOPE);
    let tagsAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (tagsAsked = resolve));
    const bedrockOf = () => ({
      ...inner,
      getJob: async (identifier: string) => {
        await asked;
        return inner.getJob(identifier);
      },
      listTags: (jobArn: string) => {
        tagsAsked();
        return inner.listTags(jobArn);
      },
    });
    expect(await trackJob({ ...deps, bedrockOf }, request(ARN))).toMatchObject({ outcome: 'created' });
  });

  it.each(['by ARN', 'by name'])('dates a look %s by its start, however long the answers take', async (how) => {
    const { deps, bedrock, jobs } = setUp();
    const inner = bedrock.bedrockOf(SCOPE);
    let now = NOW.getTime();
    const slowly = <T>(answer: Promise<T>): Promise<T> => {
      now += 30_000;
      return answer;
    };
    const bedrockOf = () => ({
      ...inner,
      getJob: (identifier: string) => slowly(inner.getJob(identifier)),
      listTags: (jobArn: string) => slowly(inner.listTags(jobArn)),
    });
    const slow = { ...deps, bedrockOf, clock: () => new Date(now) };
    await trackJob(slow, request(how === 'by ARN' ? ARN : 'job-1'));
    expect(await jobs.get(ARN)).toMatchObject({ fetched_at: NOW.toISOString() });
  });

  it('takes the ARN from the answer to a request by name', async () => {
    const { deps, bedrock, jobs } = setUp();
    await trackJob(deps, request('job-1'));
    expect(await jobs.get(ARN)).toBeDefined();
    expect(bedrock.calls).toEqual(['GetModelCustomizationJob job-1', `ListTagsForResource ${ARN}`]);
  });

  it('costs one look and one read by name for a job with a record', async () => {
    const { deps, bedrock, jobs } = setUp();
    await trackJob(deps, request(ARN));
    bedrock.calls.length = 0;
    const reads: string[] = [];
    const watched: JobStore = {
      ...jobs,
      get: (jobArn) => {
        reads.push(jobArn);
        return jobs.get(jobArn);
      },
    };
    bedrock.answers.set(ARN, runningJob('1', 0, { status: 'Stopping' }));
    bedrock.tags.set(ARN, { team: 'ml' });
    const later = { ...deps, jobs: watched, clock: () => new Date(NOW.getTime() + 1) };
    expect(await trackJob(later, request('job-1'))).toMatchObject({ outcome: 'updated', statusChanged: true });
    expect(bedrock.calls).toHaveLength(2);
    expect(reads).toEqual([ARN]);
  });

  it('refuses an answer without an ARN to a request by name, and requests no tags', async () => {
    const { deps, bedrock } = setUp();
    bedrock.answers.set(ARN, runningJob('1', 0, { jobArn: undefined }));
    await expect(trackJob(deps, request('job-1'))).rejects.toMatchObject({ code: 'INVALID_JOB' });
    expect(bedrock.calls).toEqual(['GetModelCustomizationJob job-1']);
  });

  it('refuses the job that Bedrock returns for a name if the event is about another id', async () => {
    const { deps, bedrock, jobs } = setUp();
    const byName = { ...request('job-1'), jobId: '000000000009' };
    await expect(trackJob(deps, byName)).rejects.toMatchObject({
      code: 'ANOTHER_JOB',
      message:
        `The event is about job 000000000009 in ${formatScope(SCOPE)}, but Bedrock returns ${ARN} for its name ` +
        '"job-1". The next sweep tracks the job by its ARN.',
    });
    expect(bedrock.calls).toEqual(['GetModelCustomizationJob job-1']);
    expect(await jobs.get(ARN)).toBeUndefined();
    expect(await trackJob(deps, { ...byName, jobId: '000000000001' })).toMatchObject({ outcome: 'created' });
  });

  it.each([
    ['older than the first sweep', '2026-01-01T00:00:00.001Z', false, 'backfill'],
    ['as old as the first sweep', '2026-01-01T00:00:00.000Z', false, 'sweep'],
    ['older than the first sweep, with a record', '2026-01-01T00:00:00.001Z', true, 'sweep'],
  ])('marks what a sweep finds of a job that is %s', async (_, firstSweptAt, hasRecord, via) => {
    const { deps, bedrock } = setUp();
    if (hasRecord) await trackJob(deps, request(ARN));
    bedrock.answers.set(ARN, runningJob('1', 0, { status: 'Stopping' }));
    expect(await trackJob(deps, { ...request(ARN), via: 'sweep', firstSweptAt })).toMatchObject({ via });
  });

  it('writes nothing if nothing changed', async () => {
    const { deps, jobs } = setUp();
    await trackJob(deps, request(ARN));
    expect(await trackJob(deps, request(ARN))).toMatchObject({ outcome: 'unchanged', statusChanged: false });
    expect(await jobs.get(ARN)).toMatchObject({ revision: 1 });
  });

  it.each(['GetModelCustomizationJob', 'ListTagsForResource'])('writes nothing if %s fails', async (call) => {
    const { deps, bedrock, jobs } = setUp();
    bedrock.refusals.set(`${call} ${ARN}`, new Error('throttled'));
    await expect(trackJob(deps, request(ARN))).rejects.toThrow('throttled');
    expect(await jobs.get(ARN)).toBeUndefined();
  });

  it('looks again after a lost race, and keeps the transitions of both looks', async () => {
    const jobs = memoryJobStore();
    const bedrock = fakeBedrock(runningJob('1', 0, { status: 'Stopping' }));
    let puts = 0;
    const contended: JobStore = {
      ...jobs,
      put: async (record) => {
        puts += 1;
        if (puts > 1) return jobs.put(record);
        const faster = fakeBedrock(runningJob('1'));
        await trackJob({ bedrockOf: faster.bedrockOf, jobs, clock: () => NOW }, request(ARN));
        bedrock.answers.set(ARN, runningJob('1', 0, { status: 'Stopped', endTime: NOW, lastModifiedTime: NOW }));
        return jobs.put(record);
      },
    };
    await trackJob({ bedrockOf: bedrock.bedrockOf, jobs: contended, clock: () => NOW }, request(ARN));
    expect(bedrock.calls.filter((call) => call.startsWith('Get'))).toHaveLength(2);
    const record = await jobs.get(ARN);
    expect(record).toMatchObject({ status: 'Stopped', revision: 2 });
    expect(record?.transitions.map(({ to }) => to)).toEqual(['InProgress', 'Stopping', 'Stopped']);
  });

  it('reads the record before the look, or an older answer could replace a newer one', async () => {
    const { deps, bedrock, jobs } = setUp();
    const order: string[] = [];
    const watched: JobStore = {
      ...jobs,
      get: (jobArn) => {
        order.push(`read after ${bedrock.calls.length} calls`);
        return jobs.get(jobArn);
      },
    };
    await trackJob({ ...deps, jobs: watched }, request(ARN));
    expect(order).toEqual(['read after 0 calls']);
  });

  it.each([ARN, 'job-1'])('gives up on %s after ten writes with a retryable error', async (identifier) => {
    const { contended, writes } = neverWinning();
    await expect(trackJob(setUp(contended).deps, request(identifier))).rejects.toMatchObject({
      code: 'WRITE_CONTENTION',
      message: expect.stringContaining(`Other writers changed the record of ${ARN} 10 times in a row`) as unknown,
      retryable: true,
    });
    expect(writes()).toBe(10);
  });

  test.prop(
    [fc.scheduler(), fc.array(fc.constantFrom('InProgress', 'Stopping', 'Stopped'), { minLength: 2, maxLength: 6 })],
    { numRuns: 200 },
  )('ends in the latest look, however concurrent trackers interleave', async (scheduler, statuses) => {
    const jobs = memoryJobStore();
    const order = ['InProgress', 'Stopping', 'Stopped'];
    const life = [...statuses].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const slowly: JobStore = {
      ...jobs,
      get: (jobArn) => scheduler.schedule(Promise.resolve(), 'get').then(() => jobs.get(jobArn)),
      put: (record) => scheduler.schedule(Promise.resolve(), 'put').then(() => jobs.put(record)),
    };
    const trackers = life.map((status, minute) => {
      const at = new Date(Date.UTC(2026, 0, 1, 0, minute + 1));
      const bedrock = fakeBedrock(runningJob('1', 0, { status, lastModifiedTime: at }));
      return trackJob({ bedrockOf: bedrock.bedrockOf, jobs: slowly, clock: () => at }, request(ARN));
    });
    await scheduler.waitFor(Promise.all(trackers));
    const record = await jobs.get(ARN);
    expect(record?.status).toBe(life.at(-1));
    expect(record?.transitions.map(({ to }) => to)).toEqual([...new Set(life)]);
  });
});

describe('a mark', () => {
  it('is given up after ten writes', async () => {
    const { deps, jobs } = setUp();
    await trackJob(deps, request(ARN));
    const { contended, writes } = neverWinning(jobs);
    await expect(
      release(jobTracker({ ...deps, jobs: contended }, SCOPE), ARN, '2027-01-01T00:00:00.000Z'),
    ).rejects.toMatchObject({
      code: 'WRITE_CONTENTION',
    });
    expect(writes()).toBe(10);
  });
});

describe('markMissing', () => {
  it('marks a record, and ignores a job without a record', async () => {
    const { deps, jobs } = setUp();
    await trackJob(deps, request(ARN));
    const later = new Date(NOW.getTime() + 1).toISOString();
    expect(await markMissing(jobTracker(deps, SCOPE), ARN, later)).toMatchObject({ outcome: 'updated' });
    expect(await jobs.get(ARN)).toMatchObject({ missing_since: later, status: 'InProgress' });
    expect(await markMissing(jobTracker(deps, SCOPE), arnOf('2'), later)).toMatchObject({ outcome: 'stale' });
    expect(await jobs.get(arnOf('2'))).toBeUndefined();
  });
});
