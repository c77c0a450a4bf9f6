import { BedrockClient } from '@aws-sdk/client-bedrock';
import { startBedrockSimulator, type BedrockSimulator, type SimulatorOptions } from '../../../lib/simulator/index.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';
import { expectTruth } from './expectations.ts';
import { startTracker, type Tracker, type TrackerOptions } from './tracker.ts';

export interface SimulatedTrackerOptions extends TrackerOptions {
  readonly simulator?: SimulatorOptions;
  /** Whether the simulator's events reach the queue. @default true */
  readonly events?: boolean;
}

/** The tracker beside a simulated Bedrock whose clock only the test moves. */
export interface SimulatedTracker extends Tracker {
  readonly simulator: BedrockSimulator;
  readonly time: VirtualClock;
  /** Makes, stops and tags jobs: past the proxy, so that only the functions' calls are counted there. */
  readonly client: BedrockClient;
  /** Each job of the simulator has a record that equals it, and there are no others. */
  readonly expectEveryTruth: () => Promise<void>;
}

/** Real speed and no failures by chance: the test decides what happens and when. */
const STILL = { speed: 1, failureRate: 0 } as const;

export const startSimulatedTracker = async (options: SimulatedTrackerOptions = {}): Promise<SimulatedTracker> => {
  // Begins in the past, so that the lives of jobs do not run ahead of the functions' own clock.
  const time = new VirtualClock(Date.now() - 5 * DAY);

  const simulator = await startBedrockSimulator({ ...STILL, clock: time, ...options.simulator });
  const tracker = await startTracker(simulator.url, options);
  if (options.events !== false) simulator.onEvent(tracker.send);
  const client = new BedrockClient({ endpoint: simulator.url, maxAttempts: 1 });
  return {
    ...tracker,
    simulator,
    time,
    client,
    expectEveryTruth: async () => {
      const truths = [...simulator.jobs()];
      const records = new Map((await tracker.records()).map((record) => [record.job_arn, record]));
      for (const truth of truths) expectTruth(records.get(truth.job.jobArn), truth);
      if (records.size !== truths.length) throw new Error(`${records.size} records of ${truths.length} jobs`);
    },
    close: async () => {
      client.destroy();
      await simulator.close();
      await tracker.close();
    },
  };
};
