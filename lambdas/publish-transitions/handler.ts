import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { errorFields, type Log } from '../../lib/runtime/log.ts';
import { publishTransitions, type RecordWrite, type TransitionBus } from '../../lib/tracking/publish-transitions.ts';
import { parseStreamRecord } from './parse-stream-record.ts';

export interface PublishHandlerDependencies {
  readonly bus: TransitionBus;
  readonly redactFailureMessages?: boolean;
  readonly log: Log;
  /** Called with the number of published events. */
  readonly count: (published: number) => void;
}

type Parsed = { readonly write: RecordWrite } | { readonly error: Error };

const parse = (record: DynamoDBRecord): Parsed => {
  try {
    return { write: parseStreamRecord(record) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error('The record could not be read.', { cause: error }) };
  }
};

/** The error of each record, or undefined. */
const publish = async (
  { bus, redactFailureMessages, log, count }: PublishHandlerDependencies,
  records: readonly DynamoDBRecord[],
): Promise<ReadonlyMap<DynamoDBRecord, Error | undefined>> => {
  const parsed = records.map((record) => ({ record, ...parse(record) }));
  const readable = parsed.flatMap((entry) => ('write' in entry ? [entry] : []));
  const results = await publishTransitions(
    bus,
    readable.map(({ write }) => write),
    redactFailureMessages,
  );
  const published = results.flatMap((result) => result.published);
  count(published.length);
  for (const { job_arn, task, to, via } of published) log.info('transition published', { job_arn, task, to, via });
  return new Map([
    ...parsed.map((entry): [DynamoDBRecord, Error | undefined] => [
      entry.record,
      'error' in entry ? entry.error : undefined,
    ]),
    ...readable.map(({ record }, position): [DynamoDBRecord, Error | undefined] => [record, results[position]?.error]),
  ]);
};

/**
 * Publishes the transitions of a batch of the jobs table's stream together. An unreadable record, or one with a refused
 * transition, fails alone. Lambda then delivers it and all later records again, so those may be published twice.
 */
export const makeHandler =
  (deps: PublishHandlerDependencies) =>
  async (event: DynamoDBStreamEvent, context: Context): Promise<PartialItemFailureResponse> => {
    const errors = await publish(deps, event.Records);
    return processPartialResponse(
      event,
      (record: DynamoDBRecord) => {
        const error = errors.get(record);
        if (error === undefined) return Promise.resolve();
        deps.log.error('transitions not published', {
          sequence_number: record.dynamodb?.SequenceNumber,
          job_arn: record.dynamodb?.Keys?.['job_arn']?.S,
          ...errorFields(error),
        });
        return Promise.reject(error);
      },
      new BatchProcessor(EventType.DynamoDBStreams),
      // A batch in which every record fails is not an error of the function: it is delivered again, as always.
      { context, throwOnFullBatchFailure: false },
    );
  };
