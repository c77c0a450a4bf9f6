import { isDeepStrictEqual } from 'node:util';
import type { SweepKind } from '../../lib/contract.ts';
import { NO_COUNTS, type SweepCounts } from '../../lib/tracking/sweep-state.ts';
import { CUSTODIAN, FIX, preparePeer, type Peer } from '../peers/peers.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';
import { startBedrock, totalOf, type Bedrock } from '../support/bedrock.ts';
import { ACTIVE_JOBS, backfilled, JOBS_A_DAY, sweptOnce } from '../support/history.ts';
import { createSweeper } from '../support/sweeper.ts';

const LATENCY_MS = 20;
/** Fix Inventory takes a minute for 1,000 jobs. Of more, its calls follow from its code and from that run. */
const MOST_OF_FIX = 1_000;

interface Scenario {
  readonly what: string;
  /** Absent where nothing is promised. */
  readonly target?: string;
  /** How many calls the target allows of so many jobs. */
  readonly limit?: (jobs: number) => number;
  readonly sweep: SweepKind;
  /** How many of so many jobs ended since the last sweep without an event. */
  readonly changed?: (jobs: number) => number;
  /** Whether CloudTrail tells of jobs and tags. @default true */
  readonly hasTrail?: boolean;
}

const pages = (jobs: number): number => Math.ceil(jobs / 1_000);
const onePercent = (jobs: number): number => Math.ceil(jobs / 100);

const SCENARIOS: readonly Scenario[] = [
  { what: 'Active sweep, idle', target: '2', limit: () => 2, sweep: 'active' },
  {
    what: 'Active sweep, 1% of the jobs changed',
    target: '2 + changed',
    limit: (jobs) => 2 + onePercent(jobs),
    sweep: 'active',
    changed: onePercent,
  },
  { what: 'Full sweep, with a trail', target: 'jobs / 1,000', limit: pages, sweep: 'full' },
  { what: 'Full sweep, without a trail', sweep: 'full', hasTrail: false },
];

/** How many calls a sweep of so many jobs makes. Throws where it did not do what the scenario says. */
const callsOf = async (
  bedrock: Bedrock,
  until: number,
  jobs: number,
  { what, sweep, changed = () => 0, hasTrail = true }: Scenario,
): Promise<number> => {
  const table = backfilled(jobs, { until, active: ACTIVE_JOBS + changed(jobs) });
  const run = createSweeper({ bedrockUrl: bedrock.url, jobs: table, sweeps: await sweptOnce({ hasTrail }) });
  await bedrock.calls();
  const [answer] = await run(sweep);
  const listed = sweep === 'active' ? ACTIVE_JOBS : jobs;
  const expected: SweepCounts = { ...NO_COUNTS, listed, drifted: changed(jobs), corrected: changed(jobs) };
  if (answer?.finished !== true || !isDeepStrictEqual(answer.counts, expected)) {
    throw new Error(`${what} of ${jobs} jobs did ${JSON.stringify(answer)}`);
  }
  return totalOf(await bedrock.calls());
};

const callsOfPeer = async (peer: Peer, bedrock: Bedrock): Promise<number> => {
  await bedrock.calls();
  await peer.collect(bedrock.url);
  return totalOf(await bedrock.calls());
};

const callsOfFix = async (peer: Peer, bedrock: Bedrock, jobs: number): Promise<number> => {
  // Pages of 100, which List gives where no size is asked for, then Get and ListTagsForResource for each job.
  const expected = Math.ceil(jobs / 100) + 2 * jobs;
  if (jobs > MOST_OF_FIX) return expected;
  const calls = await callsOfPeer(peer, bedrock);
  if (calls !== expected) throw new Error(`${peer.name} made ${calls} calls for ${jobs} jobs, not ${expected}.`);
  return calls;
};

const measure = async (options: MeasureOptions): Promise<readonly Result[]> => {
  const sizes = options.quick ? [100, 200] : [1_000, 10_000, 100_000];
  const [custodian, fix] = [await preparePeer(CUSTODIAN, options), await preparePeer(FIX, options)];
  const until = Date.now();
  const bedrock = await startBedrock(until);
  await bedrock.setFaults({ latencyMs: LATENCY_MS });
  const found = new Map<string, number[]>();
  const add = (what: string, calls: number): void => {
    found.set(what, [...(found.get(what) ?? []), calls]);
  };
  for (const jobs of sizes) {
    options.say(`${jobs} jobs`);
    await bedrock.growTo(jobs);
    for (const scenario of SCENARIOS) add(scenario.what, await callsOf(bedrock, until, jobs, scenario));
    if (custodian !== undefined) add(custodian.name, await callsOfPeer(custodian, bedrock));
    if (fix !== undefined) add(fix.name, await callsOfFix(fix, bedrock, jobs));
  }
  bedrock.close();
  return [...found].map(([what, calls]) => {
    const scenario = SCENARIOS.find((each) => each.what === what);
    return {
      what,
      measured: `${calls.map(formatNumber).join(' / ')} calls`,
      ...(scenario?.target !== undefined && {
        target: scenario.target,
        met: calls.every((count, size) => count <= (scenario.limit?.(sizes[size] ?? 0) ?? Infinity)),
      }),
    };
  });
};

export const section: Section = {
  title: 'Calls',
  text: `The handler of \`reconcile-jobs\` sweeps one scope with ${JOBS_A_DAY} new jobs a day and ${ACTIVE_JOBS} active ones; its tables are in memory. The histories have 1,000, 10,000 and 100,000 jobs. The peers are the real programs on the same simulator; Fix Inventory's larger sizes follow from its formula, which the smallest confirmed.

Without a trail a full sweep compares the tags of jobs modified within 30 days, one call each, as no call gives the tags of several ([ADR 0003](adr/0003-tags-one-by-one.md)).

**Missed**: a changed job costs Get and ListTagsForResource: without the second call, tags whose event was lost would be missed.

Cloud Custodian only asks for jobs in progress, so it never sees how a job ended.`,
  measure,
};
