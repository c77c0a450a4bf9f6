import { newTransitions } from '../domain/transitions.ts';
import {
  type AnyDetail,
  type EventRecord,
  type ModelEventRecord,
  modelTransitionDetail,
  transitionDetail,
} from '../domain/transition-event.ts';

export type AnyRecord = EventRecord | ModelEventRecord;

export interface TransitionBus {
  /**
   * One outcome for each transition, in order: undefined, or why it was not published. A published transition counts as
   * failed if the answer is lost: subscribers drop duplicates by `transition_id`.
   */
  publish(details: readonly AnyDetail[]): Promise<readonly (Error | undefined)[]>;
}

/** One write of a table: the record before it (absent if new) and after it (absent if removed). */
export interface RecordWrite {
  readonly previous?: AnyRecord | undefined;
  readonly record?: AnyRecord | undefined;
}

export interface PublishedWrite {
  readonly published: readonly AnyDetail[];
  /** The first error. The write has to be published again. */
  readonly error?: Error;
}

const detailsOf = ({ previous, record }: RecordWrite, redact: boolean): AnyDetail[] => {
  if (record === undefined) return [];
  return newTransitions(previous, record).map((transition) =>
    'model_id' in record
      ? modelTransitionDetail(record, transition, redact)
      : transitionDetail(record, transition, redact),
  );
};

/** Publishes one event for each transition that the writes added, and returns one result for each write. */
export const publishTransitions = async (
  bus: TransitionBus,
  writes: readonly RecordWrite[],
  redact = false,
): Promise<readonly PublishedWrite[]> => {
  const details = writes.map((write) => detailsOf(write, redact));
  const all = details.flat();
  const outcomes = all.length === 0 ? [] : await bus.publish(all);
  const errors = new Map(all.map((detail, position) => [detail, outcomes[position]]));
  return details.map((ofWrite) => {
    const error = ofWrite.map((detail) => errors.get(detail)).find((outcome) => outcome !== undefined);
    return {
      published: ofWrite.filter((detail) => errors.get(detail) === undefined),
      ...(error === undefined ? {} : { error }),
    };
  });
};
