import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import {
  advance,
  advanceAll,
  advanceListed,
  advanceMissing,
  advanceUntracked,
  type AdvanceOf,
} from '../../../lib/domain/advance.ts';
import { isTerminal, type JobRecord, type JobSnapshot } from '../../../lib/domain/record.ts';
import { MAX_TRANSITIONS } from '../../../lib/domain/transitions.ts';
import { snapshotOf } from '../../support/fixtures.ts';
import { arrivals, jobLife } from '../../support/job-life.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const created = (snapshot: JobSnapshot): JobRecord => {
  const decision = advance(undefined, snapshot);
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

const after = (previous: JobRecord | undefined, snapshot: JobSnapshot): JobRecord => {
  const decision = advance(previous, snapshot);
  return 'record' in decision ? decision.record : (previous as JobRecord);
};

const afterAll = (snapshots: readonly JobSnapshot[]): JobRecord =>
  snapshots.reduce<JobRecord | undefined>(after, undefined) as JobRecord;

const date = (text: string) => new Date(text);
const RUNNING = 'continued-pre-training-in-progress';
const T1 = '2025-03-04T17:00:00.000Z';
const T2 = '2025-03-04T18:00:00.000Z';
const T3 = '2025-03-04T19:00:00.000Z';

const running = (fetchedAt: string, change: Record<string, unknown> = {}, tags = {}) =>
  snapshotOf(RUNNING, change, { fetchedAt, tags });
const completed = (fetchedAt: string) =>
  running(fetchedAt, { status: 'Completed', lastModifiedTime: date(T2), endTime: date('2025-03-04T17:59:59.000Z') });

