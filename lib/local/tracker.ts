import type { ReconcileRequest } from '../contract.ts';
import { MINUTE } from '../domain/time.ts';
import type { BedrockSource } from './bedrock-source.ts';
import { systemClock } from '../simulator/clock.ts';
import { type QueueDepths, SimulatedQueue } from '../simulator/queue.ts';
import { invocationContext, type LambdaHandlers, repeat } from './lambda.ts';
import { type LocalOptions, periodsOf } from './options.ts';
import type { LocalDependencies } from './run.ts';
import {
  isModelTransitionEvent,
  isTransitionEvent,
  type ModelTransitionEvent,
  type TransitionEvent,
} from '../client/transition-event.ts';
import { isFoundAgain, isTerminal } from '../domain/record.ts';
import type { Messaging } from '../simulator/index.ts';
import { TableStream } from '../simulator/stream.ts';
import type { LoggedWrite, WriteLog } from './embedded-dynamodb.ts';

// As the stack has them: lib/infra/publish-transitions.ts and notifications.ts.
const PUBLISH_TIMEOUT_MS = 60_000;
const NOTIFY_TIMEOUT_MS = 30_000;
const BATCH_SIZE = 100;
const RETRY_ATTEMPTS = 10;
/** Lambda's retries of a failed asynchronous invocation are 2. */
const NOTIFY_ATTEMPTS = 3;
/** Lambda waits for a minute; here a person waits. */
const NOTIFY_RETRY_AFTER_MS = 2_000;

const clockTime = (): string => new Date().toISOString().slice(11, 19);

type AnyEvent = TransitionEvent | ModelTransitionEvent;

/** The rules of the stack: a job's own end, not what the first sweep of a scope finds; and what serves without use. */
const isToldByMail = ({ detail }: AnyEvent): boolean =>
  'model_arn' in detail
    ? detail.task === 'use' && detail.to === 'Idle'
    : detail.task === undefined && detail.via !== 'backfill' && isTerminal({ status: detail.to });

/** Of a job, of a model, or of what serves one. */
const nameOf = ({ detail }: AnyEvent): string =>
  'model_arn' in detail
    ? (detail.resource_name ?? detail.resource ?? detail.model_name ?? detail.model_arn)
    : (detail.job_name ?? detail.job_arn);

const lineOf = (event: AnyEvent): string => {
  const { from, to, failure_message: failure } = event.detail;
  const isAgain = 'job_name' in event.detail && isFoundAgain(event.detail);
  const kind = 'kind' in event.detail ? `${event.detail.kind} ` : '';
  const change = isAgain ? `found again, ${to}` : `${kind}${from ?? 'new'} → ${to}`;
  return [clockTime(), nameOf(event).padEnd(28), change, ...(failure === undefined ? [] : [`– ${failure}`])].join('  ');
};

/** The way of a transition from the table's stream over the bus into a mail. */
interface Transitions {
  /** Ends when what is in flight is published and told. What the stream still holds is published by the next run. */
  readonly stop: () => Promise<void>;
}

/**
 * What the streams, the bus, the rules and the topic do on AWS: publish-transitions runs on the writes of both tables,
 * notify-transition on the events of jobs that ended and of what serves without use. Prints what is published.
 */
