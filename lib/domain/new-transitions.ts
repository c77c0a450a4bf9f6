import type { JobRecord, Transition } from './record.ts';

type WithTransitions = Pick<JobRecord, 'transitions'>;

/** A write inserts transitions, dates one of them earlier, or folds the oldest away: it never changes a status. */
const maySucceed = (before: Transition, after: Transition): boolean => before.to === after.to && after.at <= before.at;

/** The transitions of one chain that have no counterpart in the chain before the write. */
const newInChain = (before: readonly Transition[], after: readonly Transition[]): readonly Transition[] => {
  const isNew = new Set(after);
  let end = after.length;
  // From the latest, as what was folded away is missing at the other end.
  for (const known of before.toReversed()) {
    const place = after.slice(0, end).findLastIndex((transition) => maySucceed(known, transition));
    const counterpart = after[place];
    if (counterpart === undefined) continue;
    isNew.delete(counterpart);
    end = place;
  }
  return [...isNew];
};

/**
 * The transitions that a write added to a record, in the record's order: what `record` has and `previous` had not.
 * Over all writes of a record each transition is new exactly once, in whatever order the snapshots arrived. A transition
 * that was only dated earlier, or whose `from` became known, is not new.
 */
export const newTransitions = (previous: WithTransitions | undefined, record: WithTransitions): Transition[] => {
  const tasks = new Set(record.transitions.map(({ task }) => task));
  const chain = (transitions: readonly Transition[], task: Transition['task']) =>
    transitions.filter((transition) => transition.task === task);
  const added = new Set(
    [...tasks].flatMap((task) => newInChain(chain(previous?.transitions ?? [], task), chain(record.transitions, task))),
  );
  return record.transitions.filter((transition) => added.has(transition));
};