describe('advance', () => {
  it('creates the record with its first transition, at the creation time of the job', () => {
    expect(created(running(T1))).toMatchObject({
      revision: 1,
      first_seen_at: T1,
      active_scope: '123456789012#us-east-1',
      transitions: [{ from: null, to: 'InProgress', at: '2025-03-04T16:20:11.587Z', observed_at: T1, via: 'event' }],
    });
    expect(advance(undefined, running(T1)).outcome).toBe('created');
    expect(created(running(T1))).not.toHaveProperty('transitions_folded');
  });

  it.each<[what: string, looks: () => [JobSnapshot, JobSnapshot], outcome: string]>([
    ['the same again', () => [running(T1), running(T1)], 'unchanged'],
    ['the same content, fetched later', () => [running(T1), running(T2)], 'unchanged'],
    [
      'the same content, fetched in the same millisecond by a sweep',
      () => [running(T1), { ...running(T1), observed_via: 'sweep' }],
      'unchanged',
    ],
    ['a later last_modified_time', () => [running(T1), running(T2, { lastModifiedTime: date(T1) })], 'updated'],
    [
      'an older last_modified_time',
      () => [running(T1), running(T2, { lastModifiedTime: date('2025-03-04T16:30:00.000Z') })],
      'stale',
    ],
    ['other tags, fetched later', () => [running(T1), running(T2, {}, { a: 'b' })], 'updated'],
    ['other tags, fetched earlier', () => [running(T2), running(T1, {}, { a: 'b' })], 'updated'],
    ['a terminal status', () => [running(T1), completed(T2)], 'updated'],
    [
      'no last_modified_time where one was known',
      () => [running(T1), running(T2, { lastModifiedTime: undefined })],
      'stale',
    ],
  ])('handles %s', (_what, looks, outcome) => {
    const [before, snapshot] = looks();
    expect(advance(created(before), snapshot).outcome).toBe(outcome);
  });

  it('keeps the later content where last_modified_time ties, in both orders of arrival', () => {
    const [early, late] = [running(T1, {}, { v: '1' }), running(T2, {}, { v: '2' })];
    expect(afterAll([early, late]).tags).toEqual({ v: '2' });
    expect(afterAll([late, early]).tags).toEqual({ v: '2' });
  });

  it('never makes a finished job unfinished, even by a snapshot with a later last_modified_time', () => {
    const late = running(T3, { lastModifiedTime: date(T3) });
    expect(after(created(completed(T2)), late)).toMatchObject({ status: 'Completed' });
    expect(after(created(completed(T2)), late)).not.toHaveProperty('active_scope');
  });

  it('inserts the transition of a late snapshot in its place', () => {
    expect(afterAll([completed(T3), running(T1)]).transitions).toEqual([
      { from: null, to: 'InProgress', at: '2025-03-04T16:20:11.587Z', observed_at: T1, via: 'event' },
      { from: 'InProgress', to: 'Completed', at: '2025-03-04T17:59:59.000Z', observed_at: T3, via: 'event' },
    ]);
  });

  it('dates a status earlier when a later look knows its start', () => {
    const ended = { status: 'Completed', lastModifiedTime: date(T2) };
    const looks = [running(T1), running(T2, ended), running(T3, { ...ended, endTime: date(T1) })];
    const transitionsOf = (snapshots: JobSnapshot[]) => afterAll(snapshots).transitions.map(({ to, at }) => [to, at]);
    expect(transitionsOf(looks)).toEqual([
      ['InProgress', '2025-03-04T16:20:11.587Z'],
      ['Completed', T1],
    ]);
    expect(transitionsOf(looks.slice(1))).toEqual([['Completed', T1]]);
  });

  it('records transitions of sub-tasks too', () => {
    const { transitions } = created(snapshotOf('fine-tuning-completed'));
    expect(transitions.map(({ task, from, to, at }) => [task, from, to, at])).toEqual([
      ['validation', null, 'Completed', '2026-08-10T00:03:06.118Z'],
      ['training', null, 'Completed', '2026-08-10T01:19:51.330Z'],
      [undefined, null, 'Completed', '2026-08-10T01:19:51.876Z'],
    ]);
  });

  it('treats an unknown status as active until the job has an end', () => {
    expect(created(running(T1, { status: 'Paused' }))).toHaveProperty('active_scope');
    expect(created(running(T1, { status: 'Expired', endTime: date(T1) }))).not.toHaveProperty('active_scope');
  });

  it('puts an unknown final status after a known one, in both orders of arrival', () => {
    const end = (status: string, time: string) =>
      running(time, { status, lastModifiedTime: date(time), endTime: date(time) });
    const looks = [end('Completed', '2026-10-01T02:00:00.000Z'), end('Archived', '2026-10-05T00:00:00.000Z')];
    for (const arriving of [looks, looks.toReversed()]) {
      const { status, transitions } = afterAll(arriving);
      expect(status).toBe('Archived');
      expect(transitions.map(({ from, to }) => [from, to])).toEqual([
        [null, 'Completed'],
        ['Completed', 'Archived'],
      ]);
    }
  });

  it('records a status that the job leaves and enters again', () => {
    const record = afterAll([
      running(T1),
      running(T2, { status: 'Paused', lastModifiedTime: date(T1) }),
      running(T3, { lastModifiedTime: date(T2) }),
    ]);
    expect(record.transitions.map(({ from, to, at }) => [from, to, at])).toEqual([
      [null, 'InProgress', '2025-03-04T16:20:11.587Z'],
      ['InProgress', 'Paused', T1],
      ['Paused', 'InProgress', T2],
    ]);
  });

  it('survives snapshots without status, times or details', () => {
    const bare = { status: undefined, lastModifiedTime: undefined, creationTime: undefined };
    expect(created(running(T1, bare)).transitions).toEqual([]);
    expect(afterAll([running(T1, bare), running(T2)]).status).toBe('InProgress');
    expect(created(running(T1, { ...bare, status: 'InProgress' })).transitions[0]?.at).toBe(T1);
  });

  it('folds and counts the oldest transitions, and never unfolds them', () => {
    const moment = (n: number) => new Date(Date.parse(T1) + n * 1000);
    const flicker = (n: number) =>
      running(moment(n).toISOString(), { status: n % 2 ? 'Paused' : 'InProgress', lastModifiedTime: moment(n) });
    const record = afterAll(Array.from({ length: 150 }, (_, n) => flicker(n)));
    expect(record.transitions).toHaveLength(MAX_TRANSITIONS);
    expect(record.transitions_folded).toBe(50);
    const again = after(record, flicker(1));
    expect(again.transitions).toHaveLength(MAX_TRANSITIONS);
    expect(again.transitions_folded).toBe(50);
  });
});

describe('advanceAll', () => {
  const modified = (fetchedAt: string, at: string) => running(fetchedAt, { lastModifiedTime: date(at) });

  it('makes one write of several snapshots', () => {
    const [first, second, third] = [running(T1), modified(T2, T2), modified(T3, T3)];
    expect(advanceAll(undefined, [first, second])).toMatchObject({
      outcome: 'created',
      record: { revision: 1, last_modified_time: T2, first_seen_at: T1 },
    });
    expect(advanceAll(created(first), [second, third])).toMatchObject({
      outcome: 'updated',
      record: { revision: 2, last_modified_time: T3 },
    });
  });

  it('writes nothing for snapshots without news, and reports stale ones', () => {
    const record = created(modified(T2, T2));
    expect(advanceAll(record, [modified(T3, T2)])).toEqual({ outcome: 'unchanged' });
    expect(advanceAll(record, [modified(T3, T1)])).toEqual({ outcome: 'stale' });
    expect(advanceAll(record, [])).toEqual({ outcome: 'unchanged' });
    expect(advanceAll(undefined, [])).toEqual({ outcome: 'unchanged' });
  });
});

