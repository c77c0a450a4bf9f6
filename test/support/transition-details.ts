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
