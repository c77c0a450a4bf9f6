import { fc, test } from '@fast-check/jest';
import { describe, expect, it } from '@jest/globals';
import { JOBS } from '../../../lib/domain/job-kind.ts';
import type { History } from '../../../lib/domain/kind.ts';
import { advance, advanceAll, advanceMissing } from '../../../lib/domain/advance.ts';
import type { JobRecord, JobSnapshot, Transition } from '../../../lib/domain/record.ts';
import { MAX_TRANSITIONS, addSightings, newTransitions } from '../../../lib/domain/transitions.ts';
import { snapshotOf } from '../../support/fixtures.ts';
import { arrivals, jobLife } from '../../support/job-life.ts';

const RUNNING = 'continued-pre-training-in-progress';

const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n));
const at = (n: number) => minute(n).toISOString();

/** A look in a minute at a job created in minute 0, without sub-tasks unless they are given. */
const look = (fetched: number, change: Record<string, unknown> = {}) =>
  snapshotOf(
    RUNNING,
    { creationTime: minute(0), lastModifiedTime: minute(fetched), statusDetails: undefined, ...change },
    { fetchedAt: at(fetched) },
  );
const seenIn = (...looks: readonly ReturnType<typeof look>[]): History['transitions'] =>
  looks.reduce<History>(
    (history, snapshot) => addSightings(JOBS, history, { snapshot, shown: snapshot, isNewest: true }),
    { transitions: [], folded: 0 },
  ).transitions;
const brief = (transitions: History['transitions']) => transitions.map(({ task, to, at }) => [task ?? 'job', to, at]);

describe('the time of a transition', () => {
  const of = (trainingDetails: Record<string, unknown>) =>
    brief(seenIn(look(9, { statusDetails: { trainingDetails } }))).find(([task]) => task === 'training');

  it.each<[what: string, details: Record<string, unknown>, time: string]>([
    ['began, if it runs', { status: 'InProgress', creationTime: minute(2), lastModifiedTime: minute(5) }, at(2)],
    [
      'was last modified, if it ended',
      { status: 'Completed', creationTime: minute(2), lastModifiedTime: minute(5) },
      at(5),
    ],
    ['was last modified, if its start is unknown', { status: 'InProgress', lastModifiedTime: minute(5) }, at(5)],
    ['began, if nothing else is known', { status: 'Completed', creationTime: minute(2) }, at(2)],
    ["had the job's own status, if it has no times", { status: 'Completed' }, at(0)],
  ])('of a sub-task is when it %s', (_what, details, time) => {
    expect(of(details)).toEqual(['training', details['status'], time]);
  });

  it('is the earliest of all looks, with the first look that saw it', () => {
    const [early, late] = [look(3, { status: 'Stopping' }), look(7, { status: 'Stopping' })];
    for (const looks of [
      [early, late],
      [late, early],
    ] as const) {
      expect(seenIn(...looks)).toMatchObject([{ to: 'Stopping', at: at(3), observed_at: at(3) }]);
    }
  });
});

describe('an unknown status', () => {
  it('is final once any look saw the job with it ended', () => {
    const [active, over] = [look(3, { status: 'Expired' }), look(5, { status: 'Expired', endTime: minute(5) })];
    for (const looks of [
      [active, over],
      [over, active],
    ] as const) {
      expect(seenIn(...looks)).toMatchObject([{ to: 'Expired', at: at(3), final: true }]);
    }
    expect(seenIn(active)[0]).not.toHaveProperty('final');
  });
});

