import { describe, expect, it } from '@jest/globals';
import { formatJobs } from '../../../../lib/cli/output/jobs.ts';
import { formatView } from '../../../../lib/cli/follow/watch.ts';
import type { JobSummary } from '../../../../lib/client/requests.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const NOW = new Date('2026-11-28T13:00:00Z');
const job = (job_name: string): JobSummary => ({
  ...syntheticRecord(1),
  job_name,
  status: 'Completed',
  base_model_arn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k',
  customization_type: 'FINE_TUNING',
  creation_time: '2026-11-28T01:07:43.000Z',
  end_time: '2026-11-28T04:20:00.000Z',
  training_metrics: { training_loss: 0.88929 },
});
const NAMES = ['legal-summaries-lr1e-5-e2-mx0fdrik', 'faq'];
const table = (columns: number, names: readonly string[] = NAMES): string[] => [
  ...formatJobs(names.map(job), { columns, colour: false }, NOW),
];

describe('a table of jobs', () => {
  it.each([
    [60, ['NAME', 'STATUS', 'LOSS']],
    [80, ['NAME', 'STATUS', 'LOSS', 'DURATION']],
    [100, ['NAME', 'STATUS', 'LOSS', 'DURATION', 'CREATED']],
    [120, ['NAME', 'STATUS', 'LOSS', 'DURATION', 'CREATED', 'MODEL']],
    [160, ['NAME', 'STATUS', 'LOSS', 'DURATION', 'CREATED', 'MODEL', 'TYPE', 'ID']],
  ])('on %d columns cuts nothing and has whole columns', (columns, titles) => {
    const lines = table(columns);
    expect(lines[0]?.split(/ +/)).toEqual(titles);
    expect(lines[1]).toContain(NAMES[0]);
    expect(lines.join('')).not.toContain('…');
  });

  it('keeps both ends of a name that is longer than the terminal, and the loss', () => {
    const [long] = table(60, ['customer-support-triage-nova-lite-2026-11-28-learning-rate-1e-5']).slice(1);
    expect(long).toBe('customer-support-tri…-learning-rate-1e-5  Completed  0.88929');
  });

  it('is the same in a live view', () => {
    const jobs = NAMES.map(job);
    const view = formatView({ jobs, polledAt: NOW, window: 60_000 }, { columns: 100, rows: 24, colour: false }, NOW);
    expect(view.slice(2)).toEqual(table(100));
  });
});
