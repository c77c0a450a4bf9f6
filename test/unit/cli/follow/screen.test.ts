import { describe, expect, it } from '@jest/globals';
import { createScreen, linesOf, type View } from '../../../../lib/cli/follow/watch.ts';
import type { JobSummary } from '../../../../lib/client/requests.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const NOW = new Date('2026-08-10T12:00:00.000Z');

const job = (number: number, change: Partial<JobSummary> = {}): JobSummary => {
  const { end_time: _, ...record } = syntheticRecord(number);
  return {
    ...record,
    job_name: `job-${number}`,
    status: 'InProgress',
    status_details: { training_details: { status: 'InProgress' } },
    creation_time: '2026-08-10T08:48:00.000Z',
    last_modified_time: '2026-08-10T11:59:00.000Z',
    ...change,
  };
};
const FAILED = job(9, { status: 'Failed', end_time: '2026-08-10T11:59:00.000Z' });
const view = (jobs: readonly JobSummary[], change: Partial<View> = {}): View => ({
  jobs,
  lookedAt: NOW,
  window: 900_000,
  ...change,
});
const WIDE = { columns: 100, rows: 24, colour: false };

describe('a live view', () => {
  it('shows what the jobs are at, for how long, and which have ended', () => {
    expect(linesOf(view([job(1), FAILED]), WIDE, NOW)).toEqual([
      '1 active job, 1 ended in the last 15 min. 2026-08-10T12:00:00Z, Ctrl-C ends this.',
      '',
      'NAME   STATUS                 DURATION           LAST CHANGE  MODEL',
      'job-1  InProgress (training)  3 h 12 min so far  1 min ago    amazon.nova-lite-v1:0:300k',
      'job-9  Failed                 3 h 11 min         1 min ago    amazon.nova-lite-v1:0:300k',
    ]);
  });

  it('says where a job is that nobody sees any more', () => {
    const lost = [job(1, { missing_since: NOW.toISOString() }), job(2, { untracked_since: NOW.toISOString() })];
    const text = linesOf(view(lost), WIDE, NOW).join('\n');
    expect(text).toContain('InProgress (gone)');
    expect(text).toContain('InProgress (not tracked)');
    expect(text).toContain('No active job, 2 ended');
  });

  it('says that there is nothing, and what went wrong', () => {
    expect(linesOf(view([], { trouble: 'DynamoDB throttles\u001b[2J.' }), WIDE, NOW)).toEqual([
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
    const lines = linesOf(view(jobs), { columns, rows, colour: false }, NOW);
    expect(lines.length).toBeLessThan(Math.max(rows, 6));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.at(-1)).toMatch(/^… and \d\d more$/);
  });

  it('is drawn over the one before, and anew where the window changed', async () => {
    const written: string[] = [];
    const terminal = {
      ...WIDE,
      write: (text: string | Uint8Array) => {
        written.push(text.toString());
        return Promise.resolve();
      },
    };
    const draw = createScreen(terminal);
    await draw(view([job(1)]), NOW);
    await draw(view([job(1)]), NOW);
    terminal.columns = 60;
    await draw(view([job(1)]), NOW);
    const cleared = written.map((text) => text.includes('\u001b[2J'));
    expect(cleared).toEqual([true, false, true]);
    for (const text of written) {
      expect(text.startsWith('\u001b[?2026h')).toBe(true);
      // What is left of a longer view below goes away.
      expect(text.endsWith('\u001b[J\u001b[?2026l')).toBe(true);
      expect(text.split('\u001b[H')).toHaveLength(2);
    }
    const lines = written[1]?.split('\n').slice(0, -1) ?? [];
    expect(lines.every((line) => line.endsWith('\u001b[K'))).toBe(true);
  });
});
