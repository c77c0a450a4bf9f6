import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { JOBS_TABLE } from '../../../lib/contract.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { WaitForJobOptions } from '../../../lib/client/requests.ts';
import { waitForJob, type Time } from '../../../lib/client/wait-for-job.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';

const ARN = 'arn:aws:bedrock:us-east-1:111111111111:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghwxyz';
const JOBS = { tableName: 'jobs', schema: JOBS_TABLE };
const dynamoDb = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));

/** A time that passes only when everybody waits: to the next moment that somebody waits for. */
const virtualTime = (): Time & { readonly elapsed: () => number } => {
  let now = 1_000_000;
  const waiting = new Set<{ at: number; end: () => void }>();
  const advance = () => {
    const next = [...waiting].sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    now = Math.max(now, next.at);
    waiting.delete(next);
    next.end();
  };
  return {
    now: () => now,
    elapsed: () => now - 1_000_000,
    wait: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (ms < 0 || Number.isNaN(ms)) throw new Error(`wait of ${ms}`);
        const timer = { at: now + ms, end: resolve };
        const stop = () => {
          waiting.delete(timer);
          reject(signal.reason as Error);
        };
        if (signal.aborted) {
          stop();
          return;
        }
        waiting.add(timer);
        signal.addEventListener('abort', stop, { once: true });
        // After whatever is on its way now.
        setImmediate(() => setImmediate(() => waiting.has(timer) && isLatest(timer) && advance()));
      }),
  };
  function isLatest(timer: object): boolean {
    return [...waiting].at(-1) === timer;
  }
};

type Look = Partial<JobRecord> | Error | undefined;
/** What one look after another shows; the last one again and again. */
const looks = (...shown: readonly Look[]) => {
  let n = 0;
  dynamoDb.on(GetCommand).callsFake(() => {
    const look = shown[Math.min(n++, shown.length - 1)];
    if (look instanceof Error) throw look;
    return {
      ConsumedCapacity: { CapacityUnits: 1 },
      ...(look && { Item: { job_arn: ARN, revision: n, tags: {}, ...look } }),
    };
  });
};
const wait = async (options: WaitForJobOptions = {}, text = ARN) => {
  const time = virtualTime();
  const outcome = await waitForJob(client, JOBS, text, options, time).then(
    (answer) => ({ status: answer.job.status, cost: [answer.readUnits, answer.requests] }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, elapsed: time.elapsed() };
};
const error = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as unknown });
const RUNNING = { status: 'InProgress', revision: 1 };
const throttle = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });

beforeEach(() => {
  dynamoDb.reset();
});

