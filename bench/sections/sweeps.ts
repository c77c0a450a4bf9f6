import { join } from 'node:path';
import {
  formatNumber,
  median,
  pairedRatios,
  ratioResult,
  type MeasureOptions,
  type Result,
  type Section,
} from '../section.ts';
import { startBedrock, totalOf, type Bedrock } from '../support/bedrock.ts';
import { ACTIVE_JOBS, JOBS_A_DAY } from '../support/history.ts';
import { startProcess } from '../support/process.ts';
import type { SweepTask, SweepTimes } from '../support/sweep-process.ts';
import { startHistoryTable, type HistoryTable } from '../support/table.ts';

const PROCESS = join(import.meta.dirname, '..', 'support', 'sweep-process.ts');
/** For a function of 512 MB, the construct's default: a tenth for the two young halves, the rest for the old. */
const HEAP = ['--max-semi-space-size=25', '--max-old-space-size=461'];
const BEDROCK_MS = 50;
const TABLE_MS = 10;
const RATIO_LIMIT = 1.5;
/** Of the time of an active sweep, from the smallest history to the largest: more would be growth. */
const GROWTH_LIMIT = 1.25;
const MB_LIMIT = 256;

/** A history as Bedrock and the jobs table have it, each in a process of its own. */
interface Service {
  readonly bedrock: Bedrock;
  readonly table: HistoryTable;
  readonly jobs: number;
}

interface Measured extends SweepTimes {
  /** Of Bedrock, and of both tables, by one sweep. */
  readonly requests: readonly [bedrock: number, tables: number];
}

/** Sweeps in a new process. Throws where a sweep listed another number of jobs than there are. */
const sweep = async (
  { bedrock, table, jobs }: Service,
  kind: Pick<SweepTask, 'sweep' | 'hasTrail' | 'rounds' | 'paired'>,
): Promise<Measured> => {
  const task: SweepTask = { ...kind, bedrockUrl: bedrock.url, tableUrl: table.url, tableLatencyMs: TABLE_MS };
  const helper = startProcess(PROCESS, [JSON.stringify(task)], HEAP);
  // Connections are open then, and nothing is counted yet.
  await helper.next();
  await Promise.all([bedrock.calls(), table.requests()]);
  const times = await helper.ask<SweepTimes>({ go: true });
  await helper.ended;
  const expected = kind.sweep === 'active' ? ACTIVE_JOBS : jobs;
  if (times.listed !== expected) throw new Error(`A sweep of ${expected} jobs listed ${times.listed}.`);
  const calls = (totalOf(await bedrock.calls()) - times.barePages) / kind.rounds;
  return { ...times, requests: [calls, (await table.requests()) / kind.rounds + times.stateRequests] };
};

const seconds = (values: readonly number[]): string => `${formatNumber(median([...values]))} s`;

const pairResults = async (service: Service, rounds: number): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const hasTrail of [true, false]) {
    const { sweeps, bare } = await sweep(service, { sweep: 'full', hasTrail, rounds, paired: true });
    const ratio = median(pairedRatios(sweeps, bare));
    const what = `Full sweep of ${formatNumber(service.jobs)} jobs, ${hasTrail ? 'with' : 'without'} a trail`;
    const { target, met, measured } = ratioResult(what, ratio, RATIO_LIMIT, ' the bare List pages');
    results.push({ what, measured: `${measured} (${seconds(sweeps)})`, ...(hasTrail && { target, met }) });
  }
  return results;
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const histories = quick ? [200, 2_000] : [1_000, 10_000, 100_000, 1_000_000];
  const paired = quick ? 2_000 : 100_000;
  const until = Date.now();
  const [bedrock, table] = await Promise.all([startBedrock(until), startHistoryTable(until)]);
  await Promise.all([bedrock.setFaults({ latencyMs: BEDROCK_MS }), table.setLatency(TABLE_MS)]);
  const active: Measured[] = [];
  const full: Measured[] = [];
  let pairs: readonly Result[] = [];
  for (const jobs of histories) {
    say(`${jobs} jobs`);
    await Promise.all([bedrock.growTo(jobs), table.growTo(jobs)]);
    const service = { bedrock, table, jobs };
    const rounds = quick ? 3 : 30;
    active.push(await sweep(service, { sweep: 'active', hasTrail: true, rounds, paired: false }));
    full.push(await sweep(service, { sweep: 'full', hasTrail: true, rounds: 1, paired: false }));
    if (jobs === paired) pairs = await pairResults(service, quick ? 2 : 5);
  }
  bedrock.close();
  table.close();
  const span = `${[histories[0], histories.at(-1)].map((jobs) => formatNumber(jobs ?? 0)).join(' to ')} jobs`;
  const peak = Math.max(...full.map(({ peakMb }) => peakMb));
  const requests = [...new Set(active.map((each) => each.requests.map(formatNumber).join(' + ')))];
  const [smallest, largest] = [active[0], active.at(-1)].map((each) => median([...(each?.sweeps ?? [])]));
  return [
    ...pairs,
    {
      what: `Memory of a full sweep, ${span}`,
      target: `< ${MB_LIMIT} MB RSS`,
      measured: `${formatNumber(peak)} MB`,
      met: peak < MB_LIMIT,
    },
    {
      what: `Requests of an active sweep, Bedrock + tables, ${span}`,
      target: 'flat',
      measured: requests.join(' / '),
      met: requests.length === 1,
    },
    ratioResult(`Time of an active sweep, ${span}`, (largest ?? NaN) / (smallest ?? NaN), GROWTH_LIMIT),
    { what: `Full sweep of ${formatNumber(histories.at(-1) ?? 0)} jobs`, measured: seconds(full.at(-1)?.sweeps ?? []) },
  ];
};

export const section: Section = {
  title: 'Sweeps',
  text: `The handler of \`reconcile-jobs\` over the real adapters, with the heap of a function of 512 MB; ${JOBS_A_DAY} new jobs a day, ${ACTIVE_JOBS} active. Bedrock takes ${BEDROCK_MS} ms a call without a limit, the stand-in for the table ${TABLE_MS} ms. "Bare List pages" are the same pages of 1,000 by the SDK's paginator alone.

Where no trail tells of tags, a full sweep also asks for those of the last 30 days' jobs, here 3,000 calls, 16 at once. More at once would take from the limit of the account's own users. The memory is what V8 leaves uncollected: with a heap of 128 MB it was 142 MB.`,
  measure,
};
