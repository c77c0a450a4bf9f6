import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { TrackerError } from '../domain/errors.ts';
import { alreadyMoving } from '../operator/aws-errors.ts';

export interface RedriveOptions {
  /** Only count. */
  readonly dryRun?: boolean;
  /** As fast as SQS can without it. */
  readonly maxPerSecond?: number;
}

export interface RedriveDependencies {
  readonly wait: (ms: number) => Promise<unknown>;
  /** Called with the messages moved so far, while the move runs. */
  readonly onProgress: (moved: number) => void;
}

/** Every count is approximate, as SQS's are. */
export interface RedriveReport {
  readonly outcome: 'moved' | 'empty' | 'counted';
  readonly queueArn: string;
  /** Messages in the dead-letter queue before. */
  readonly waiting: number;
  readonly moved: number;
  readonly left: number;
}

const POLL_MS = 2000;
/** A move that SQS has not listed after this many requests is given up. */
const MOST_UNLISTED = 30;
const COUNT = 'ApproximateNumberOfMessages';

/** `arn:aws:sqs:us-east-1:111122223333:name` */
const ownerAndName = (arn: string) => {
  const [, , , , QueueOwnerAWSAccountId, QueueName] = arn.split(':');
  return { QueueOwnerAWSAccountId, QueueName };
};

/** Messages that wait. SQS counts within about a minute. */
const countMessages = async (sqs: SQSClient, arn: string): Promise<number> => {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand(ownerAndName(arn)));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [COUNT] }));
  return Number(Attributes?.[COUNT] ?? 0);
};

/** The latest move out of the queue, running or ended; undefined where there was none. */
const latestMove = async (sqs: SQSClient, SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> =>
  (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }))).Results?.[0];

const isRunning = ({ Status }: ListMessageMoveTasksResultEntry): boolean =>
  Status === 'RUNNING' || Status === 'CANCELLING';

/** Polls the move that was started after `since`, in ms since 1970, until it has ended. SQS drops the handle of a move that has. */
const followMove = async (
  sqs: SQSClient,
  arn: string,
  since: number,
  { wait, onProgress }: RedriveDependencies,
): Promise<ListMessageMoveTasksResultEntry> => {
  for (let unlisted = 0; unlisted < MOST_UNLISTED;) {
    await wait(POLL_MS);
    const move = await latestMove(sqs, arn);
    if (move === undefined || (move.StartedTimestamp ?? 0) <= since) unlisted += 1;
    else if (isRunning(move)) onProgress(move.ApproximateNumberOfMessagesMoved ?? 0);
    else return move;
  }
  throw new TrackerError(
    'REDRIVE_FAILED',
    `The move was started, but SQS does not list it. Look for it: aws sqs list-message-move-tasks --source-arn ${arn}`,
  );
};

/**
 * Moves the messages of a dead-letter queue back to the queue that each came from, and waits for the end.
 *
 * @throws TrackerError REDRIVE_FAILED where a move is already running or this one does not complete
 */
export const redrive = async (
  sqs: SQSClient,
  queueArn: string,
  { dryRun = false, maxPerSecond }: RedriveOptions,
  deps: RedriveDependencies,
): Promise<RedriveReport> => {
  const waiting = await countMessages(sqs, queueArn);
  const report = { queueArn, waiting, moved: 0, left: waiting };
  if (dryRun) return { ...report, outcome: 'counted' };
  // Before the count is believed: a running move may have emptied the queue already.
  const before = await latestMove(sqs, queueArn);
  if (before !== undefined && isRunning(before)) throw new TrackerError('REDRIVE_FAILED', alreadyMoving(queueArn));
  if (waiting === 0) return { ...report, outcome: 'empty' };

  await sqs.send(
    // Without a destination each message goes back to the queue that it came from.
    new StartMessageMoveTaskCommand({ SourceArn: queueArn, MaxNumberOfMessagesPerSecond: maxPerSecond }),
  );
  const move = await followMove(sqs, queueArn, before?.StartedTimestamp ?? 0, deps);
  const { Status = 'UNKNOWN', ApproximateNumberOfMessagesMoved: moved = 0, FailureReason } = move;
  if (Status !== 'COMPLETED') {
    throw new TrackerError(
      'REDRIVE_FAILED',
      `The move ended as ${Status} with ${String(moved)} moved${FailureReason === undefined ? '' : `: ${FailureReason}`}. ` +
        'The others are still in the dead-letter queue. Fix the reason, then run the command again.',
    );
  }
  return { ...report, outcome: 'moved', moved, left: await countMessages(sqs, queueArn) };
};
