import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Connection, Ended, EXIT } from '../../../../lib/cli/context.ts';
import { type FollowedJob, nameOf, outcomeOf, stateOf, waitForJob } from '../../../../lib/cli/follow/wait.ts';
import { runCommandLine } from '../../../../lib/cli/program.ts';
import type { JobsClient, WaitForJobOptions } from '../../../../lib/client/requests.ts';
import { TrackerError } from '../../../../lib/domain/errors.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { testContext } from '../../../support/command-context.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const JOB: FollowedJob = {
  job_arn: 'arn:job',
  job_name: 'triage-7',
  status: 'InProgress',
  creation_time: '2026-08-10T02:00:00.000Z',
};
const ENDED = { ...JOB, end_time: '2026-08-10T05:12:00.000Z' };
const LATER = '2026-08-11T00:00:00.000Z';

describe('the state of a followed job', () => {
  const running = { status: 'InProgress' };

  it.each<[string, Partial<FollowedJob>, string]>([
    ['no task yet', {}, 'InProgress'],
    ['a task', { status_details: { training_details: running } }, 'InProgress (training)'],
    [
      'the latest of two tasks',
      { status_details: { validation_details: running, data_processing_details: running } },
      'InProgress (data processing)',
    ],
    ['a task that never ended', { status: 'Failed', status_details: { training_details: running } }, 'Failed'],
    ['a status that AWS added', { status: 'Queued' }, 'Queued'],
  ])('has %s', (_, change, state) => {
    expect(stateOf({ ...JOB, ...change })).toBe(state);
  });

  it('names the ARN of a job without a name', () => {
    expect(nameOf({ job_arn: 'arn:job' })).toBe('arn:job');
  });
});

