import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { transitionEntry } from '../../lib/runtime/transition-bus.ts';
import { type TransitionDetail, transitionDetail } from '../../lib/domain/transition-event.ts';
import { advance } from '../../lib/domain/advance.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { snapshotOf } from './fixtures.ts';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';

type SnapshotArguments = Parameters<typeof snapshotOf>;

/** The record that one look at a fixture leads to. */
export const newRecord = (...fixture: SnapshotArguments): JobRecord => {
  const decision = advance(undefined, snapshotOf(...fixture));
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

/** The published detail of the last transition of the job, or of a sub-task. */
export const detailOf = (record: JobRecord, task?: string): TransitionDetail => {
  const transition = record.transitions.filter((entry) => entry.task === task).at(-1);
  if (transition === undefined) throw new Error('the record has no such transition');
  return transitionDetail(record, transition);
};

/** The event that EventBridge delivers for an entry. */
export const delivered = ({ Source, DetailType, Resources, Detail }: PutEventsRequestEntry) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': DetailType ?? '',
  source: Source ?? '',
  account: '123456789012',
  time: '2026-08-09T21:23:11Z',
  region: 'us-east-1',
  resources: Resources ?? [],
  detail: JSON.parse(Detail ?? '') as Record<string, unknown>,
});

/** The event that a subscriber receives for a transition. */
export const eventOf = (detail: TransitionDetail) => delivered(transitionEntry('default', detail));

type Change = NonNullable<DynamoDBRecord['dynamodb']>;

/** A record as an image in the stream of the jobs table. */
export const image = (record: JobRecord): NonNullable<Change['NewImage']> =>
  // A document client adds this option to the object that it was given.
  marshall(record, { ...MARSHALL_OPTIONS, convertTopLevelContainer: false }) as NonNullable<Change['NewImage']>;

/** A record of the stream, for one write. */
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
