import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { TrackerError } from '../domain/errors.ts';
import { redriveError, type Asked } from './redrive-errors.ts';

/** A move of messages out of a dead-letter queue, as SQS reports it. Its counts are approximate. */
export interface Move {
  /** RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED; open, as AWS may add some. */
  readonly status: string;
  readonly moved: number;
  /** Milliseconds since 1970. Tells one move from another: SQS drops the handle of a move that has ended. */
  readonly startedAt: number;
  readonly failureReason?: string;
}

/** What redriving needs of a queue. Every method throws REDRIVE_FAILED or NO_CREDENTIALS where AWS refuses. */
export interface DeadLetterQueue {
  readonly arn: string;
  /** Messages that wait. Approximate: SQS counts within about a minute. */
  readonly count: () => Promise<number>;
  /** The latest move out of this queue, running or ended; undefined where there was none. */
  readonly latestMove: () => Promise<Move | undefined>;
  /** Starts to move every message to the queue it came from. SQS goes on by itself. */
  readonly startMove: (maxPerSecond?: number) => Promise<void>;
}

const translated = async <T>(asked: Asked, send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    throw error instanceof Error ? await redriveError(error, asked) : error;
  }
};

/** The value of the parameter that the stack writes. One request. */
export const deadLetterQueueArn = (client: SSMClient, parameter: string): Promise<string> =>
  translated({ what: parameter, region: client.config.region }, async () => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }));
    if (Parameter?.Value !== undefined) return Parameter.Value;
    throw new TrackerError('REDRIVE_FAILED', `The SSM parameter ${parameter} has no value. Deploy the tracker again.`);
  });

/** arn:aws:sqs:us-east-1:111122223333:name */
const ownerAndName = (arn: string): { QueueOwnerAWSAccountId?: string; QueueName?: string } => {
  const [, , , , QueueOwnerAWSAccountId, QueueName] = arn.split(':');
  return { ...(QueueOwnerAWSAccountId && { QueueOwnerAWSAccountId }), ...(QueueName && { QueueName }) };
};

/** Approximate counts come as text. */
const COUNT = 'ApproximateNumberOfMessages';

const moveOf = (entry: ListMessageMoveTasksResultEntry): Move => ({
  status: entry.Status ?? 'UNKNOWN',
  moved: entry.ApproximateNumberOfMessagesMoved ?? 0,
  startedAt: entry.StartedTimestamp ?? 0,
  ...(entry.FailureReason !== undefined && { failureReason: entry.FailureReason }),
});

/** A dead-letter queue on SQS. */
export const sqsDeadLetterQueue = (client: SQSClient, arn: string): DeadLetterQueue => {
  const asked: Asked = { what: arn, region: client.config.region };
  return {
    arn,
    count: () =>
      translated(asked, async () => {
        const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: undefined, ...ownerAndName(arn) }));
        const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [COUNT] }));
        return Number(Attributes?.[COUNT] ?? 0);
      }),
    latestMove: () =>
      translated(asked, async () => {
        // One result is the most recent one.
        const { Results } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 }));
        const [latest] = Results ?? [];
        return latest && moveOf(latest);
      }),
    startMove: (maxPerSecond) =>
      translated(asked, async () => {
        await client.send(
          new StartMessageMoveTaskCommand({
            SourceArn: arn,
            // No DestinationArn: back to the queue that each message came from.
            ...(maxPerSecond !== undefined && { MaxNumberOfMessagesPerSecond: maxPerSecond }),
          }),
        );
      }),
  };
};
