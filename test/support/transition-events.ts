import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { transitionEntry } from '../../lib/adapters/transition-bus.ts';
import { advance } from '../../lib/domain/advance.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { transitionDetail, type TransitionDetail } from '../../lib/domain/transition-event.ts';
import { snapshotOf } from './fixtures.ts';

type SnapshotArguments = Parameters<typeof snapshotOf>;

/** The record that one look at a fixture leads to. */
export const newRecord = (...fixture: SnapshotArguments): JobRecord => {
  const decision = advance(undefined, snapshotOf(...fixture));
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

/** What is published about the job's own last transition, or a sub-task's, with some of the record changed. */
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

/** The event that a subscriber gets of a transition. */
export const eventOf = (detail: TransitionDetail) => delivered(transitionEntry('default', detail));
