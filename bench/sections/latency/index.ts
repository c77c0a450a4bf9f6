import { readStackLatency, stackTable } from './stack.ts';
import type { Cell, Measurements, MeasureOptions, Section, Table } from '../../section.ts';
import { formatNumber, quantile } from '../../statistics.ts';
import { eventsToRecords, runningJobs } from './events.ts';
import { startRunningLocally } from './local-run.ts';
import { recordsOf } from './records.ts';

interface Case {
  readonly perSecond: number;
  readonly events: number;
  /** Records of an older history, beside those of the jobs that are measured. */
  readonly history: number;
}

/** How long Bedrock takes to answer a call, in ms. */
const LATENCY_MS = 50;

const CASES: readonly Case[] = [
  { perSecond: 5, events: 200, history: 0 },
  { perSecond: 20, events: 1_000, history: 0 },
  { perSecond: 20, events: 1_000, history: 10_000 },
  { perSecond: 50, events: 1_000, history: 10_000 },
];
const QUICK_CASES: readonly Case[] = [
  { perSecond: 50, events: 20, history: 0 },
  { perSecond: 50, events: 20, history: 100 },
];

const rowOf = ({ perSecond, events, history }: Case, latencies: readonly number[]): readonly Cell[] => [
  perSecond,
  formatNumber(history),
  formatNumber(events),
  ...[0.5, 0.95, 0.99, 1].map((share) => formatNumber(quantile([...latencies], share))),
];

const measureLocally = async ({ quick, say }: MeasureOptions): Promise<Table> => {
  const run = await startRunningLocally({ latencyMs: LATENCY_MS });
  const records = recordsOf(run);
  const rows: (readonly Cell[])[] = [];
  let loaded = 0;
  try {
    for (const each of quick ? QUICK_CASES : CASES) {
      say(`${each.events} events, ${each.perSecond} a second, ${each.history} records of older jobs`);
      await records.load(loaded, each.history);
      loaded = each.history;
      const arns = await runningJobs(run, records, each.events);
      rows.push(rowOf(each, await eventsToRecords(run, records, { arns, perSecond: each.perSecond })));
    }
  } finally {
    records.close();
    await run.stop();
  }
  return {
    title: 'From a change in Bedrock to its record in a local run, ms',
    columns: ['events a second', 'records of older jobs', 'events', 'p50', 'p95', 'p99', 'longest'],
    rows,
    note: `${LATENCY_MS} ms of each are Bedrock's answers to Get and ListTagsForResource, asked side by side.`,
  };
};

const measure = async (options: MeasureOptions): Promise<Measurements> => ({
  targets: [],
  tables: [await measureLocally(options), stackTable(await readStackLatency())],
});

export const section: Section = {
  title: 'Latency',
  method: `\`bedrock-jobs local\` in a process of its own: the simulator, the queue, the functions and an embedded DynamoDB on disk. Bedrock takes ${LATENCY_MS} ms a call, no event is lost, held back or doubled, and no sweep runs meanwhile. As many jobs as there will be events are made first, until each has a record as running. Then they are told to end, one after the other at an even pace, which sends one event each. Timed is, in another process, from just before a job is told to end until a consistent read shows its record as completed; it looks every 5 ms, in the same DynamoDB, and is late by that.`,
  measure,
};
