import { describe, expect, it } from '@jest/globals';
import { Ended, EXIT } from '../../../../lib/cli/context.ts';
import { createScreen, formatView, type View, watch, type WatchOptions } from '../../../../lib/cli/follow/watch.ts';
import type { Pause } from '../../../../lib/cli/follow/wait.ts';
import type { JobsClient, JobSummary } from '../../../../lib/client/requests.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { testContext } from '../../../support/command-context.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const NOON = '2026-08-10T12:00:00.000Z';
const { end_time: _, ...RECORD } = syntheticRecord(0);
const running: JobRecord = {
  ...RECORD,
  job_name: 'triage',
  status: 'InProgress',
  status_details: {},
  transitions: [{ from: null, to: 'InProgress', at: '2026-08-10T11:00:00.000Z', observed_at: '', via: 'event' }],
};
const failure = { from: 'InProgress', to: 'Failed', observed_at: '', via: 'event' } as const;
const failed: JobRecord = {
  ...running,
  status: 'Failed',
  transitions: [
    ...running.transitions,
    { ...failure, task: 'training', at: '2026-08-10T11:59:59.000Z' },
    { ...failure, at: NOON },
  ],
};
const awsError = (name: string) => Object.assign(new Error('no'), { name, $metadata: {} });
const throttling = awsError('ThrottlingException');

/** Watches a job that has these states, poll after poll; then presses Ctrl-C. */
const watchStates = async (
  states: readonly (JobRecord | Error)[],
  { terminal = {}, ...change }: Partial<WatchOptions> & { terminal?: Parameters<typeof testContext>[0] } = {},
) => {
  let number = 0;
  const current = () => states[number] ?? running;
  const jobs = {
    async *iterateJobs({ active }: { active?: boolean }) {
      const job = await Promise.resolve(current());
      if (job instanceof Error) throw job;
      if ((job.status === 'InProgress') === (active === true)) yield job;
    },
    getJob: () => Promise.resolve({ job: current() }),
  } as unknown as JobsClient;
  const pauses: number[] = [];
  const pause: Pause = (ms) => {
    pauses.push(ms);
    number = Math.floor(pauses.reduce((sum, each) => sum + each, 0) / 2_000);
    return number >= states.length ? Promise.reject(new Ended(EXIT.interrupted)) : Promise.resolve();
  };
  const { context, printed, told } = testContext(terminal);
  const options = { filter: {}, named: [], window: 900_000, interval: 2_000, bell: false, json: false, ...change };
  await watch(options, context, { jobs }, pause);
  return { printed, told, pauses };
};

describe('bedrock-jobs watch without a terminal', () => {
  it('prints a line for each transition until Ctrl-C', async () => {
    expect(await watchStates([running, running, failed])).toEqual({
      printed: [
        '2026-08-10T11:59:59Z triage training: InProgress → Failed',
        '2026-08-10T12:00:00Z triage: InProgress → Failed',
      ],
      told: ['Watching 1 active job; a line for each transition. Ctrl-C ends this.'],
      pauses: [1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
    });
  });

  it('prints lines of JSON with --json, on a terminal too', async () => {
    const { printed } = await watchStates([running, failed], {
      json: true,
      terminal: { terminal: { isTerminal: true } },
    });
    const event = { job_arn: running.job_arn, job_name: 'triage', from: 'InProgress', to: 'Failed' };
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...event, task: 'training', at: '2026-08-10T11:59:59.000Z' },
      { ...event, at: NOON },
    ]);
  });

  it('tells why a job is gone and that it is found again, and not its status twice', async () => {
    const gone = { ...running, missing_since: '2026-08-10T11:58:00.000Z' };
    expect((await watchStates([running, gone, running])).printed).toEqual([
      '2026-08-10T11:58:00Z triage: gone, InProgress',
      '2026-08-10T12:00:00Z triage: found again, InProgress',
    ]);
  });

  it('ends by itself once every named job has ended', async () => {
    const { printed, pauses } = await watchStates([running, failed, failed, failed], { named: [running.job_arn] });
    expect([printed.length, pauses.length]).toEqual([2, 2]);
  });

  it('tells what a known failure means and what to do, outside what was asked for', async () => {
    const known = { ...failed, failure_message: 'Could not assume provided IAM role.' };
    const { printed, told } = await watchStates([running, known], { terminal: { terminal: { columns: 60 } } });
    expect(printed).toHaveLength(2);
    expect(told.slice(1, 3)).toEqual([
      expect.stringContaining('triage Failed: Could not assume provided IAM role.'),
      '  meaning  Bedrock cannot assume the role of the job',
    ]);
    expect(told.slice(2).every((line) => line.length <= 80)).toBe(true);
    expect((await watchStates([running, known], { json: true })).told).toHaveLength(1);
  });

  it.each([
    ['once for a job that ends', [running, running, failed, failed], 1],
    ['not for a change of a phase', [running, { ...running, transitions: failed.transitions.slice(0, 2) }], 0],
    ['not for what had ended before', [failed, failed], 0],
  ])('rings the bell %s', async (_, states, rings) => {
    const { told } = await watchStates(states, { bell: true });
    expect(told.filter((line) => line === '(bell)')).toHaveLength(rings);
    expect((await watchStates(states)).told).not.toContain('(bell)');
  });

  it('survives throttling, and says so', async () => {
    const { printed, told } = await watchStates([running, throttling, failed]);
    expect(printed).toHaveLength(2);
    expect(told.slice(1)).toEqual([expect.stringMatching(/throttles requests/)]);
  });

  it('fails where the first poll fails, or a later one for good', async () => {
    await expect(watchStates([throttling])).rejects.toBe(throttling);
    const denied = awsError('AccessDeniedException');
    await expect(watchStates([running, denied])).rejects.toBe(denied);
  });
});

