import { expect, it } from '@jest/globals';
import type { Summary } from '../../../../lib/client/requests.ts';
import { formatSummary } from '../../../../lib/cli/output/summary.ts';

const MODEL = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k';

const summary: Summary = {
  createdAfter: '2026-10-01T00:00:00.000Z',
  createdBefore: '2026-11-01T00:00:00.000Z',
  jobs: 3,
  byStatus: { Completed: 2, Failed: 1 },
  byDay: [],
  byModel: ['FINE_TUNING', 'REINFORCEMENT_FINE_TUNING'].map((customizationType) => ({
    baseModelArn: MODEL,
    customizationType,
    byStatus: { Completed: 1 },
  })),
  readUnits: 1,
  requests: 1,
};

it.each([60, 80, 120])('tells the types of one model apart at %d columns', (columns) => {
  const lines = [...formatSummary(summary, { columns, colour: false })];
  expect(lines.filter((line) => line.startsWith('amazon.nova-2-lite'))).toEqual([
    expect.stringContaining(' FINE_TUNING '),
    expect.stringContaining('REINFORCEMENT_FINE_TUNING'),
  ]);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
});
