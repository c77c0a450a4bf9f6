import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Table } from '../../section.ts';
import { formatNumber } from '../../statistics.ts';

/** Where the full-stack test leaves it: test/stack/areas/latency.ts. */
const REPORT = join(import.meta.dirname, '..', '..', '..', 'dist', 'stack-latency.json');

const stackLatency = v.object({
  date: v.string(),
  events: v.number(),
  perSecond: v.number(),
  p50: v.number(),
  p99: v.number(),
});
type StackLatency = v.InferOutput<typeof stackLatency>;

/** What the last full-stack test measured on this machine; undefined where none was run. */
export const readStackLatency = async (): Promise<StackLatency | undefined> => {
  try {
    return v.parse(stackLatency, JSON.parse(await readFile(REPORT, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

export const stackTable = (measured: StackLatency | undefined): Table => ({
  title: 'From PutEvents to a readable record on MiniStack, ms',
  columns: ['', 'events a second', 'events', 'p50', 'p99'],
  rows:
    measured === undefined
      ? [['not measured', '–', '–', '–', '–']]
      : [[measured.date, measured.perSecond, measured.events, formatNumber(measured.p50), formatNumber(measured.p99)]],
  note: 'The deployed app on an emulator of AWS: its EventBridge, SQS, Lambda and DynamoDB. The last run of `npm run test:stack` on this machine measured it ([the full-stack test](full-stack-test.md)); this section only reads what that left. It is the time of an emulator, not of AWS.',
});
