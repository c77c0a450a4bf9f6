import { describe, expect, it } from '@jest/globals';
import { withSnapshot, type History } from '../../../lib/domain/transitions.ts';
import { snapshotOf } from '../../support/fixtures.ts';

const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n));
const at = (n: number) => minute(n).toISOString();

/** A look in a minute at a job created in minute 0, without sub-tasks unless they are given. */
const look = (fetched: number, change: Record<string, unknown> = {}) =>
  snapshotOf(
    'continued-pre-training-in-progress',
    { creationTime: minute(0), lastModifiedTime: minute(fetched), statusDetails: undefined, ...change },
    { fetchedAt: at(fetched) },
  );
const seenIn = (...looks: readonly ReturnType<typeof look>[]): History['transitions'] =>
  looks.reduce<History | undefined>((history, snapshot) => withSnapshot(history, snapshot, true), undefined)
    ?.transitions ?? [];
const brief = (transitions: History['transitions']) => transitions.map(({ task, to, at }) => [task ?? 'job', to, at]);

describe('the time of a transition', () => {
  const of = (trainingDetails: Record<string, unknown>) =>
    brief(seenIn(look(9, { statusDetails: { trainingDetails } }))).find(([task]) => task === 'training');

  it.each<[what: string, details: Record<string, unknown>, time: string]>([
    ['began, while it runs', { status: 'InProgress', creationTime: minute(2), lastModifiedTime: minute(5) }, at(2)],
    [
      'was last modified, once it ended',
      { status: 'Completed', creationTime: minute(2), lastModifiedTime: minute(5) },
      at(5),
    ],
    [
      'was last modified, where nothing tells when it began',
      { status: 'InProgress', lastModifiedTime: minute(5) },
      at(5),
    ],
    ['began, where nothing else is known', { status: 'Completed', creationTime: minute(2) }, at(2)],
    ["had the job's own status, where it has no times", { status: 'Completed' }, at(0)],
  ])('of a sub-task is when it %s', (_what, details, time) => {
    expect(of(details)).toEqual(['training', details['status'], time]);
  });

  it('is the earliest that any look told, with the look that was first to see it', () => {
    const [early, late] = [look(3, { status: 'Stopping' }), look(7, { status: 'Stopping' })];
    for (const looks of [
      [early, late],
      [late, early],
    ] as const) {
      expect(seenIn(...looks)).toMatchObject([{ to: 'Stopping', at: at(3), observed_at: at(3) }]);
    }
  });
});

describe('the order of transitions', () => {
  it('is by time, whichever of job and sub-tasks they are of', () => {
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

  it('is at one time that of the phases, and the job comes last', () => {
    const done = { status: 'Completed', lastModifiedTime: minute(5) };
    const statusDetails = { trainingDetails: done, validationDetails: done, dataProcessingDetails: done };
    expect(brief(seenIn(look(6, { status: 'Completed', endTime: minute(5), statusDetails })))).toEqual([
      ['validation', 'Completed', at(5)],
      ['data_processing', 'Completed', at(5)],
      ['training', 'Completed', at(5)],
      ['job', 'Completed', at(5)],
    ]);
  });

  it('has a final status after every other, even where its time is earlier, and what it follows before it', () => {
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

  it('is that of the looks where two statuses have one time', () => {
    const running = look(0);
    const stopping = look(1, { status: 'Stopping', lastModifiedTime: minute(0) });
    expect(seenIn(running, stopping)).toMatchObject([
      { from: null, to: 'InProgress' },
      { from: 'InProgress', to: 'Stopping' },
    ]);
  });
});
