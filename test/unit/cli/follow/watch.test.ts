import { describe, expect, it } from '@jest/globals';
import type { JobsClient } from '../../../../lib/client/requests.ts';
import { Ended, EXIT } from '../../../../lib/cli/exit.ts';
import { type Pause, watch, type WatchOptions } from '../../../../lib/cli/follow/watch.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { testContext } from '../../../support/command-context.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const { end_time: _, ...RECORD } = syntheticRecord(0);
const running: JobRecord = {
  ...RECORD,
  job_name: 'triage',
  status: 'InProgress',
  status_details: {},
  transitions: [{ from: null, to: 'InProgress', at: '2026-08-10T11:00:00.000Z', observed_at: '', via: 'event' }],
};
const failed: JobRecord = {
  ...running,
  status: 'Failed',
  transitions: [
    ...running.transitions,
    {
      task: 'training',
      from: 'InProgress',
      to: 'Failed',
      at: '2026-08-10T11:59:59.000Z',
      observed_at: '',
      via: 'event',
    },
    { from: 'InProgress', to: 'Failed', at: '2026-08-10T12:00:00.000Z', observed_at: '', via: 'event' },
  ],
};
const throttling = Object.assign(new Error('too much'), { name: 'ThrottlingException', $metadata: {} });

/** A job that shows itself so, look after look; afterwards a person asks for the end. */
const watched = async (
  looks: readonly (JobRecord | Error)[],
  { terminal = {}, ...change }: Partial<WatchOptions> & { terminal?: Parameters<typeof testContext>[0] } = {},
) => {
  let number = 0;
  const now = () => looks[number] ?? running;
  const jobs = {
    async *iterateJobs({ active }: { active?: boolean }) {
      const seen = await Promise.resolve(now());
      if (seen instanceof Error) throw seen;
      if ((seen.status === 'InProgress') === (active === true)) yield seen;
    },
    getJob: () => Promise.resolve({ job: now() }),
  } as unknown as JobsClient;
  const pauses: number[] = [];
  const pause: Pause = (ms) => {
    pauses.push(ms);
    const total = pauses.reduce((sum, each) => sum + each, 0);
    number = Math.floor(total / 2_000);
    return number >= looks.length ? Promise.reject(new Ended(EXIT.interrupted)) : Promise.resolve();
  };
  const { context, printed, told } = testContext(terminal);
  const options = { filter: {}, named: [], window: 900_000, interval: 2_000, json: false, ...change };
  await watch(options, context, { jobs }, pause);
  return { printed, told, pauses };
};

describe('bedrock-jobs watch without a terminal', () => {
  it('prints a line for each transition, and ends well when it is asked to', async () => {
    expect(await watched([running, running, failed])).toEqual({
      printed: [
        '2026-08-10T11:59:59Z triage training: InProgress → Failed',
        '2026-08-10T12:00:00Z triage: InProgress → Failed',
      ],
      told: ['Watching 1 active job; a line for each transition. Ctrl-C ends this.'],
      pauses: [1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
    });
  });

  it('prints a line of JSON for each where that is asked for, on a terminal too', async () => {
    const { printed } = await watched([running, failed], { json: true, terminal: { terminal: { isTerminal: true } } });
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        job_arn: running.job_arn,
        job_name: 'triage',
        task: 'training',
        from: 'InProgress',
        to: 'Failed',
        at: '2026-08-10T11:59:59.000Z',
      },
      {
        job_arn: running.job_arn,
        job_name: 'triage',
        from: 'InProgress',
        to: 'Failed',
        at: '2026-08-10T12:00:00.000Z',
      },
    ]);
  });

  it('ends by itself once every job that was named has ended', async () => {
    const { printed, pauses } = await watched([running, failed, failed, failed], { named: [running.job_arn] });
    expect([printed.length, pauses.length]).toEqual([2, 2]);
  });

  it('survives a moment of throttling, and says so', async () => {
    const { printed, told } = await watched([running, throttling, failed]);
    expect(printed).toHaveLength(2);
    expect(told.slice(1)).toEqual([expect.stringMatching(/throttles requests/)]);
  });

  it('ends with what is wrong at the first look, or for good', async () => {
    await expect(watched([throttling])).rejects.toBe(throttling);
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: {} });
    await expect(watched([running, denied])).rejects.toBe(denied);
  });
});

describe('bedrock-jobs watch on a terminal', () => {
  const terminal = { terminal: { isTerminal: true, columns: 80, rows: 24 } };

  it('draws a table at each look and each second, and no lines besides', async () => {
    const { printed, told } = await watched([running, failed], { terminal });
    const text = printed.join('\n');
    expect(text.split('\u001b[H')).toHaveLength(5);
    expect(text).toContain('1 active job.');
    expect(text).toContain('No active job, 1 ended in the last 15 min.');
    expect(text).not.toContain('→');
    expect(told).toEqual([]);
  });

  it('shows what went wrong above the table of the look before, until the next one', async () => {
    const { printed } = await watched([running, throttling, running], { terminal });
    const frames = printed.join('\n').split('\u001b[H').slice(1);
    const troubled = frames.map((frame) => frame.includes('throttles'));
    expect(troubled).toEqual([false, false, true, true, false, false]);
    expect(frames.every((frame) => frame.includes('triage'))).toBe(true);
  });
});
