/** The queue of job events and its dead letters. */
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { OUTPUT } from '../../../lib/contract.ts';
import { eventually, output, queues } from './aws.ts';

export const jobEvents = output(OUTPUT.jobEventsQueueUrl);
export const deadLetters = output(OUTPUT.jobEventsDeadLetterQueueUrl);

export const attributesOf = async (queue: string): Promise<Readonly<Record<string, string>>> => {
  const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }));
  return Attributes ?? {};
};

/** Messages that wait or are being worked on. */
export const depthOf = async (queue: string): Promise<number> => {
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = await attributesOf(queue);
  return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
};

/** Waits until no event is on its way any more. */
export const allTracked = (): Promise<true> =>
  eventually('an empty queue of job events', async () => ((await depthOf(jobEvents)) === 0 ? true : undefined));

/** Puts a message into the queue past EventBridge. */
export const send = (body: string) => queues.send(new SendMessageCommand({ QueueUrl: jobEvents, MessageBody: body }));

/** How long a message that failed waits for its next try. */
export const setPatience = (seconds: number) =>
  queues.send(
    new SetQueueAttributesCommand({ QueueUrl: jobEvents, Attributes: { VisibilityTimeout: seconds.toString() } }),
  );

/** Takes this many messages out of a queue. */
export const take = async (queue: string, count: number, seconds: number): Promise<string[]> => {
  const bodies: string[] = [];
  return eventually(
    `${count} messages in ${queue}`,
    async () => {
      const { Messages = [] } = await queues.send(
        new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        await queues.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
        bodies.push(Body);
      }
      if (bodies.length < count) throw new Error(`there were ${bodies.length}`);
      return bodies;
    },
    seconds,
  );
};

/**
 * Moves a dead letter back to where it came from. SQS does that by StartMessageMoveTask, as the console and the runbook
 * do; MiniStack has no such call, so that this takes and sends it.
 */
export const redrive = async (): Promise<void> => {
  const [letter = ''] = await take(deadLetters, 1, 20);
  await send(letter);
};
