import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { logFieldsOf } from '../../lib/domain/transition-event.ts';
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

const parse = (record: DynamoDBRecord): RecordWrite | Error => {
  try {
    return parseStreamRecord(record);
  } catch (error) {
    return error instanceof Error ? error : new Error('The record could not be read.', { cause: error });
  }
};

/**
 * Publishes the transitions of a batch of a table's stream together. An unreadable record, or one with a refused
 * transition, fails alone. Lambda then delivers it and all later records again, so those may be published twice.
 */
export const makeHandler =
  ({ bus, redactFailureMessages, log, count }: PublishHandlerDependencies) =>
  async ({ Records }: DynamoDBStreamEvent): Promise<PartialItemFailureResponse> => {
    const parsed = Records.map(parse);
    const writes = parsed.map((write) => (write instanceof Error ? {} : write));
    const results = await publishTransitions(bus, writes, redactFailureMessages);
    const published = results.flatMap((result) => result.published);
    count(published.length);
    for (const detail of published) log.info('transition published', logFieldsOf(detail));

    const batchItemFailures = Records.flatMap(({ dynamodb }, position) => {
      const { SequenceNumber, Keys } = dynamodb ?? {};
      const [write, result] = [parsed[position], results[position]];
      const error = write instanceof Error ? write : result?.error;
      if (error === undefined) return [];
      const key = Object.fromEntries(Object.entries(Keys ?? {}).map(([name, { S }]) => [name, S]));
      log.error('transitions not published', { sequence_number: SequenceNumber, ...key, ...errorFields(error) });
      // Without an identifier Lambda delivers the whole batch again.
      return [{ itemIdentifier: SequenceNumber ?? '' }];
    });
    return { batchItemFailures };
  };
