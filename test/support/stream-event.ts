import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import type { JobRecord } from '../../lib/domain/record.ts';

type Change = NonNullable<DynamoDBRecord['dynamodb']>;

/** A record as the stream of the jobs table shows it. */
export const image = (record: JobRecord): NonNullable<Change['NewImage']> =>
  // A document client adds this option to the object that it was given.
  marshall(record, { ...MARSHALL_OPTIONS, convertTopLevelContainer: false }) as NonNullable<Change['NewImage']>;

/** A record of the stream: what a write changed. */
export const streamRecord = (eventName: DynamoDBRecord['eventName'], change: Change): DynamoDBRecord => ({
  eventID: '1',
  ...(eventName === undefined ? {} : { eventName }),
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:123456789012:table/jobs/stream/2026-01-01T00:00:00.000',
  dynamodb: { StreamViewType: 'NEW_AND_OLD_IMAGES', ...change },
});

/** The write that brought a record from one state to the next. */
export const writeOf = (previous: JobRecord | undefined, record: JobRecord): DynamoDBRecord => {
  const Keys = { job_arn: { S: record.job_arn } };
  return previous === undefined
    ? streamRecord('INSERT', { Keys, NewImage: image(record) })
    : streamRecord('MODIFY', { Keys, OldImage: image(previous), NewImage: image(record) });
};

/** A batch of the stream. Sequence numbers are s0, s1 and so on. */
export const streamEvent = (...records: readonly DynamoDBRecord[]): DynamoDBStreamEvent => ({
  Records: records.map((record, position) => ({
    ...record,
    dynamodb: { ...record.dynamodb, SequenceNumber: `s${position}` },
  })),
});