describe('the order of transitions', () => {
  it('is by time across the job and its sub-tasks', () => {
    const validated = { validationDetails: { status: 'Completed', lastModifiedTime: minute(3) } };
    const trained = { ...validated, trainingDetails: { status: 'Completed', lastModifiedTime: minute(5) } };
    expect(
      brief(seenIn(look(4, { statusDetails: validated }), look(6, { status: 'Stopping', statusDetails: trained }))),
    ).toEqual([
      ['job', 'InProgress', at(0)],
      ['validation', 'Completed', at(3)],
      ['training', 'Completed', at(5)],
      ['job', 'Stopping', at(6)],
    ]);
  });

  it('at one time is that of the phases, with the job last', () => {
    const done = { status: 'Completed', lastModifiedTime: minute(5) };
    const statusDetails = { trainingDetails: done, validationDetails: done, dataProcessingDetails: done };
    expect(brief(seenIn(look(6, { status: 'Completed', endTime: minute(5), statusDetails })))).toEqual([
      ['validation', 'Completed', at(5)],
      ['data_processing', 'Completed', at(5)],
      ['training', 'Completed', at(5)],
      ['job', 'Completed', at(5)],
    ]);
  });

  it('has a final status last, even if its time is earlier', () => {
    const stopping = look(5, { status: 'Stopping' });
    const stopped = look(7, { status: 'Stopped', endTime: minute(3) });
    const expected = [
      ['job', 'Stopping', at(5)],
      ['job', 'Stopped', at(3)],
    ];
    expect(brief(seenIn(stopping, stopped))).toEqual(expected);
    expect(brief(seenIn(stopped, stopping))).toEqual(expected);
    // The other phases go by the latest time that the job has reached.
    const validated = { validationDetails: { status: 'Completed', lastModifiedTime: minute(4) } };
    expect(
      brief(
        seenIn(stopping, { ...stopped, ...look(7, { statusDetails: validated, status: 'Stopped' }), end_time: at(3) }),
      ),
    ).toEqual([['validation', 'Completed', at(4)], ...expected]);
  });

  it('is that of the looks for two statuses of one time', () => {
    const running = look(0);
    const stopping = look(1, { status: 'Stopping', lastModifiedTime: minute(0) });
    expect(seenIn(running, stopping)).toMatchObject([
      { from: null, to: 'InProgress' },
      { from: 'InProgress', to: 'Stopping' },
    ]);
  });
});

/** Every write that snapshots lead to, with the record before it. */
interface Write {
  readonly previous: JobRecord | undefined;
  readonly record: JobRecord;
}
const writesOf = (groups: readonly (readonly JobSnapshot[])[]): Write[] => {
  const writes: Write[] = [];
  let previous: JobRecord | undefined;
  for (const group of groups) {
    const decision = advanceAll(previous, group);
    if (!('record' in decision)) continue;
    writes.push({ previous, record: decision.record });
    previous = decision.record;
  }
  return writes;
};
const singly = (snapshots: readonly JobSnapshot[]) => snapshots.map((snapshot) => [snapshot]);
const eventsOf = (writes: readonly Write[]): Transition[] =>
  writes.flatMap(({ previous, record }) => newTransitions(previous, record));
const taskAndTo = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ task, to }) => `${task ?? 'job'} ${to}`).sort();
const lastOf = (writes: readonly Write[]): JobRecord => {
  const last = writes.at(-1);
  if (last === undefined) throw new Error('nothing was written');
  return last.record;
};

const START = Date.parse('2025-03-04T17:00:00.000Z');
const second = (n: number) => new Date(START + n * 1000);
const job = (n: number, status: string, change: Record<string, unknown> = {}) =>
  snapshotOf(RUNNING, { status, lastModifiedTime: second(n), ...change }, { fetchedAt: second(n).toISOString() });
const transition = (to: string, n = 1): Transition => {
  const time = second(n).toISOString();
  return { from: null, to, at: time, observed_at: time, via: 'event' };
};
const ofJob = (transitions: readonly Transition[]) =>
  transitions.filter(({ task }) => task === undefined).map(({ to, at }) => [to, at]);

