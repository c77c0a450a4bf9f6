import { memoryJobStore, memorySweepStore } from '../../test/support/memory-stores.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';
import { startBedrock, totalOf } from '../support/bedrock.ts';
import { createSweeper } from '../support/sweeper.ts';

interface Case {
  /** Calls a second that Bedrock allows. */
  readonly limit: number;
  readonly jobs: number;
  /** How long an invocation may take. @default Lambda's longest */
  readonly invocationMs?: number;
}

interface Backfill {
  /** Of what Bedrock would have granted in that time: its rate, and the burst that it began with. */
  readonly share: number;
  readonly lost: number;
  readonly invocations: number;
}

const LATENCY_MS = 50;
const LEAST_SHARE = 0.95;

/** Jobs for at least 80 seconds at the limit, two calls each. */
const CASES: readonly Case[] = [
  { limit: 10, jobs: 400 },
  { limit: 50, jobs: 2_000 },
  { limit: 200, jobs: 10_000 },
  { limit: 50, jobs: 2_000, invocationMs: 20_000 },
];
const QUICK_CASES: readonly Case[] = [
  { limit: 50, jobs: 60 },
  { limit: 100, jobs: 700, invocationMs: 10_000 },
];

/** Sweeps an empty tracker's scope until all its jobs have a record, by as many invocations as that takes. */
const backfill = async ({ limit, jobs, invocationMs }: Case): Promise<Backfill> => {
  const bedrock = await startBedrock(Date.now());
  await bedrock.growTo(jobs);
  const store = memoryJobStore();
  const sweep = createSweeper({ bedrockUrl: bedrock.url, jobs: store, sweeps: memorySweepStore() });
  await bedrock.setFaults({ latencyMs: LATENCY_MS, throttle: { ratePerSecond: limit, burst: limit } });
  const started = performance.now();
  let invocations = 0;
  for (let finished = false; !finished; invocations += 1) {
    finished = (await sweep('full', invocationMs)).every((answer) => answer.finished);
  }
  const seconds = (performance.now() - started) / 1_000;
  const calls = await bedrock.calls();
  bedrock.close();
  const granted = totalOf(calls) - calls.throttled;
  return { share: granted / (limit * seconds + limit), lost: jobs - store.records.size, invocations };
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const results: Result[] = [];
  let lost = 0;
  for (const one of quick ? QUICK_CASES : CASES) {
    say(`${one.jobs} jobs at ${one.limit} calls a second`);
    const run = await backfill(one);
    lost += run.lost;
    results.push({
      what: `${formatNumber(one.jobs)} jobs at ${one.limit} calls a second${run.invocations === 1 ? '' : `, in ${run.invocations} invocations`}`,
      target: '≥ 95% of the limit',
      measured: `${formatNumber(100 * run.share)}%`,
      met: run.share >= LEAST_SHARE,
    });
  }
  return [...results, { what: 'Lost jobs', target: '0', measured: String(lost), met: lost === 0 }];
};

export const section: Section = {
  title: 'Backfill',
  text: `The handler of \`reconcile-jobs\` against a token bucket of one second of the limit and ${LATENCY_MS} ms a call; records are kept in memory. A job takes Get and ListTagsForResource. "Of the limit" is what was granted of limit × seconds plus the first burst.

The rate limiter of [ADR 0020](adr/0020-a-pace-of-our-own.md) made the difference. On Lambda a backfill of several invocations pauses for up to a minute in 15, and so uses about 93%.`,
  measure,
};