describe('bedrock-jobs watch on a terminal', () => {
  const terminal = { terminal: { isTerminal: true, columns: 80, rows: 24 } };

  it('draws a table at each poll and each second, and prints no lines', async () => {
    const { printed, told } = await watchStates([running, failed], { terminal });
    const text = printed.join('\n');
    expect(text.split('\u001b[H')).toHaveLength(5);
    expect(text).toContain('1 active job.');
    expect(text).toContain('No active job, 1 ended in the last 15 min.');
    expect(text).not.toContain('→');
    expect(told).toEqual([]);
  });

  it('tells how named jobs failed once all have ended', async () => {
    const known = { ...failed, failure_message: 'Could not assume provided IAM role.' };
    const { told } = await watchStates([running, known], { terminal, named: [running.job_arn] });
    expect(told.slice(0, 2)).toEqual([
      expect.stringContaining('triage Failed: Could not assume provided IAM role.'),
      '  meaning  Bedrock cannot assume the role of the job',
    ]);
  });

  it('shows why a poll failed above the last table, until the next poll', async () => {
    const { printed } = await watchStates([running, throttling, running], { terminal });
    const frames = printed.join('\n').split('\u001b[H').slice(1);
    expect(frames.map((frame) => frame.includes('throttles'))).toEqual([false, false, true, true, false, false]);
    expect(frames.every((frame) => frame.includes('triage'))).toBe(true);
  });
});

describe('a live view', () => {
  const NOW = new Date(NOON);
  const WIDE = { columns: 100, rows: 24, colour: false };
  const job = (number: number, change: Partial<JobSummary> = {}): JobSummary => ({
    ...running,
    job_name: `job-${number}`,
    status_details: { training_details: { status: 'InProgress' } },
    creation_time: '2026-08-10T08:48:00.000Z',
    last_modified_time: '2026-08-10T11:59:00.000Z',
    ...change,
  });
  const view = (jobs: readonly JobSummary[], change: Partial<View> = {}): View => ({
    jobs,
    polledAt: NOW,
    window: 900_000,
    ...change,
  });

  it('shows the phase and duration of each job, and which have ended', () => {
    const ended = job(9, { status: 'Failed', end_time: '2026-08-10T11:59:00.000Z' });
    expect(formatView(view([job(1), ended]), WIDE, NOW)).toEqual([
      '1 active job, 1 ended in the last 15 min. 2026-08-10T12:00:00Z, Ctrl-C ends this.',
      '',
      'NAME   STATUS      PHASE     LOSS  DURATION    CREATED               MODEL',
      'job-1  InProgress  training     1  3 h 12 min  2026-08-10T08:48:00Z  amazon.nova-lite-v1:0:300k',
      'job-9  Failed      –            1  3 h 11 min  2026-08-10T08:48:00Z  amazon.nova-lite-v1:0:300k',
    ]);
  });

  it('marks jobs that are gone or not tracked', () => {
    const lost = [job(1, { missing_since: NOON }), job(2, { untracked_since: NOON })];
    const text = formatView(view(lost), WIDE, NOW).join('\n');
    expect(text).toContain('InProgress (gone)');
    expect(text).toContain('InProgress (not tracked)');
    expect(text).toContain('No active job, 2 ended');
  });

  it('says that there are no jobs, and why a poll failed', () => {
    expect(formatView(view([], { problem: 'DynamoDB throttles\u001b[2J.' }), WIDE, NOW)).toEqual([
      'No active job. 2026-08-10T12:00:00Z, Ctrl-C ends this.',
      'DynamoDB throttles.',
    ]);
  });

  it.each([
    [40, 24],
    [20, 10],
    [100, 8],
    [30, 3],
  ])('fits %d columns and %d rows', (columns, rows) => {
    const jobs = Array.from({ length: 40 }, (_, number) => job(number, { job_name: `job-with-a-long-name-${number}` }));
    const lines = formatView(view(jobs), { columns, rows, colour: false }, NOW);
    expect(lines.length).toBeLessThan(Math.max(rows, 6));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.at(-1)).toMatch(/^… and \d\d more$/);
  });

  it('is drawn over the one before, and on a cleared screen where the window changed', async () => {
    const written: string[] = [];
    const write = (text: string | Uint8Array) => Promise.resolve(void written.push(text.toString()));
    const terminal = { ...WIDE, write };
    const draw = createScreen(terminal);
    await draw(view([job(1)]), NOW);
    await draw(view([job(1)]), NOW);
    terminal.columns = 60;
    await draw(view([job(1)]), NOW);
    expect(written.map((text) => text.includes('\u001b[2J'))).toEqual([true, false, true]);
    for (const text of written) {
      expect(text.startsWith('\u001b[?2026h')).toBe(true);
      // Erases the rest of a longer view below.
      expect(text.endsWith('\u001b[J\u001b[?2026l')).toBe(true);
      expect(text.split('\u001b[H')).toHaveLength(2);
    }
    const lines = written[1]?.split('\n').slice(0, -1) ?? [];
    expect(lines.every((line) => line.endsWith('\u001b[K'))).toBe(true);
  });
});
