import { afterEach, expect, jest } from '@jest/globals';
import type { JobRecord, Transition } from '../../../lib/domain/record.ts';
import type { Truth } from '../../../lib/simulator/index.ts';
import { bedrockFields, ENDED, truthAsFields } from './truth.ts';

const PAUSE_MS = 5;
const DEFAULT_LIMIT_MS = 10_000;

/**
 * Tries until `look` no longer throws, and gives what it gave. After the limit (in ms) it throws what `look` threw
 * last: the assertion that never held.
 */
export const eventually = async <T>(look: () => Promise<T> | T, limitMs = DEFAULT_LIMIT_MS): Promise<T> => {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};

type Closable = { readonly close: () => Promise<void> };

/** Nothing is timed: a test ends when its condition holds, and a busy machine may take long to get there. */
const TIME_LIMIT_MS = 60_000;

/** Closes what a test opened when it ends. Call once at the top of a file. */
export const closeAfterEach = (): (<T extends Closable>(opening: Promise<T>) => Promise<T>) => {
  jest.setTimeout(TIME_LIMIT_MS);
  const opened: Closable[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  return async (opening) => {
    const value = await opening;
    opened.push(value);
    return value;
  };
};

const chainOf = (transitions: readonly Transition[], task: Transition['task']): readonly Transition[] =>
  transitions.filter((transition) => transition.task === task);

/** The history is one of statuses that followed each other: none twice, each from the one before, the last the present. */
const expectSoundTransitions = (record: JobRecord): void => {
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