export const startTransitions = (
  logs: readonly WriteLog[],
  messaging: Messaging,
  { publishTransitions, notifyTransition }: Pick<LambdaHandlers, 'publishTransitions' | 'notifyTransition'>,
  { print, printChange = print }: Pick<LocalDependencies, 'print' | 'printChange'>,
): Transitions => {
  const notifications = new SimulatedQueue<AnyEvent>({
    clock: systemClock,
    batchSize: 1,
    maxConcurrency: 1,
    maxReceiveCount: NOTIFY_ATTEMPTS,
    pollMs: 0,
    retryAfterMs: NOTIFY_RETRY_AFTER_MS,
    invoke: async (_, [message]) => {
      await notifyTransition(message?.about, invocationContext('notify-transition', NOTIFY_TIMEOUT_MS));
      return { batchItemFailures: [] };
    },
    onDead: () => print(`${clockTime()}  A mail could not be sent after ${NOTIFY_ATTEMPTS} attempts.`),
  });
  messaging.onEvent((event) => {
    if (!isTransitionEvent(event) && !isModelTransitionEvent(event)) return;
    const transition = event as unknown as AnyEvent;
    const { task = 'use', via } = transition.detail;
    if (task === 'use' && via !== 'backfill') printChange(lineOf(transition));
    if (isToldByMail(transition)) notifications.send('', transition);
  });
  messaging.onMail(({ subject }) => print(`${clockTime()}  Mail: ${subject}`));

  const forgetting = new Set<Promise<void>>();
  // A write is kept until its mails are out: what is killed before that publishes it again, under the same id.
  const forget = (log: WriteLog, writes: readonly LoggedWrite[]): void => {
    const done = notifications
      .idle()
      .then(() => log.forget(writes))
      .finally(() => forgetting.delete(done));
    forgetting.add(done);
  };
  const streams = logs.map((log) => {
    const stream = new TableStream<LoggedWrite>({
      clock: systemClock,
      batchSize: BATCH_SIZE,
      retryAttempts: RETRY_ATTEMPTS,
      invoke: (event) => publishTransitions(event, invocationContext('publish-transitions', PUBLISH_TIMEOUT_MS)),
      onDone: (writes, outcome) => {
        if (outcome === 'given up') print(`${clockTime()}  ${writes.length} writes could not be published.`);
        forget(log, writes);
      },
    });
    log.follow((write) => stream.add(write));
    return stream;
  });
  return {
    stop: async () => {
      await Promise.all(streams.map((stream) => stream.stop()));
      await Promise.all(forgetting);
      await notifications.close();
    },
  };
};

const TRACK_TIMEOUT_MS = MINUTE;
const SWEEP_TIMEOUT_MS = 30_000;
const MAX_RECEIVE_COUNT = 5;
/** The functions' bounded concurrency. */
const MAX_CONCURRENCY = 5;
/** Events of one moment come together, as they do in a batch of SQS. */
const POLL_MS = 10;
const RETRY_AFTER_MS = 2_000;

/** The functions at work. */
interface Tracker {
  readonly queueDepths: () => QueueDepths;
  /** Ends when what is in flight has ended. */
  readonly stop: () => Promise<void>;
}

/** A failure that comes again after this time is told again. */
const QUIET_MS = 5 * MINUTE;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the rules, the queue and the schedule do on AWS: hands events to track-job, and starts the sweeps that are due. */
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
  /** When each failure was met last: one that goes on is told once. */
  const met = new Map<string, number>();
  const tell = (failure: string): void => {
    if (Date.now() - (met.get(failure) ?? 0) > QUIET_MS) print(`A sweep failed: ${failure}`);
    met.set(failure, Date.now());
  };
  const sweepEvery = (ms: number, sweep: ReconcileRequest['sweep']) =>
    repeat(ms, async () => {
      try {
        await reconcileJobs({ sweep }, invocationContext('reconcile-jobs', SWEEP_TIMEOUT_MS));
      } catch (error) {
        const [summary = '', ...causes] = messageOf(error).split(' | ');
        for (const failure of causes.length > 0 ? causes : [summary]) tell(failure);
      }
    });
  const periods = periodsOf(options);
  const sweeps = [
    sweepEvery(periods.active, 'due'),
    // What is due more often than scopes are looked at is asked for by itself.
    ...(['full', 'models', 'usage'] as const).flatMap((sweep) =>
      periods[sweep] < periods.active ? sweepEvery(periods[sweep], sweep) : [],
    ),
  ];
  return {
    queueDepths: () => queue.depths(),
    stop: async () => {
      await Promise.all([...sweeps.map((stop) => stop()), queue.close()]);
    },
  };
};
