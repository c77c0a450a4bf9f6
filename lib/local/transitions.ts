import { isTransitionEvent, type TransitionEvent } from '../client/transition-event.ts';
import { isTerminal } from '../domain/record.ts';
import type { Messaging } from '../simulator/index.ts';
import { systemClock } from '../simulator/clock.ts';
import { SimulatedQueue } from '../simulator/queue.ts';
import { TableStream } from '../simulator/stream.ts';
import { invocationContext, type LambdaHandlers } from './lambda.ts';
import type { LoggedWrite, WriteLog } from './write-log.ts';

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

/** The default rule of the stack: the job's own end, and not what the first sweep of a scope finds. */
const isToldByMail = ({ detail }: TransitionEvent): boolean =>
  detail.task === undefined && detail.via !== 'backfill' && isTerminal({ status: detail.to });

const lineOf = ({ detail }: TransitionEvent): string =>
  [
    clockTime(),
    (detail.job_name ?? detail.job_arn).padEnd(28),
    `${detail.from ?? 'new'} → ${detail.to}`,
    ...(detail.failure_message === undefined ? [] : [`– ${detail.failure_message}`]),
  ].join('  ');

/** The way of a transition from the table's stream over the bus into a mail. */
export interface Transitions {
  /** Ends when what is in flight is published and told. What the stream still holds is published by the next run. */
  readonly stop: () => Promise<void>;
}

/**
 * What the stream, the bus, the rule and the topic do on AWS: publish-transitions runs on the writes of the jobs table,
 * notify-transition on the events of jobs that ended. Prints each transition of a job that is published.
 */
export const startTransitions = (
  log: WriteLog,
  messaging: Messaging,
  { publishTransitions, notifyTransition }: Pick<LambdaHandlers, 'publishTransitions' | 'notifyTransition'>,
  print: (line: string) => void,
): Transitions => {
  const notifications = new SimulatedQueue<TransitionEvent>({
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
    if (!isTransitionEvent(event)) return;
    const transition = event as unknown as TransitionEvent;
    const { task, via } = transition.detail;
    if (task === undefined && via !== 'backfill') print(lineOf(transition));
    if (isToldByMail(transition)) notifications.send('', transition);
  });
  messaging.onMail(({ subject }) => print(`${clockTime()}  Mail: ${subject}`));

  const forgetting = new Set<Promise<void>>();
  // A write is kept until its mails are out: what is killed before that publishes it again, under the same id.
  const forget = (writes: readonly LoggedWrite[]): void => {
    const done = notifications
      .idle()
      .then(() => log.forget(writes))
      .finally(() => forgetting.delete(done));
    forgetting.add(done);
  };
  const stream = new TableStream<LoggedWrite>({
    clock: systemClock,
    batchSize: BATCH_SIZE,
    retryAttempts: RETRY_ATTEMPTS,
    invoke: (event) => publishTransitions(event, invocationContext('publish-transitions', PUBLISH_TIMEOUT_MS)),
    onDone: (writes, outcome) => {
      if (outcome === 'given up') print(`${clockTime()}  ${writes.length} writes could not be published.`);
      forget(writes);
    },
  });
  log.follow((write) => stream.add(write));
  return {
    stop: async () => {
      await stream.stop();
      await Promise.all(forgetting);
      await notifications.close();
    },
  };
};
