import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobRecord } from '../../../lib/domain/record.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';
import { publishTransitions, type TransitionBus } from '../../../lib/tracking/publish-transitions.ts';
import { newRecord } from '../../support/transitions.ts';

/** A bus that refuses the transitions into one status. */
const busRefusing = (status?: string) => {
  const calls: (readonly AnyDetail[])[] = [];
  const bus: TransitionBus = {
    publish: (details) => {
      calls.push(details);
      return Promise.resolve(details.map(({ to }) => (to === status ? new Error(`no ${to}`) : undefined)));
    },
  };
  return { bus, calls };
};
let completed: JobRecord;
let failed: JobRecord;
beforeEach(() => {
  completed = newRecord('fine-tuning-completed');
  failed = newRecord('fine-tuning-failed');
});
const created = (record: JobRecord) => ({ previous: undefined, record });

describe('publishTransitions', () => {
  it('publishes the transitions of all writes at once, in order', async () => {
    const { bus, calls } = busRefusing();
    const results = await publishTransitions(bus, [created(completed), created(failed)]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.map(({ job_arn, task, to }) => [job_arn, task, to])).toEqual(
      [completed, failed].flatMap((record) => record.transitions.map(({ task, to }) => [record.job_arn, task, to])),
    );
    expect(results.flatMap(({ published }) => published)).toEqual(calls[0]);
    expect(calls[0]?.at(-1)?.failure_message).toBe(failed.failure_message);
    expect(results.map((result) => 'error' in result)).toEqual([false, false]);
  });

  it('reports the write with a refused transition', async () => {
    const { bus } = busRefusing('Failed');
    const [one, two] = await publishTransitions(bus, [created(completed), created(failed)]);
    expect(one).not.toHaveProperty('error');
    expect(two).toMatchObject({ published: [], error: new Error('no Failed') });
  });

  it('reports a write of which only the last transition was refused', async () => {
    const error = new Error('no more');
    const bus: TransitionBus = {
      publish: (details) => Promise.resolve(details.map((_, n) => (n === details.length - 1 ? error : undefined))),
    };
    const [result] = await publishTransitions(bus, [created(completed)]);
    expect(result?.published).toHaveLength(completed.transitions.length - 1);
    expect(result?.error).toBe(error);
  });

  it.each([
    ['a write that changed only tags', () => ({ previous: failed, record: { ...failed, tags: { a: 'b' } } })],
    ['a removed record', () => ({ previous: undefined, record: undefined })],
  ])('publishes nothing for %s', async (_what, writeOf) => {
    const { bus, calls } = busRefusing();
    expect(await publishTransitions(bus, [writeOf()])).toEqual([{ published: [] }]);
    expect(calls).toEqual([]);
  });
});
