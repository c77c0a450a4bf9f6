import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JobsClient, WaitForJobOptions } from '../../../lib/client/requests.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import { Ended, EXIT } from '../../../lib/cli/exit.ts';
import { waitAndTell } from '../../../lib/cli/follow/wait.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { testContext } from '../../support/command-context.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/000000000000';
const { end_time: _end, ...RUNNING }: JobRecord = { ...syntheticRecord(0), job_name: 'triage', status: 'InProgress' };
const COMPLETED: JobRecord = { ...syntheticRecord(0), job_name: 'triage' };
const FAILED: JobRecord = { ...COMPLETED, status: 'Failed', failure_message: 'No access' };

/** A job that shows these looks, the last of which ends the wait. */
const jobWith = (...looks: readonly JobRecord[]) => {
  const asked: { text: string; options: WaitForJobOptions }[] = [];
  const jobs: Partial<JobsClient> = {
    getJob: (text) => Promise.resolve({ job: text === 'triage' ? RUNNING : undefined, readUnits: 1, requests: 1 }),
    listJobs: () => Promise.resolve({ jobs: [RUNNING], index: 'by-scope', readUnits: 1, requests: 1 }),
    waitForJob: (text, options = {}) => {
      asked.push({ text, options });
      looks.forEach((job) => options.onChange?.(job));
      return Promise.resolve({ job: looks.at(-1) ?? RUNNING, readUnits: 1, requests: 1 });
    },
  };
  const connection = { jobs: jobs as JobsClient, tableName: 'jobs', region: 'us-east-1', isLocal: false };
  return {
    connection: { ...connection, health: () => Promise.reject(new Error('unused')) } as Partial<Connection>,
    asked,
  };
};

const run = async (connection: Partial<Connection>, ...argv: string[]) => {
  const { context, printed, told } = testContext({ connection });
  const code = await runCommandLine(['wait', ...argv], context, {
    loadHandlers: () => Promise.reject(new Error('wait runs no handler')),
  });
  return { code, printed, told };
};

