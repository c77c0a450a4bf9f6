import type { ReconcileRequest } from '../contract.ts';
import { MINUTE } from '../domain/time.ts';
import type { BedrockSource } from './bedrock-source.ts';
import { invocationContext, sqsRecord, type LambdaHandlers } from './lambda.ts';
import type { LocalOptions } from './options.ts';
import { LocalQueue, type QueueDepths } from './queue.ts';
import { repeat } from './repeat.ts';

const TRACK_TIMEOUT_MS = MINUTE;
const SWEEP_TIMEOUT_MS = 30_000;
const MAX_RECEIVE_COUNT = 5;
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
  const queue = new LocalQueue({
    maxReceiveCount: MAX_RECEIVE_COUNT,
    retryAfterMs: RETRY_AFTER_MS,
    handle: async (batch) => {
      const context = invocationContext('track-job', TRACK_TIMEOUT_MS);
      const { batchItemFailures } = await trackJob({ Records: batch.map(sqsRecord) }, context);
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    },
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
