import type { ReconcileRequest } from '../contract.ts';
import { MINUTE } from '../domain/time.ts';
import type { BedrockSource } from './bedrock-source.ts';
import { systemClock } from '../simulator/clock.ts';
import { SimulatedQueue, type QueueDepths } from '../simulator/queue.ts';
import { invocationContext, type LambdaHandlers } from './lambda.ts';
import type { LocalOptions } from './options.ts';
import { repeat } from './repeat.ts';

const TRACK_TIMEOUT_MS = MINUTE;
const SWEEP_TIMEOUT_MS = 30_000;
const MAX_RECEIVE_COUNT = 5;
/** The functions' bounded concurrency. */
const MAX_CONCURRENCY = 5;
/** Events of one moment come together, as they do in a batch of SQS. */
const POLL_MS = 10;
const RETRY_AFTER_MS = 2_000;

/** The functions at work. */
export interface Tracker {
  readonly queueDepths: () => QueueDepths;
  /** Ends when what is in flight has ended. */
  readonly stop: () => Promise<void>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the rules, the queue and the schedules do on AWS: hands events to track-job, and starts sweeps. */
export const startTracker = (
  options: LocalOptions,
  source: BedrockSource,
  { trackJob, reconcileJobs }: LambdaHandlers,
  print: (line: string) => void,
): Tracker => {
  const queue = new SimulatedQueue({
    clock: systemClock,
    maxConcurrency: MAX_CONCURRENCY,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    pollMs: POLL_MS,
    retryAfterMs: RETRY_AFTER_MS,
    invoke: (event) => trackJob(event, invocationContext('track-job', TRACK_TIMEOUT_MS)),
  });
  source.onEvent((event) => {
    queue.send(JSON.stringify(event));
  });
  const sweepEvery = (seconds: number, request: ReconcileRequest) =>
    repeat(seconds * 1000, async () => {
      try {
        await reconcileJobs(request, invocationContext('reconcile-jobs', SWEEP_TIMEOUT_MS));
      } catch (error) {
        print(`The ${request.sweep} sweep failed: ${messageOf(error)}`);
      }
    });
  const active = sweepEvery(options.activeSweepEvery, { sweep: 'active' });
  const full = sweepEvery(options.fullSweepEvery, { sweep: 'full' });
  return {
    queueDepths: () => queue.depths(),
    stop: async () => {
      await Promise.all([active.stop(), full.stop(), queue.close()]);
    },
  };
};