describe('bedrock-jobs wait', () => {
  it('ends well with how a job completed, after a line for each change', async () => {
    const training = { ...RUNNING, status_details: { training_details: { status: 'InProgress' } } };
    const { connection, asked } = jobWith(RUNNING, { ...RUNNING, revision: 9 }, training, COMPLETED);
    expect(await run(connection, ARN)).toEqual({
      code: 0,
      printed: [`triage Completed after 3 h. Its model is ${COMPLETED.output_model_arn ?? ''}.`],
      told: [
        '2026-08-10T12:00:00Z triage: InProgress',
        '2026-08-10T12:00:00Z triage: InProgress (training)',
        '2026-08-10T12:00:00Z triage: Completed',
      ],
    });
    expect(asked).toMatchObject([{ text: ARN, options: { until: 'ended', interval: 10_000, appearsWithin: 360_000 } }]);
    expect(asked[0]?.options).not.toHaveProperty('timeout');
  });

  it.each([FAILED, { ...COMPLETED, status: 'Stopped' }, { ...RUNNING, missing_since: '2026-08-10T04:00:00.000Z' }])(
    'fails with a job that ended otherwise: %#',
    async (job) => {
      const { connection } = jobWith(job);
      const { code, printed } = await run(connection, ARN);
      expect([code, printed.length]).toEqual([1, 1]);
    },
  );

  it('says why a job failed', async () => {
    const { connection } = jobWith(FAILED);
    expect((await run(connection, ARN)).printed.join('\n')).toContain('triage Failed after 3 h: No access.');
  });

  it.each<[string, JobRecord, number]>([
    ['failed', FAILED, 0],
    ['completed,failed', FAILED, 0],
    ['Stopping', RUNNING, 1],
    ['stopped', COMPLETED, 1],
    ['Queued', { ...RUNNING, status: 'Queued' }, 0],
    ['ended', FAILED, 1],
  ])('until %s', async (until, job, code) => {
    const { connection } = jobWith(job);
    expect((await run(connection, ARN, '--until', until)).code).toBe(code);
  });

  it('asks for the statuses as AWS writes them, with the limits that are given', async () => {
    const { connection, asked } = jobWith(COMPLETED);
    await run(connection, ARN, '--until', 'completed,STOPPED', '--timeout', '2h', '--interval', '1min');
    expect(asked[0]?.options).toMatchObject({ until: ['Completed', 'Stopped'], timeout: 7_200_000, interval: 60_000 });
  });

  it('prints the record alone where JSON is asked for', async () => {
    const { connection } = jobWith(RUNNING, FAILED);
    const { code, printed } = await run(connection, ARN, '--json');
    expect(JSON.parse(printed.join('\n'))).toEqual(FAILED);
    expect(code).toBe(1);
  });

  it('finds the ARN of a name first, and looks more often in a local run', async () => {
    const { connection, asked } = jobWith(COMPLETED);
    await run({ ...connection, isLocal: true }, 'triage');
    expect(asked).toMatchObject([{ text: RUNNING.job_arn, options: { interval: 1_000 } }]);
  });

  it('does not wait for a name that nobody knows, but names a near one', async () => {
    const { connection, asked } = jobWith(COMPLETED);
    const { code, told } = await run(connection, 'triaje');
    expect([code, asked]).toEqual([1, []]);
    expect(told.join('\n')).toMatch(/There is no job triaje in table jobs.*Did you mean triage\?/);
  });

  it('fails with the sentence of the client where the time is over', async () => {
    const { connection } = jobWith();
    const jobs = {
      ...connection.jobs,
      waitForJob: () => Promise.reject(new TrackerError('WAIT_TIMED_OUT', 'It took too long.')),
    } as unknown as JobsClient;
    expect(await run({ ...connection, jobs }, ARN)).toEqual({ code: 1, printed: [], told: ['It took too long.'] });
  });

  it.each([
    [['--until', 'ended,failed']],
    [['--until', '']],
    [['--timeout', '2']],
    [['--timeout', '30d']],
    [['--interval', '0s']],
    [[ARN]],
  ])('misuse: %j', async (argv) => {
    const { connection, asked } = jobWith(COMPLETED);
    expect((await run(connection, ARN, ...argv)).code).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe('a wait that a person looks at', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is one line that goes on with the time, and that is gone at the end', async () => {
    const { connection } = jobWith();
    const change: { look?: (job: JobRecord) => void; end?: (job: JobRecord) => void } = {};
    const jobs = {
      ...connection.jobs,
      waitForJob: (_: string, { onChange }: WaitForJobOptions) => {
        if (onChange) change.look = onChange;
        return new Promise((resolve) => {
          change.end = (job) => resolve({ job });
        });
      },
    } as unknown as JobsClient;
    let now = Date.parse('2025-01-01T01:00:00.000Z');
    const { context, told } = testContext({ terminal: { showsProgress: true } });
    const lines: string[] = [];
    const line = () => ({ draw: (text: string) => lines.push(text), clear: () => lines.push('(cleared)') });
    const waiting = waitAndTell(
      { jobArn: ARN, until: [], interval: 1 },
      { ...context, clock: () => new Date(now) },
      { jobs },
      line,
    );
    now += 5_000;
    jest.advanceTimersByTime(1_000);
    change.look?.(RUNNING);
    now += 60_000;
    jest.advanceTimersByTime(1_000);
    change.end?.(COMPLETED);
    expect(await waiting).toEqual(COMPLETED);
    jest.advanceTimersByTime(5_000);
    expect(lines).toEqual([
      `Waiting for the tracker to see ${ARN}, 0 s so far`,
      `Waiting for the tracker to see ${ARN}, 5 s so far`,
      'triage: InProgress, 1 h so far',
      'triage: InProgress, 1 h 1 min so far',
      '(cleared)',
    ]);
    expect(told).toEqual([]);
  });

  it('ends at Ctrl-C with a word that the job goes on', async () => {
    const { connection } = jobWith();
    const jobs = { ...connection.jobs, waitForJob: () => Promise.reject(new Ended(EXIT.interrupted)) };
    expect(await run({ ...connection, jobs: jobs as unknown as JobsClient }, ARN)).toEqual({
      code: 130,
      printed: [],
      told: ['Stopped waiting. The job goes on.'],
    });
  });
});
