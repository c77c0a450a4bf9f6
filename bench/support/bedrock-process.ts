/** The simulator in a process of its own, so that neither its time nor its memory is counted as the tracker's. */
import { startBedrockSimulator } from '../../lib/simulator/index.ts';
import { historyJobs } from './history.ts';

/** Puts the jobs of a history in, from one age to another. */
export interface LoadRequest {
  readonly from: number;
  readonly count: number;
  readonly until: number;
}

/** The simulator makes an array of what it is given. */
const BATCH = 50_000;

const simulator = await startBedrockSimulator({ speed: 1, failureRate: 0 });
process.on('message', ({ from, count, until }: LoadRequest) => {
  for (let next = from; next < count; next += BATCH) {
    simulator.load(historyJobs(Math.min(count, next + BATCH), { until }, next));
  }
  process.send?.({ loaded: count });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: simulator.url });
