import type { Measurements, MeasureOptions, Section } from '../../section.ts';
import { startBedrock } from '../../support/bedrock.ts';
import { ACTIVE_JOBS, JOBS_A_DAY } from '../../support/history.ts';
import { startHistoryTable } from '../../support/table.ts';
import { FINDINGS } from './findings.ts';
import { growthTable, growthTargets, measureGrowth, type Growth } from './growth.ts';
import { LATENCY } from './measure.ts';
import { measurePairs, pairTable, pairTargets, type Pair } from './pairs.ts';

interface Sizes {
  readonly histories: readonly number[];
  /** The history whose full sweep is compared with the bare pages. */
  readonly paired: number;
  readonly pairs: number;
  readonly activeRounds: number;
}

const WHOLE: Sizes = { histories: [1_000, 10_000, 100_000, 1_000_000], paired: 100_000, pairs: 5, activeRounds: 30 };
const QUICK: Sizes = { histories: [200, 2_000], paired: 2_000, pairs: 2, activeRounds: 3 };

const measure = async ({ quick, say }: MeasureOptions): Promise<Measurements> => {
  const { histories, paired, pairs: rounds, activeRounds } = quick ? QUICK : WHOLE;
  const until = Date.now();
  const [bedrock, table] = await Promise.all([startBedrock(until), startHistoryTable({ until })]);
  const grown: Growth[] = [];
  let pairs: readonly Pair[] = [];
  for (const jobs of histories) {
    say(`an active and a full sweep of ${jobs} jobs`);
    await Promise.all([bedrock.growTo(jobs), table.growTo(jobs)]);
    grown.push(await measureGrowth({ bedrock, table, jobs }, activeRounds));
    if (jobs === paired) pairs = await measurePairs({ bedrock, table, jobs, latency: LATENCY }, rounds, say);
  }
  bedrock.close();
  table.close();
  return {
    targets: [...pairTargets(pairs, paired), ...growthTargets(grown)],
    tables: [pairTable(pairs, paired), growthTable(grown)],
  };
};

export const section: Section = {
  title: 'Sweeps',
  method: `The handler of \`reconcile-jobs\` over the real adapters of Bedrock and of the jobs table, in a process of its own with the heap of a function of 512 MB, the construct's default; one scope with ${JOBS_A_DAY} new jobs a day, ${ACTIVE_JOBS} of them active. Bedrock is the simulator in another process, ${LATENCY.bedrockMs} ms a call, no limit. The jobs table is a third process that answers the two queries of sweeps as DynamoDB would, in pages of 1 MB and in its wire format, in ${LATENCY.tableMs} ms; it makes its pages beforehand, as loading a million records into dynalite takes most of an hour. The state of sweeps is in memory, ${LATENCY.tableMs} ms a request. "Bare pages" are the same List pages of 1,000 by the SDK's paginator and nothing else, in the same process; which of the two comes first alternates.`,
  findings: FINDINGS,
  measure,
};
