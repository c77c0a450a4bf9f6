import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobRecord } from '../../../lib/domain/record.ts';
import type { TransitionDetail } from '../../../lib/domain/transition-event.ts';
import { publishTransitions, type TransitionBus } from '../../../lib/tracking/publish-transitions.ts';
import { newRecord } from '../../support/transition-details.ts';

/** A bus that refuses the transitions into one status. */
const busRefusing = (status?: string) => {
  const calls: (readonly TransitionDetail[])[] = [];
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

describe('publishing what writes added', () => {
  it('hands the transitions of all writes to the bus at once, in their order', async () => {
    const { bus, calls } = busRefusing();
    const results = await publishTransitions(bus, [created(completed), created(failed)]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.map(({ job_arn, task, to }) => [job_arn, task, to])).toEqual(
      [completed, failed].flatMap((record) => record.transitions.map(({ task, to }) => [record.job_arn, task, to])),
    );
    expect(results.flatMap(({ published }) => published)).toEqual(calls[0]);
    expect(results.map((result) => 'error' in result)).toEqual([false, false]);
  });

  it('tells which write has a transition that was refused', async () => {
    const { bus } = busRefusing('Failed');
    const [one, two] = await publishTransitions(bus, [created(completed), created(failed)]);
    expect(one).not.toHaveProperty('error');
    expect(two).toMatchObject({ published: [], error: new Error('no Failed') });
  });

  it('tells why a write has to be published again of which the last transition alone was refused', async () => {
    const error = new Error('no more');
    const bus: TransitionBus = {
      publish: (details) => Promise.resolve(details.map((_, n) => (n === details.length - 1 ? error : undefined))),
    };
    const [result] = await publishTransitions(bus, [created(completed)]);
    expect(result?.published).toHaveLength(completed.transitions.length - 1);
    expect(result?.error).toBe(error);
  });

  it.each([
    ['a write that changed tags alone', () => ({ previous: failed, record: { ...failed, tags: { a: 'b' } } })],
    ['a removed record', () => ({ previous: undefined, record: undefined })],
  ])('asks nothing of the bus for %s', async (_what, writeOf) => {
    const { bus, calls } = busRefusing();
    expect(await publishTransitions(bus, [writeOf()])).toEqual([{ published: [] }]);
    expect(calls).toEqual([]);
  });
});