describe('newTransitions', () => {
  it('are none if only tags changed, or if Bedrock no longer knows the job', () => {
    const writes = writesOf([
      [snapshotOf(RUNNING)],
      [snapshotOf(RUNNING, {}, { tags: { team: 'ml' }, fetchedAt: '2027-01-01T00:00:00.000Z' })],
    ]);
    expect(writes).toHaveLength(2);
    expect(eventsOf(writes.slice(1))).toEqual([]);
    const record = lastOf(writes);
    const missing = advanceMissing(record, '2027-01-02T00:00:00.000Z');
    expect('record' in missing && newTransitions(record, missing.record)).toEqual([]);
  });

  it('are none if one was only dated earlier', () => {
    const [late, early] = [job(20, 'Stopping'), job(10, 'Stopping')];
    const writes = writesOf(singly([late, early]));
    expect(writes).toHaveLength(2);
    expect(ofJob(lastOf(writes).transitions)).toEqual([['Stopping', second(10).toISOString()]]);
    expect(eventsOf(writes.slice(1))).toEqual([]);
  });

  it('are the late ones, not the later ones, whose `from` changed', () => {
    const writes = writesOf(singly([job(9, 'Completed', { endTime: second(9) }), job(1, 'InProgress')]));
    expect(ofJob(eventsOf(writes.slice(1))).map(([to]) => to)).toEqual(['InProgress']);
  });

  it('include a status that the job enters again', () => {
    const writes = writesOf(singly([job(1, 'Paused'), job(2, 'Waiting'), job(3, 'Paused')]));
    expect(ofJob(eventsOf(writes.slice(2)))).toEqual([['Paused', second(3).toISOString()]]);
  });

  it('include both if one write has a status that the job left and entered again', () => {
    const writes = writesOf([[job(1, 'Paused')], [job(2, 'Waiting'), job(3, 'Paused')]]);
    expect(ofJob(eventsOf(writes.slice(1)))).toEqual([
      ['Waiting', second(2).toISOString()],
      ['Paused', second(3).toISOString()],
    ]);
  });

  it('are found by place if a later one has the same time', () => {
    const previous = { transitions: [transition('Paused'), transition('Waiting'), transition('Paused')] };
    const record = { transitions: [transition('Waiting'), ...previous.transitions] };
    expect(newTransitions(previous, record)).toEqual([transition('Waiting')]);
    expect(newTransitions(previous, record)[0]).toBe(record.transitions[0]);
  });

  it('are found by status if two have one time', () => {
    const previous = { transitions: [transition('Waiting')] };
    const record = { transitions: [transition('Waiting'), transition('Paused')] };
    expect(newTransitions(previous, record)).toEqual([transition('Paused')]);
  });

  it('are none if the record has fewer than before', () => {
    const previous = { transitions: [transition('Waiting', 1), transition('Paused', 2)] };
    expect(newTransitions(previous, { transitions: [transition('Waiting', 1)] })).toEqual([]);
  });

  it('are one with each write while older ones are folded', () => {
    const flickers = Array.from({ length: 150 }, (_, n) => job(n, n % 2 ? 'Paused' : 'Waiting'));
    const writes = writesOf(singly(flickers));
    expect(lastOf(writes).transitions).toHaveLength(MAX_TRANSITIONS);
    // The statuses alternate, so each is told from the ones before it by its time alone.
    expect(ofJob(eventsOf(writes))).toEqual(
      flickers.map((_, n) => [n % 2 ? 'Paused' : 'Waiting', second(n).toISOString()]),
    );
    const record = lastOf(writes);
    expect(advance(record, job(1, 'Paused')).outcome).toBe('stale');
    expect(newTransitions(record, record)).toEqual([]);
  });

  test.prop([jobLife().chain(arrivals)])('are over all writes those of the final record, in any order', (snapshots) => {
    const writes = writesOf(singly(snapshots));
    expect(taskAndTo(eventsOf(writes))).toEqual(taskAndTo(lastOf(writes).transitions));
  });

  test.prop([jobLife().chain(arrivals), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 20, maxLength: 20 })])(
    'are those too if writes hold several snapshots',
    (snapshots, sizes) => {
      const rest = [...snapshots];
      const writes = writesOf(sizes.map((size) => rest.splice(0, size)).filter((group) => group.length > 0));
      expect(taskAndTo(eventsOf(writes))).toEqual(taskAndTo(lastOf(writes).transitions));
    },
  );

  const flicker = fc.record({
    n: fc.integer({ min: 0, max: 400 }),
    status: fc.constantFrom('InProgress', 'Paused', 'Waiting'),
    validation: fc.constantFrom('InProgress', 'Paused', 'Completed'),
  });
  test.prop([fc.uniqueArray(flicker, { minLength: 90, maxLength: 200, selector: ({ n }) => n })], { numRuns: 60 })(
    'include all that the record still has, even if unknown statuses alternate and fold',
    (flickers) => {
      const writes = writesOf(
        singly(
          flickers.map(({ n, status, validation }) =>
            job(n, status, {
              statusDetails: { validationDetails: { status: validation, lastModifiedTime: second(n) } },
            }),
          ),
        ),
      );
      const record = lastOf(writes);
      const events = taskAndTo(eventsOf(writes));
      const folded = record.transitions_folded ?? 0;
      expect(events.length).toBeLessThanOrEqual(record.transitions.length + folded);
      for (const kind of new Set(events)) {
        const among = (list: readonly string[]) => list.filter((entry) => entry === kind).length;
        expect(among(events)).toBeGreaterThanOrEqual(among(taskAndTo(record.transitions)));
      }
      if (folded === 0) expect(events).toEqual(taskAndTo(record.transitions));
    },
  );
});