describe('advanceMissing', () => {
  it('marks the record, keeps all else, and takes it out of the active index', () => {
    const record = created(running(T1));
    const decision = advanceMissing(record, T2);
    const { active_scope: _, ...rest } = record;
    expect(decision).toEqual({ outcome: 'updated', record: { ...rest, missing_since: T2, revision: 2 } });
  });

  it('changes nothing if the record was fetched later, or is marked already', () => {
    expect(advanceMissing(created(running(T2)), T1).outcome).toBe('stale');
    const marked = advanceMissing(created(running(T1)), T2);
    expect('record' in marked && advanceMissing(marked.record, T3).outcome).toBe('unchanged');
  });

  it('keeps its mark if the job was found in the same millisecond', () => {
    const missing = advanceMissing(created(running(T1)), T2);
    expect('record' in missing && after(missing.record, running(T2))).toHaveProperty('missing_since', T2);
  });

  it('loses its mark with a later look that finds the job, not with an earlier one that arrives late', () => {
    const marked = advanceMissing(created(running(T1)), T2);
    if (!('record' in marked)) throw new Error('not marked');
    expect(after(marked.record, running(T3, {}, { x: 'y' }))).not.toHaveProperty('missing_since');
    expect(after(marked.record, running(T3))).not.toHaveProperty('missing_since');
    expect(after(marked.record, running(T1, {}, { x: 'y' }))).toHaveProperty('missing_since', T2);
  });
});

const marked = (decision: AdvanceOf<JobRecord>, otherwise?: JobRecord): JobRecord => {
  if ('record' in decision) return decision.record;
  if (otherwise === undefined) throw new Error('not marked');
  return otherwise;
};

describe('advanceListed', () => {
  it('adds how the job was listed, once', () => {
    const record = created(completed(T1));
    const listed = advanceListed(record, 'Completed');
    expect(listed).toEqual({ outcome: 'updated', record: { ...record, listed_as: 'Completed', revision: 2 } });
    expect(advanceListed({ ...record, listed_as: 'Completed' }, 'Completed')).toEqual({ outcome: 'unchanged' });
    const kept = after({ ...record, listed_as: 'Completed' }, { ...completed(T2), tags: { team: 'ml' } });
    expect(kept).toMatchObject({ listed_as: 'Completed', revision: 2 });
  });
});

describe('advanceUntracked', () => {
  it('marks the record, keeps all else, and takes it out of the active index', () => {
    const record = created(running(T1));
    const { active_scope: _, ...rest } = record;
    expect(advanceUntracked(record, T2)).toEqual({
      outcome: 'updated',
      record: { ...rest, untracked_since: T2, revision: 2 },
    });
  });

  it('changes nothing if the record is marked already, or holds a later look', () => {
    expect(advanceUntracked(marked(advanceUntracked(created(running(T1)), T2)), T3).outcome).toBe('unchanged');
    expect(advanceUntracked(created(running(T2)), T1).outcome).toBe('stale');
    expect(advanceUntracked(created(running(T2)), T2).outcome).toBe('updated');
  });

  it('stays beside an earlier mark as missing', () => {
    const untracked = marked(advanceUntracked(created(running(T1)), T3));
    expect(marked(advanceMissing(untracked, T2))).toMatchObject({ missing_since: T2, untracked_since: T3 });
  });

  it('loses its mark with a later look, which makes an active job active again', () => {
    const record = marked(advanceUntracked(created(running(T1)), T2));
    expect(after(record, running(T3))).not.toHaveProperty('untracked_since');
    expect(after(record, running(T3))).toHaveProperty('active_scope', '123456789012#us-east-1');
    expect(after(record, completed(T3))).not.toHaveProperty('active_scope');
  });

  it('keeps its mark when an earlier look arrives late, which still adds its transitions', () => {
    const late = completed(T1);
    const record = after(marked(advanceUntracked(created(running(T1)), T2)), late);
    expect(record).toMatchObject({ untracked_since: T2, status: 'Completed' });
    expect(record.transitions.map(({ to }) => to)).toEqual(['InProgress', 'Completed']);
  });

  it('adds to the mark of a missing job, and a later look removes both', () => {
    const missing = marked(advanceMissing(created(running(T1)), T1));
    const both = marked(advanceUntracked(missing, T2));
    expect(both).toMatchObject({ missing_since: T1, untracked_since: T2 });
    expect(both).not.toHaveProperty('active_scope');
    expect(after(both, running(T3))).not.toHaveProperty('missing_since');
    expect(after(both, running(T3))).not.toHaveProperty('untracked_since');
  });

  it('loses its mark when Bedrock does not know the job later; the job is missing since the first time', () => {
    const untracked = marked(advanceUntracked(created(running(T1)), T2));
    expect(marked(advanceMissing(untracked, T3))).toMatchObject({ missing_since: T3 });
    expect(marked(advanceMissing(untracked, T3))).not.toHaveProperty('untracked_since');
    const both = marked(advanceUntracked(marked(advanceMissing(created(running(T1)), T1)), T2));
    expect(marked(advanceMissing(both, T3))).toMatchObject({ missing_since: T1 });
    expect(marked(advanceMissing(both, T3))).not.toHaveProperty('untracked_since');
    expect(advanceMissing(both, T1).outcome).toBe('unchanged');
  });
});

