import { startBedrock, type Bedrock } from '../../support/bedrock.ts';
import { ACTIVE_JOBS, JOBS_A_DAY } from '../../support/history.ts';
import type { Cell, Measurements, MeasureOptions, Section, Target } from '../../section.ts';
import { formatNumber } from '../../statistics.ts';
import { callsOf, totalOf, type Calls } from './counted.ts';
import { FINDINGS } from './findings.ts';
import { CHANGED, FULL, FULL_WITH_TRAIL, IDLE, sweepOnce, type Scenario, type Swept } from './ours.ts';
import { CUSTODIAN, FIX, preparePeer, type Peer } from './peers.ts';

const LATENCY_MS = 20;
/** What List gives a page where nobody asks for more: the peers do not. */
const DEFAULT_PAGE = 100;
const SCENARIOS = [IDLE, CHANGED, FULL, FULL_WITH_TRAIL] as const;
/** Fix takes a minute for 1,000 jobs. */
const MOST_OF_FIX = 1_000;

type Run = Swept & { readonly who: string; readonly jobs: number; readonly computed: boolean };

/** List, then Get and ListTagsForResource for each: 1 + 2N by pages that hold all, jobs / 100 + 2N by those it asks for. */
const fixCalls = (jobs: number): Calls => ({ list: Math.ceil(jobs / DEFAULT_PAGE), get: jobs, tags: jobs });

const collect = async (peer: Peer, bedrock: Bedrock, jobs: number): Promise<Run> => {
  await bedrock.counts();
  const { seconds } = await peer.collect(bedrock.url);
  return { who: peer.name, jobs, computed: false, seconds, calls: callsOf(await bedrock.counts()) };
};

/** What Fix would call and take of more jobs, after what it called and took of fewer. */
const computeFix = ({ who, calls, seconds, jobs }: Run, more: number): Run => {
  const expected = fixCalls(jobs);
  if (JSON.stringify(calls) !== JSON.stringify(expected)) throw new Error(`${who} called ${JSON.stringify(calls)}`);
  return { who, jobs: more, computed: true, calls: fixCalls(more), seconds: (seconds * more) / jobs };
};

const rowOf = ({ who, jobs, calls, seconds, computed }: Run, idle: Run | undefined): readonly Cell[] => [
  who,
  formatNumber(jobs),
  ...[calls.list, calls.get, calls.tags, totalOf(calls)].map(formatNumber),
  `${formatNumber(seconds)}${computed ? ' (computed)' : ''}`,
  idle === undefined ? '' : `${formatNumber(totalOf(calls) / totalOf(idle.calls))}×`,
  idle === undefined ? '' : `${formatNumber(seconds / idle.seconds)}×`,
];

const find = (runs: readonly Run[], { name }: Scenario): readonly Run[] => runs.filter(({ who }) => who === name);

const targetsOf = (runs: readonly Run[]): readonly Target[] => {
  const target = (what: string, wanted: string, scenario: Scenario, most: (jobs: number) => number): Target => {
    const found = find(runs, scenario);
    const measured = found.map(({ calls }) => formatNumber(totalOf(calls))).join(' / ');
    return { what, target: wanted, measured, met: found.every(({ jobs, calls }) => totalOf(calls) <= most(jobs)) };
  };
  const changed = (jobs: number): number => CHANGED.changed(jobs);
  return [
    target('Calls of an idle active sweep', '2 at any size', IDLE, () => 2),
    target('Calls of a full sweep without drift, tags left to CloudTrail', 'jobs / 1,000', FULL_WITH_TRAIL, (jobs) =>
      Math.ceil(jobs / 1_000),
    ),
    target(
      'Calls of a full sweep without drift, by default',
      'jobs / 1,000, and tags in bulk',
      FULL,
      (jobs) => 2 * Math.ceil(jobs / 1_000),
    ),
    target('Calls of an active sweep after 1% changed', '2 + changed', CHANGED, (jobs) => 2 + changed(jobs)),
  ];
};

const measure = async (options: MeasureOptions): Promise<Measurements> => {
  const { quick, say } = options;
  const sizes = quick ? [100, 200] : [1_000, 10_000, 100_000];
  const fix = await preparePeer(FIX, options);
  const custodian = await preparePeer(CUSTODIAN, options);
  const until = Date.now();
  const bedrock = await startBedrock(until);
  await bedrock.setFaults({ latencyMs: LATENCY_MS });
  const runs: Run[] = [];
  let measuredFix: Run | undefined;
  for (const jobs of sizes) {
    await bedrock.growTo(jobs);
    // What is loaded and connected by the first sweep of all is not its calls' time.
    if (runs.length === 0) await sweepOnce(bedrock, until, jobs, IDLE);
    for (const scenario of SCENARIOS) {
      say(`${scenario.name} of ${jobs} jobs`);
      runs.push({ who: scenario.name, jobs, computed: false, ...(await sweepOnce(bedrock, until, jobs, scenario)) });
    }
    say(`peers with ${jobs} jobs`);
    runs.push(await collect(custodian, bedrock, jobs));
    if (jobs <= MOST_OF_FIX) measuredFix = await collect(fix, bedrock, jobs);
    if (measuredFix !== undefined) runs.push(measuredFix.jobs === jobs ? measuredFix : computeFix(measuredFix, jobs));
  }
  bedrock.close();
  return {
    targets: targetsOf(runs),
    tables: sizes.map((jobs) => ({
      title: `Calls of one run, ${formatNumber(jobs)} jobs`,
      columns: ['', 'jobs', 'List', 'Get', 'ListTags', 'calls', 'seconds', 'calls, to idle', 'time, to idle'],
      rows: runs
        .filter((run) => run.jobs === jobs)
        .map((run) =>
          rowOf(
            run,
            find(runs, IDLE).find((idle) => idle.jobs === jobs),
          ),
        ),
    })),
  };
};

export const section: Section = {
  title: 'Calls',
  method: `One scope with ${JOBS_A_DAY} new jobs a day, so that longer histories reach further back; ${ACTIVE_JOBS} jobs are active. Calls are what the simulator counted (another process, ${LATENCY_MS} ms a call, no limit). Ours is the handler of \`reconcile-jobs\` over the real Bedrock adapter; its tables are in memory, as they are not what is measured. The peers are the real programs in virtual environments, on the same simulator: Fix Inventory's collector of \`AwsBedrockModelCustomizationJob\` as its own tests build it, and Cloud Custodian's \`bedrock-customization-job\` in a policy without filters; their times leave out Python's start. They do the same whatever has changed, so one run stands for all. "Computed" is by the formula jobs/100 + 2 × jobs, which the run of the smallest size confirmed; the time in proportion.`,
  findings: FINDINGS,
  measure,
};
