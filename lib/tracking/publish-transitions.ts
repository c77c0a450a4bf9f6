import { newTransitions } from '../domain/transitions.ts';
import type { Transition } from '../domain/record.ts';
import { transitionDetail, type EventRecord, type TransitionDetail } from '../domain/transition-event.ts';

/** Where transitions are published. */
export interface TransitionBus {
  /**
   * One outcome for each transition, in their order: undefined where it was published, else why it was not. Rejects for
   * nothing that concerns single transitions. A transition may be published and still be told as failed, when the answer
   * was lost: subscribers drop repetitions by `transition_id`.
   */
  publish(details: readonly TransitionDetail[]): Promise<readonly (Error | undefined)[]>;
}

/** One write of the jobs table: the record before it, absent for a new one, and after it, absent for a removed one. */
export interface RecordWrite {
  readonly previous: EventRecord | undefined;
  readonly record: EventRecord | undefined;
}

/** What became of the transitions of one write. */
export interface PublishedWrite {
  readonly published: readonly TransitionDetail[];
  /** Why a transition of the write could not be published, the first of them. The write has to be published again. */
  readonly error?: Error;
}

const detailsOf = ({ previous, record }: RecordWrite, redact: boolean): TransitionDetail[] =>
  record === undefined
    ? []
    : newTransitions(previous, record).map((transition: Transition) => transitionDetail(record, transition, redact));

/**
 * Publishes one event for each transition that writes added, all writes together, and tells what became of each write.
 *
 * @param redact whether failure messages stay out of the events
 */
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