describe('waitForJob', () => {
  it('looks every ten seconds, by consistent reads, until the job ended', async () => {
    looks(RUNNING, RUNNING, { status: 'Failed' });
    expect(await wait()).toEqual({ status: 'Failed', cost: [3, 3], elapsed: 20_000 });
    for (const { args } of dynamoDb.commandCalls(GetCommand)) expect(args[0].input.ConsistentRead).toBe(true);
  });

  it.each<[Look]>([
    [{ status: 'Completed' }],
    [{ status: 'Stopped' }],
    [{ status: 'New', end_time: '2026-01-01T00:00:00.000Z' }],
    [{ ...RUNNING, missing_since: '2026-01-01T00:00:00.000Z' }],
    [{ ...RUNNING, untracked_since: '2026-01-01T00:00:00.000Z' }],
  ])('takes %j for ended: nothing more is to come', async (job) => {
    looks(RUNNING, job);
    expect(await wait({ interval: 7 })).toMatchObject({ elapsed: 7 });
  });

  it('waits for a status, several or whatever else a job can be', async () => {
    looks(RUNNING, { status: 'Stopping' }, { status: 'Stopped' });
    expect(await wait({ until: 'Stopping' })).toMatchObject({ status: 'Stopping', elapsed: 10_000 });
    looks(RUNNING, { status: 'New' }, { status: 'Stopping' });
    expect(await wait({ until: ['Stopping', 'New'] })).toMatchObject({ status: 'New' });
    looks(RUNNING, { status: 'Completed' }, { status: 'Completed', tags: { approved: 'yes' } });
    expect(await wait({ until: (job) => job.tags['approved'] === 'yes' })).toMatchObject({ elapsed: 20_000 });
  });

  it('ends with the job as it is where it ended otherwise than asked: that status cannot come', async () => {
    looks(RUNNING, { status: 'Failed' });
    expect(await wait({ until: 'Completed' })).toMatchObject({ status: 'Failed', elapsed: 10_000 });
  });

  it('tells of the first look and of each that shows a change', async () => {
    looks(undefined, RUNNING, RUNNING, { status: 'InProgress', revision: 2 }, { status: 'Completed', revision: 3 });
    const seen: number[] = [];
    await wait({ onChange: ({ revision }) => seen.push(revision) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('gives up exactly in time, with the status that the job had', async () => {
    looks(RUNNING);
    expect(await wait({ timeout: 25_000 })).toEqual({
      error: error('WAIT_TIMED_OUT', 'did not reach the requested state within 25 s: its status is InProgress.'),
      elapsed: 25_000,
    });
    expect(dynamoDb.calls()).toHaveLength(3);
  });

  it('gives up in time while a request hangs', async () => {
    dynamoDb.on(GetCommand).callsFake(() => new Promise(() => undefined));
    const answer = createJobsClient(client, { tableName: 'jobs' }).waitForJob(ARN, { timeout: 30 });
    await expect(answer).rejects.toEqual(error('WAIT_TIMED_OUT', 'within 0.03 s: it has no record.'));
    const [, options] = (dynamoDb.send.firstCall as { args: unknown[] }).args;
    expect(options).toMatchObject({ abortSignal: { aborted: true } });
  });

  it('waits a minute for a record that is not there yet, or as long as it is told', async () => {
    looks(undefined);
    expect(await wait()).toEqual({
      error: error('JOB_NOT_FOUND', `No record of ${ARN} appeared in the table jobs within 60 s. Check the name`),
      elapsed: 60_000,
    });
    looks(undefined, undefined, { status: 'Completed' });
    expect(await wait({ appearsWithin: 20_000 })).toMatchObject({ status: 'Completed', elapsed: 20_000 });
    looks(undefined);
    expect(await wait({ appearsWithin: 0 })).toMatchObject({ elapsed: 0 });
  });

  it('looks a name up until it leads to a record, and then reads the record alone', async () => {
    looks(RUNNING, { status: 'Completed' });
    dynamoDb
      .on(QueryCommand)
      .resolvesOnce({ Items: [] })
      .resolves({ Items: [{ job_arn: ARN }], ConsumedCapacity: { CapacityUnits: 0.5 } });
    expect(await wait({}, 'my-job')).toEqual({ status: 'Completed', cost: [2.5, 4], elapsed: 20_000 });
  });

  it('ends at once with the reason of its signal, before, between and after looks', async () => {
    looks(RUNNING);
    const reason = new Error('enough');
    expect(await wait({ signal: AbortSignal.abort(reason) })).toEqual({ error: reason, elapsed: 0 });
    expect(dynamoDb.calls()).toHaveLength(0);
    const controller = new AbortController();
    const started = Date.now();
    const answer = createJobsClient(client, { tableName: 'jobs' }).waitForJob(ARN, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(answer).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it('leaves no timer behind that would keep a process alive', async () => {
    looks({ status: 'Completed' });
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await createJobsClient(client, { tableName: 'jobs' }).waitForJob(ARN, { timeout: 600_000 });
    await new Promise(setImmediate);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before);
  });

  it('survives two looks in a row that stayed throttled after the SDK’s own retries, and no third', async () => {
    looks(RUNNING, throttle, throttle, RUNNING, throttle, throttle, { status: 'Completed' });
    expect(await wait()).toMatchObject({ status: 'Completed', elapsed: 60_000 });
    looks(RUNNING, throttle);
    expect(await wait()).toEqual({ error: throttle, elapsed: 30_000 });
  });

  it('throws any other error at once', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    looks(RUNNING, denied);
    expect(await wait()).toEqual({ error: denied, elapsed: 10_000 });
    const failing = jest.fn(() => {
      throw new Error('of the caller');
    });
    looks(RUNNING);
    expect(await wait({ until: failing })).toMatchObject({ error: { message: 'of the caller' }, elapsed: 0 });
  });

  it('refuses options that are wrong, all at once', async () => {
    const options = { until: [], timeout: -1, interval: 0, appearsWithin: 3e9 } as unknown as WaitForJobOptions;
    const { error } = (await wait(options)) as { error?: Error };
    for (const name of ['until', 'timeout', 'interval', 'appearsWithin'])
      expect(error?.message).toContain(`${name} must be`);
    expect(dynamoDb.calls()).toHaveLength(0);
  });
});
