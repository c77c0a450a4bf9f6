import { alreadyMoving } from '../operator/redrive-errors.ts';
import type { DeadLetterQueue, Move } from '../operator/dead-letter-queue.ts';
import { TrackerError } from '../domain/errors.ts';

export interface RedriveOptions {
  /** Only count. */
  readonly dryRun?: boolean;
  /** As fast as SQS can without it. */
  readonly maxPerSecond?: number;
}

export interface RedriveDependencies {
  readonly wait: (ms: number) => Promise<unknown>;
  /** Is told of each look at the move while it runs. */
  readonly onProgress: (move: Move) => void;
}

export interface RedriveReport {
  readonly outcome: 'moved' | 'empty' | 'counted';
  readonly queueArn: string;
  /** Messages in the dead-letter queue before. Every count is approximate, as SQS's are. */
  readonly waiting: number;
  readonly moved: number;
  readonly left: number;
}

const POLL_MS = 2000;
/** A move that SQS does not list for this many looks is not looked for any longer. */
const PATIENCE = 30;

const isGoing = ({ status }: Move): boolean => status === 'RUNNING' || status === 'CANCELLING';

/** Looks at the move that was started after `since` until it has ended. */
const followed = async (queue: DeadLetterQueue, since: number, deps: RedriveDependencies): Promise<Move> => {
  for (let unlisted = 0; unlisted < PATIENCE;) {
    await deps.wait(POLL_MS);
    const move = await queue.latestMove();
    if (move === undefined || move.startedAt <= since) unlisted += 1;
    else if (isGoing(move)) deps.onProgress(move);
    else return move;
  }
  throw new TrackerError(
    'REDRIVE_FAILED',
    `The move was started, but SQS does not list it. Look for it: aws sqs list-message-move-tasks --source-arn ${queue.arn}`,
  );
};

/**
 * Moves what is in a dead-letter queue back to where it came from, and waits for the end.
 *
 * @throws TrackerError REDRIVE_FAILED where a move is running already or this one does not complete
 */
export const redrive = async (
  queue: DeadLetterQueue,
  { dryRun = false, maxPerSecond }: RedriveOptions,
  deps: RedriveDependencies,
): Promise<RedriveReport> => {
  const waiting = await queue.count();
  const report = { queueArn: queue.arn, waiting, moved: 0, left: waiting };
  if (dryRun) return { ...report, outcome: 'counted' };
  // Before the count is believed: a running move may have emptied the queue already.
  const before = await queue.latestMove();
  if (before && isGoing(before)) throw new TrackerError('REDRIVE_FAILED', alreadyMoving(queue.arn));
  if (waiting === 0) return { ...report, outcome: 'empty' };

  await queue.startMove(maxPerSecond);
  const { status, moved, failureReason } = await followed(queue, before?.startedAt ?? 0, deps);
  if (status !== 'COMPLETED') {
    throw new TrackerError(
      'REDRIVE_FAILED',
      `The move ended as ${status} with ${String(moved)} moved${failureReason === undefined ? '' : `: ${failureReason}`}. ` +
        'The others are still in the dead-letter queue: mend the reason and start again.',
    );
  }
  return { ...report, outcome: 'moved', moved, left: await queue.count() };
};
