import { startBedrock } from '../../support/bedrock.ts';
import { createSweeper } from '../../support/sweeper.ts';
import { memoryJobStore, memorySweepStore } from '../../../test/support/memory-stores.ts';

export interface BackfillCase {
  readonly limit: number;
  readonly jobs: number;
  /** What each invocation has of time; Lambda's longest where absent. */
  readonly invocationMs?: number;
}

export interface Backfill {
  readonly seconds: number;
  readonly invocations: number;
  readonly granted: number;
  readonly throttled: number;
  /** Of what Bedrock would have granted in that time: its rate, and the burst that it began with. */
  readonly share: number;
  readonly recorded: number;
}

/** How long Bedrock takes to answer a call, in ms. */
export const LATENCY_MS = 50;

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Sweeps an empty tracker's scope until all its jobs have a record, by as many invocations as that takes. */
export const backfill = async ({ limit, jobs, invocationMs }: BackfillCase): Promise<Backfill> => {
  const bedrock = await startBedrock(Date.now());
  await bedrock.growTo(jobs);
  const store = memoryJobStore();
  const sweep = createSweeper({ bedrockUrl: bedrock.url, jobs: store, sweeps: memorySweepStore() });
  await bedrock.setFaults({ latencyMs: LATENCY_MS, throttle: { ratePerSecond: limit, burst: limit } });
  const started = performance.now();
  let invocations = 0;
  for (let finished = false; !finished; invocations += 1) {
    const answers = await sweep('full', invocationMs);
    finished = answers.every((answer) => answer.finished);
  }
  const seconds = (performance.now() - started) / 1000;
  const { received, throttled } = await bedrock.counts();
  bedrock.close();
  const granted = sum(received) - sum(throttled);
  return {
    seconds,
    invocations,
    granted,
    throttled: sum(throttled) / sum(received),
    share: granted / (limit * seconds + limit),
    recorded: store.records.size,
  };
};
