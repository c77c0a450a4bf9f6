import type { SQSBatchResponse } from 'aws-lambda';
import { isTerminal, type JobRecord } from '../../../lib/domain/record.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Message } from '../../../lib/simulator/queue.ts';
import type { About } from '../world/world.ts';

export interface HandledBatch {
  readonly batch: readonly Message<About>[];
  readonly invocation: Invocation;
  readonly response: SQSBatchResponse;
  readonly recordOf: (jobArn: string) => JobRecord | undefined;
}

const modifiedAt = (answer: unknown): string => {
  const { lastModifiedTime } = answer as { readonly lastModifiedTime?: Date };
  return lastModifiedTime?.toISOString() ?? '';
};

/** What is wrong with a message that the function took as done: somebody must have looked, and the record must show it. */
const doneProblem = ({ invocation, recordOf }: HandledBatch, { about }: Message<About>): string | undefined => {
  const { jobArn, modelsIn, heartbeatOf } = about;
  // What a call about models leads to may be gone: the records are compared at the end.
  if (modelsIn !== undefined || heartbeatOf !== undefined) return undefined;
  if (jobArn === undefined) return 'a message that nobody can read is taken as done';
  const answers = invocation.answers.get(jobArn) ?? [];
  const gets = answers.filter(({ call }) => call.startsWith('Get '));
  if (gets.length === 0 || !answers.some(({ call }) => call.startsWith('ListTags '))) {
    return 'a message is taken as done, and nobody looked at its job';
  }
  const record = recordOf(jobArn);
  if (record === undefined) return 'a message is taken as done, and there is no record of its job';
  const seen = gets.map(({ answer }) => modifiedAt(answer)).sort();
  // By name and by ARN a job is looked at twice. What a look saw that failed is left to its own message, which goes back.
  const hasFailed = invocation.troubles.has(jobArn) || invocation.troubles.has('*');
  const shows = isTerminal(record) || (record.last_modified_time ?? '') >= (seen.at(hasFailed ? 0 : -1) ?? '');
  return shows ? undefined : 'a message is taken as done, and the record does not show what was seen';
};

/** What is wrong with a message that the function gave back: there must have been a reason. */
const failedProblem = ({ invocation }: HandledBatch, { about }: Message<About>): string | undefined => {
  const { jobArn, modelsIn, isMisnamed, heartbeatOf } = about;
  if (modelsIn !== undefined || heartbeatOf !== undefined)
    return invocation.troubles.size > 0
      ? undefined
      : 'a heartbeat or a message about a model fails though nothing went wrong';
  const isHopeless = jobArn === undefined || isMisnamed;
  if (isHopeless || invocation.troubles.has(jobArn) || invocation.troubles.has('*')) return undefined;
  return 'a message fails though nothing went wrong with its job';
};

/** What is wrong with what became of a batch. */
export const batchProblems = (handled: HandledBatch): string[] => {
  const failed = new Set(handled.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return handled.batch.flatMap(
    (message) =>
      (failed.has(message.messageId) ? failedProblem(handled, message) : doneProblem(handled, message)) ?? [],
  );
};