describe('advanceUntracked, for any life of a job', () => {
  const withoutRevision = ({ revision: _, ...record }: JobRecord) => record;
  const withoutMark = ({ revision: _, untracked_since: __, active_scope: ___, ...record }: JobRecord) => record;
  /** A life, its snapshots as they arrive, and after which of them (the first at least) the mark does. */
  const markedLife = jobLife().chain((life) =>
    arrivals(life).chain((arriving) =>
      fc.record({
        life: fc.constant(life),
        arriving: fc.constant(arriving),
        place: fc.integer({ min: 1, max: arriving.length }),
        minute: fc.integer({ min: 0, max: 230 }),
      }),
    ),
  );
  const at = (minute: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + minute * MINUTE).toISOString();
  const withMark = (arriving: readonly JobSnapshot[], place: number, since: string): JobRecord => {
    const before = afterAll(arriving.slice(0, place));
    const record = marked(advanceUntracked(before, since), before);
    return arriving.slice(place).reduce(after, record);
  };

  test.prop([markedLife], { numRuns: 500 })(
    'a mark later than every look gives the same record, whenever it arrives',
    ({ life, arriving, place }) => {
      const expected = marked(advanceUntracked(afterAll(life.snapshots), at(230)));
      expect(withoutRevision(withMark(arriving, place, at(230)))).toEqual(withoutRevision(expected));
    },
  );

  test.prop([markedLife], { numRuns: 500 })(
    'a mark changes nothing else, whenever it is made and arrives',
    ({ life, arriving, place, minute }) => {
      expect(withoutMark(withMark(arriving, place, at(minute)))).toEqual(withoutMark(afterAll(life.snapshots)));
    },
  );

  test.prop([markedLife], { numRuns: 500 })(
    'a look later than the mark removes it, whatever else arrives',
    ({ arriving, place, minute }) => {
      const record = withMark(arriving, place, at(minute));
      const looked = arriving.slice(place).some(({ fetched_at }) => fetched_at > at(minute));
      if (looked) expect(record).not.toHaveProperty('untracked_since');
      expect(record.active_scope).toBe(
        isTerminal(record) || record.untracked_since !== undefined ? undefined : record.scope,
      );
    },
  );

  test.prop([markedLife], { numRuns: 300 })('is idempotent', ({ arriving, minute }) => {
    const record = afterAll(arriving);
    const once = marked(advanceUntracked(record, at(minute)), record);
    expect(marked(advanceUntracked(once, at(minute)), once)).toBe(once);
  });
});

describe('advance, for any life of a job', () => {
  const anyArrival = jobLife().chain((life) => fc.record({ life: fc.constant(life), arriving: arrivals(life) }));
  const withoutRevision = ({ revision: _, ...record }: JobRecord) => record;

  test.prop([anyArrival], { numRuns: 1000 })(
    'gives the same record for any order and duplication of snapshots',
    ({ life, arriving }) => {
      expect(withoutRevision(afterAll(arriving))).toEqual(withoutRevision(afterAll(life.snapshots)));
    },
  );

  test.prop([anyArrival], { numRuns: 300 })('ends in the latest snapshot', ({ life, arriving }) => {
    const { fetched_at: _, observed_via: __, ...latest } = life.snapshots.at(-1) as JobSnapshot;
    expect(afterAll(arriving)).toMatchObject(latest);
  });

  test.prop([anyArrival], { numRuns: 300 })('is idempotent: writes nothing for a repeated snapshot', ({ arriving }) => {
    const record = afterAll(arriving);
    for (const snapshot of arriving) expect(advance(record, snapshot)).not.toHaveProperty('record');
  });

  test.prop([anyArrival], { numRuns: 300 })(
    'never repeats a transition, and links each to the previous one',
    ({ arriving }) => {
      const { transitions } = afterAll(arriving);
      for (const task of new Set(transitions.map((transition) => transition.task))) {
        const chain = transitions.filter((transition) => transition.task === task);
        expect(new Set(chain.map(({ to }) => to)).size).toBe(chain.length);
        expect(chain.map(({ from }) => from)).toEqual([null, ...chain.slice(0, -1).map(({ to }) => to)]);
      }
    },
  );
});
