import { randomUUID } from 'node:crypto';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** The functions' entries as the stack deploys them. Loaded late: they read the environment when they are loaded. */
export interface LambdaHandlers {
  readonly trackJob: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
  readonly reconcileJobs: (event: unknown, context: Context) => Promise<unknown>;
  readonly publishTransitions: (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;
  readonly notifyTransition: (event: unknown, context: Context) => Promise<unknown>;
}

/** The context of an invocation that has so many milliseconds. */
export const invocationContext = (functionName: string, timeoutMs: number): Context => {
  const end = Date.now() + timeoutMs;
  const context: Omit<Context, 'done' | 'fail' | 'succeed'> = {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  };
  // The type still asks for the callbacks that functions on Node.js 24 no longer get.
  return context as Context;
};

/**
 * Does the work at once, then again `everyMs` after each end, until the answer is called: it ends when the present round
 * has ended. The work must not reject.
 */
export const repeat = (everyMs: number, work: () => Promise<void>): (() => Promise<void>) => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round = Promise.resolve();
  const begin = () => {
    round = work().then(() => {
      if (!stopped) timer = setTimeout(begin, everyMs);
    });
  };
  begin();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
};
