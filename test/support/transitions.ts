import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { transitionEntry } from '../../lib/runtime/transition-bus.ts';
import {
  type AnyDetail,
  modelTransitionDetail,
  type ModelTransitionDetail,
  type TransitionDetail,
  transitionDetail,
} from '../../lib/domain/transition-event.ts';
import { advance } from '../../lib/domain/advance.ts';
import type { ModelRecord, ModelTransition } from '../../lib/domain/model-record.ts';
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

const ARN = 'arn:aws:bedrock:us-west-2:123456789012';
/** A throughput of the model that `newModel` makes, and a deployment. */
export const THROUGHPUT = `${ARN}:provisioned-model/p1r2o3v4i5s6`;
export const DEPLOYMENT = `${ARN}:custom-model-deployment/d1e2p3l4o5y6`;

const seen = { observed_at: '2026-11-20T03:10:00.000Z', via: 'sweep' } as const;
/** When the throughput became idle, as the daily measurement of its use found. */
export const BECAME_IDLE: ModelTransition = {
  resource: THROUGHPUT,
  task: 'use',
  from: null,
  to: 'Idle',
  at: '2026-11-20T03:10:00.000Z',
  ...seen,
};

/** A model with a deployment, and a throughput of two units that served nothing for 14 days. */
export const newModel = (change: Partial<ModelRecord> = {}): ModelRecord => ({
  _key: `${ARN}:custom-model/meta.llama3-3-70b-instruct-v1:0:128k/k3j8h5g2f7d4`,
  model_arn: `${ARN}:custom-model/meta.llama3-3-70b-instruct-v1:0:128k/k3j8h5g2f7d4`,
  model_id: 'k3j8h5g2f7d4',
  account_id: '123456789012',
  region: 'us-west-2',
  scope: '123456789012#us-west-2',
  model_name: 'support-triage-llama33-v3',
  job_arn: `${ARN}:model-customization-job/meta.llama3-3-70b-instruct-v1:0:128k/q7w2e9r4t1y6`,
  job_name: 'support-triage-ft-0142',
  base_model_arn: 'arn:aws:bedrock:us-west-2::foundation-model/meta.llama3-3-70b-instruct-v1:0:128k',
  customization_type: 'FINE_TUNING',
  hyper_parameters: { epochCount: '2' },
  training_data_config: { s3_uri: 's3://acme-ml-training-usw2/triage/train.jsonl' },
  creation_time: '2026-08-10T01:19:51.876Z',
  model_status: 'Active',
  status: 'Active',
  tags: { team: 'support' },
  deployments: [{ arn: DEPLOYMENT, name: 'triage-on-demand', status: 'Active', since: '2026-11-01T09:00:00.000Z' }],
  provisioned_throughputs: [
    {
      arn: THROUGHPUT,
      name: 'triage-peak',
      status: 'InService',
      since: '2026-10-01T10:09:00.000Z',
      creation_time: '2026-10-01T10:00:00.000Z',
      model_units: 2,
    },
  ],
  usage: { [THROUGHPUT]: { measured_at: '2026-11-20T03:10:00.000Z', unused_since: '2026-11-06T02:00:00.000Z' } },
  fetched_at: '2026-11-20T03:09:58.000Z',
  observed_via: 'sweep',
  transitions: [
    { from: null, to: 'Active', at: '2026-08-10T01:19:51.876Z', ...seen },
    { resource: THROUGHPUT, from: null, to: 'InService', at: '2026-10-01T10:09:00.000Z', ...seen },
    { resource: DEPLOYMENT, from: null, to: 'Active', at: '2026-11-01T09:00:00.000Z', ...seen },
    BECAME_IDLE,
  ],
  first_seen_at: '2026-11-20T03:09:58.000Z',
  revision: 4,
  serving_scope: '123456789012#us-west-2',
  ...change,
});

/** The published detail of a transition of a model. */
export const modelDetailOf = (record = newModel(), transition = BECAME_IDLE): ModelTransitionDetail =>
  modelTransitionDetail(record, transition);

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
export const eventOf = (detail: AnyDetail) => delivered(transitionEntry('default', detail));

type Change = NonNullable<DynamoDBRecord['dynamodb']>;

/** A record as an image in the stream of its table. */
export const image = (record: JobRecord | ModelRecord): NonNullable<Change['NewImage']> =>
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
export const writeOf = <R extends JobRecord | ModelRecord>(previous: R | undefined, record: R): DynamoDBRecord => {
  const Keys = 'model_arn' in record ? { model_arn: { S: record.model_arn } } : { job_arn: { S: record.job_arn } };
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
