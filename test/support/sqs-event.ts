import type { Context, SQSEvent } from 'aws-lambda';
import { invocationContext } from '../../lib/local/lambda.ts';
import { sqsRecord } from '../../lib/simulator/queue.ts';

/** A batch of the queue, one message a body. Message ids are m0, m1 and so on. */
export const sqsEvent = (...bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map((body, position) =>
    sqsRecord({
      messageId: `m${position}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      receiveCount: 1,
    }),
  ),
});

/** The context of an invocation that has a time left. */
export const lambdaContext = (remainingMs = 60_000): Context => invocationContext('function', remainingMs);