describe('the outcome of a followed job', () => {
  it.each<[FollowedJob, string]>([
    [
      { ...ENDED, status: 'Completed', output_model_arn: 'arn:model' },
      'triage-7 Completed after 3 h 12 min. Its model is arn:model.',
    ],
    [
      { ...ENDED, status: 'Failed', failure_message: 'No access to s3://a' },
      'triage-7 Failed after 3 h 12 min: No access to s3://a.',
    ],
    [{ ...ENDED, status: 'Stopped' }, 'triage-7 Stopped after 3 h 12 min.'],
    [{ ...JOB, status: 'Failed' }, 'triage-7 Failed.'],
    [JOB, 'triage-7 is InProgress.'],
    [
      { ...JOB, missing_since: LATER },
      'triage-7 is gone: Bedrock has not listed it since 2026-08-11T00:00:00Z. Its last status was InProgress.',
    ],
    [
      { ...JOB, untracked_since: LATER },
      'triage-7 has not been tracked since 2026-08-11T00:00:00Z. Its last status was InProgress.',
    ],
    [{ ...ENDED, status: 'Completed', missing_since: LATER }, 'triage-7 Completed after 3 h 12 min.'],
  ])('%#', (job, sentence) => {
    expect(outcomeOf(job)).toBe(sentence);
  });

  it('is one line that is safe to print, whatever Bedrock says', () => {
    const hostile = { failure_message: 'a\u001b[2Jb\r\nc\u009b', job_name: 'x\u0007' };
    const outcome = outcomeOf({ ...ENDED, status: 'Failed', ...hostile });
    expect(outcome).toMatch(/^x\S* Failed after/);
    // eslint-disable-next-line no-control-regex -- they must not be there
    expect(outcome).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

const ARN = syntheticRecord(0).job_arn;
const COMPLETED: JobRecord = { ...syntheticRecord(0), job_name: 'triage' };
const { end_time: _, ...WITHOUT_END } = COMPLETED;
const RUNNING: JobRecord = { ...WITHOUT_END, status: 'InProgress' };
const FAILED: JobRecord = { ...COMPLETED, status: 'Failed', failure_message: 'No access' };

/** A job with these states, the last of which ends the wait. */
const connectionTo = (states: readonly JobRecord[], change: object = {}) => {
  const waits: { text: string; options: WaitForJobOptions }[] = [];
  const jobs: Partial<JobsClient> = {
    getJob: (text) => Promise.resolve({ job: text === 'triage' ? RUNNING : undefined, readUnits: 1, requests: 1 }),
    listJobs: () => Promise.resolve({ jobs: [RUNNING], index: 'by-scope', readUnits: 1, requests: 1 }),
    waitForJob: (text, options = {}) => {
      waits.push({ text, options });
      states.forEach((job) => options.onChange?.(job));
      return Promise.resolve({ job: states.at(-1) ?? RUNNING, readUnits: 1, requests: 1 });
    },
    ...change,
  };
  const connection: Partial<Connection> = {
    jobs: jobs as JobsClient,
    tableName: 'jobs',
    region: 'us-east-1',
    isLocal: false,
    health: () => Promise.reject(new Error('unused')),
  };
  return { connection, waits };
};

const run = async (connection: Partial<Connection>, ...argv: string[]) => {
  const { context, printed, told } = testContext({ connection });
  const code = await runCommandLine(['wait', ...argv], context, {
    loadHandlers: () => Promise.reject(new Error('wait runs no handler')),
  });
  return { code, printed, told };
};

describe('bedrock-jobs wait', () => {
  it('prints how a job completed, after a line for each change', async () => {
    const training = { ...RUNNING, status_details: { training_details: { status: 'InProgress' } } };
    const { connection, waits } = connectionTo([RUNNING, { ...RUNNING, revision: 9 }, training, COMPLETED]);
    expect(await run(connection, ARN)).toEqual({
      code: 0,
      printed: [`triage Completed after 3 h. Its model is ${COMPLETED.output_model_arn ?? ''}.`],
      told: [
        '2026-08-10T12:00:00Z triage: InProgress',
        '2026-08-10T12:00:00Z triage: InProgress (training)',
        '2026-08-10T12:00:00Z triage: Completed',
      ],
    });
    expect(waits).toMatchObject([{ text: ARN, options: { until: 'ended', interval: 10_000, appearsWithin: 360_000 } }]);
    expect(waits[0]?.options).not.toHaveProperty('timeout');
  });

  it.each([
    [FAILED, 'triage Failed after 3 h: No access.'],
    [{ ...COMPLETED, status: 'Stopped' }, 'triage Stopped after 3 h.'],
    [{ ...RUNNING, missing_since: LATER }, 'triage is gone:'],
  ])('fails with a job that ended otherwise: %#', async (job, outcome) => {
    const { code, printed } = await run(connectionTo([job]).connection, ARN);
    expect(code).toBe(1);
    expect(printed).toEqual([expect.stringContaining(outcome)]);
  });

  it('tells what a known failure means and what to do, in lines that fit', async () => {
    const known = { ...FAILED, failure_message: 'Could not validate GetObject permissions to access S3 bucket' };
    const { connection } = connectionTo([known]);
    const { context, told } = testContext({ connection, terminal: { columns: 60 } });
    await runCommandLine(['wait', ARN], context, { loadHandlers: () => Promise.reject(new Error('unused')) });
    const advice = told.slice(1);
    expect(advice.slice(0, 3)).toEqual([
      '  meaning  Bedrock cannot read or write an S3 object',
      '  to do    1. Check that the job’s role allows s3:GetObject',
      '           and s3:ListBucket on the data, and s3:PutObject',
    ]);
    expect(Math.max(...advice.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect((await run(connectionTo([FAILED]).connection, ARN)).told).toHaveLength(1);
  });

  it.each<[string, JobRecord, number]>([
    ['failed', FAILED, 0],
    ['completed,failed', FAILED, 0],
    ['Stopping', RUNNING, 1],
    ['stopped', COMPLETED, 1],
    ['Queued', { ...RUNNING, status: 'Queued' }, 0],
    ['ended', FAILED, 1],
  ])('waits --until %s', async (until, job, code) => {
    expect((await run(connectionTo([job]).connection, ARN, '--until', until)).code).toBe(code);
  });

  it('passes statuses as AWS writes them, and the limits', async () => {
    const { connection, waits } = connectionTo([COMPLETED]);
    await run(connection, ARN, '--until', 'completed,STOPPED', '--timeout', '2h', '--interval', '1min');
    expect(waits[0]?.options).toMatchObject({ until: ['Completed', 'Stopped'], timeout: 7_200_000, interval: 60_000 });
  });

  it('prints only the record with --json', async () => {
    const { code, printed } = await run(connectionTo([RUNNING, FAILED]).connection, ARN, '--json');
    expect(JSON.parse(printed.join('\n'))).toEqual(FAILED);
    expect(code).toBe(1);
  });

  it('finds the ARN of a name first, and reads more often in a local run', async () => {
    const { connection, waits } = connectionTo([COMPLETED]);
    await run({ ...connection, isLocal: true }, 'triage');
    expect(waits).toMatchObject([{ text: RUNNING.job_arn, options: { interval: 1_000 } }]);
  });

  it('does not wait for an unknown name, but suggests a near one', async () => {
    const { connection, waits } = connectionTo([COMPLETED]);
    const { code, told } = await run(connection, 'triaje');
    expect([code, waits]).toEqual([1, []]);
    expect(told.join('\n')).toMatch(/There is no job triaje in table jobs.*Did you mean triage\?/);
  });

  it.each([
    [new TrackerError('WAIT_TIMED_OUT', 'It took too long.'), 1, 'It took too long.'],
    [new Ended(EXIT.interrupted), 130, 'Stopped waiting. The job goes on.'],
  ])('says why the wait ended early: %#', async (error, code, sentence) => {
    const { connection } = connectionTo([], { waitForJob: () => Promise.reject(error) });
    expect(await run(connection, ARN)).toEqual({ code, printed: [], told: [sentence] });
  });

  it.each([
    [['--until', 'ended,failed']],
    [['--until', '']],
    [['--timeout', '2']],
    [['--timeout', '30d']],
    [['--interval', '0s']],
    [[ARN]],
  ])('refuses %j as misuse', async (argv) => {
    const { connection, waits } = connectionTo([COMPLETED]);
    expect((await run(connection, ARN, ...argv)).code).toBe(2);
    expect(waits).toEqual([]);
  });
});

describe('bedrock-jobs wait on a terminal', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('redraws one line as time passes, and clears it at the end', async () => {
    const client: { change?: (job: JobRecord) => void; end?: (job: JobRecord) => void } = {};
    const jobs = {
      waitForJob: (_: string, { onChange }: WaitForJobOptions) => {
        if (onChange) client.change = onChange;
        return new Promise((resolve) => {
          client.end = (job) => resolve({ job });
        });
      },
    } as unknown as JobsClient;
    let now = Date.parse('2025-01-01T01:00:00.000Z');
    const { context, told } = testContext({ terminal: { showsProgress: true } });
    const lines: string[] = [];
    const line = { draw: (text: string) => lines.push(text), clear: () => lines.push('(cleared)') };
    const waiting = waitForJob(
      { jobArn: ARN, until: [] },
      { ...context, clock: () => new Date(now) },
      { jobs, isLocal: false },
      () => line,
    );
    now += 5_000;
    jest.advanceTimersByTime(1_000);
    client.change?.(RUNNING);
    now += 60_000;
    jest.advanceTimersByTime(1_000);
    client.end?.(COMPLETED);
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
});
