import { expect } from '@jest/globals';
import type { JobRecord, Transition } from '../../../lib/domain/record.ts';
import type { Truth } from '../../../lib/simulator/index.ts';
import { bedrockFields, ENDED, truthAsFields } from './truth.ts';

const chainOf = (transitions: readonly Transition[], task: Transition['task']): readonly Transition[] =>
  transitions.filter((transition) => transition.task === task);

/** The history is one of statuses that followed each other: none twice, each from the one before, the last the present. */
export const expectSoundTransitions = (record: JobRecord): void => {
  for (const task of [undefined, 'validation', 'data_processing', 'training'] as const) {
    const chain = chainOf(record.transitions, task);
    const statuses = chain.map(({ to }) => to);
    expect({ task, statuses, repeated: new Set(statuses).size < statuses.length }).toMatchObject({ repeated: false });
    expect(chain.map(({ from }) => from)).toEqual([null, ...statuses.slice(0, -1)].slice(0, chain.length));
  }
  expect(chainOf(record.transitions, undefined).at(-1)?.to).toBe(record.status);
};

/** The record is what Bedrock would answer now, field by field, with a sound history and the right indexes. */
export const expectTruth = (record: JobRecord | undefined, truth: Truth | undefined): void => {
  if (truth === undefined) throw new Error('The simulator does not know this job.');
  if (record === undefined) throw new Error(`There is no record of ${truth.job.jobArn}.`);
  expect(bedrockFields(record)).toEqual(truthAsFields(truth));
  expectSoundTransitions(record);
  expect(record.missing_since).toBeUndefined();
  expect(record.untracked_since).toBeUndefined();
  expect(record.active_scope).toBe(ENDED.includes(record.status ?? '') ? undefined : record.scope);
};

/** Transitions of the job itself as `from > to`. */
export const ownTransitions = (record: JobRecord | undefined): string[] =>
  (record?.transitions ?? []).filter(({ task }) => task === undefined).map(({ from, to }) => `${from} > ${to}`);
