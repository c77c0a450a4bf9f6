import { describe, expect, test } from '@jest/globals';
import type { JobSummary } from '../../../../lib/dashboard/api.ts';
import {
  appendPage,
  refreshJobs,
  refreshStart,
  type LoadedJobs,
} from '../../../../lib/dashboard/web/logic/merge-jobs.ts';
import { stillPending, withPending } from '../../../../lib/dashboard/web/logic/tags.ts';
import { axisMarks, timelineOf } from '../../../../lib/dashboard/web/logic/timeline.ts';
import type { JobRecord, Transition } from '../../../../lib/domain/record.ts';
import { DAY, HOUR, MINUTE } from '../../../../lib/domain/time.ts';
import { aRecord } from '../../../support/dashboard-server.ts';

const START = Date.parse('2026-03-01T11:00:00.000Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
const change = (to: string, minutes: number, task?: Transition['task']): Transition => ({
  from: null,
  to,
  at: at(minutes),
  observed_at: at(minutes),
  via: 'event',
  ...(task && { task }),
});
const phase = (status: string, from: number, to: number) => ({
  status,
  creation_time: at(from),
  last_modified_time: at(to),
});

describe('the timeline', () => {
  test.each<[string, Partial<JobRecord>, number, string[][]]>([
    [
      'goes to now for a running job and its running phase',
      {
        status_details: { validation_details: phase('Completed', 1, 5), training_details: phase('InProgress', 6, 20) },
      },
      30,
      [
        ['job', 'InProgress 0–30…'],
        ['validation', 'Completed 1–5'],
        ['training', 'InProgress 6–30…'],
      ],
    ],
    [
      'shows how a job ended, with its stopping apart',
      {
        status: 'Stopped',
        end_time: at(10),
        transitions: [change('InProgress', 0), change('Stopping', 8), change('Stopped', 10)],
      },
      99,
      [['job', 'Stopped 0–8', 'Stopping 8–10']],
    ],
    [
      'has a row without a bar for a phase that did not start',
      {
        status: 'Failed',
        end_time: at(3),
        status_details: { validation_details: phase('Failed', 1, 2), training_details: { status: 'NotStarted' } },
        transitions: [change('InProgress', 0), change('Failed', 3)],
      },
      99,
      [['job', 'Failed 0–3'], ['validation', 'Failed 1–2'], ['training']],
    ],
    [
      'uses the observed changes of a phase without times of Bedrock',
      {
        transitions: [change('InProgress', 0), change('InProgress', 1, 'training'), change('Completed', 4, 'training')],
        status_details: { training_details: { status: 'Completed' } },
      },
      9,
      [
        ['job', 'InProgress 0–9…'],
        ['training', 'InProgress 1–4'],
      ],
    ],
    [
      'is one bar for a job that was first seen after its end',
      { status: 'Completed', end_time: at(7), transitions: [change('Completed', 7)] },
      99,
      [['job', 'Completed 0–7']],
    ],
    [
      'starts with the job, even one that was first seen later',
      { transitions: [change('InProgress', 4)] },
      9,
      [['job', 'InProgress 0–9…']],
    ],
    [
      'has a job that was first seen as stopping in progress before',
      { status: 'Stopping', transitions: [change('Stopping', 4)] },
      9,
      [['job', 'InProgress 0–4', 'Stopping 4–9…']],
    ],
  ])('%s', (_what, job, now, lanes) => {
    const minutes = (time: number) => (time - START) / MINUTE;
    const bars = timelineOf(aRecord('a', job), START + now * MINUTE)?.lanes.map(({ task = 'job', segments }) => [
      task,
      ...segments.map(({ status, from, to, open }) => `${status} ${minutes(from)}–${minutes(to)}${open ? '…' : ''}`),
    ]);
    expect(bars).toEqual(lanes);
  });

  test('is undefined for a job without a start', () => {
    const { creation_time: _, ...job } = aRecord('a');
    expect(timelineOf(job, START)).toBeUndefined();
  });

  test.each([4000, 30_000, 8 * MINUTE, 85 * MINUTE, 7 * HOUR, 40 * DAY])(
    'marks an axis of %d ms three to seven times, from 0 to its end',
    (length) => {
      const marks = axisMarks(length);
      expect(marks[0]).toBe(0);
      expect([3, 4, 5, 6, 7]).toContain(marks.length);
      expect(marks.at(-1)).toBeLessThanOrEqual(length);
    },
  );
});

describe('a loaded list', () => {
  const job = (id: string, status = 'InProgress'): JobSummary => ({
    job_arn: id,
    account_id: '1',
    region: 'r',
    status,
    tags: {},
  });
  const loaded = (ids: string): LoadedJobs => ({ jobs: ids.split('').map((id) => job(id)), cursor: 'next' });
  const answer = (ids: string, cursor?: string) => ({
    jobs: ids.split('').map((id) => job(id)),
    readUnits: 1,
    ...(cursor === undefined ? {} : { cursor }),
  });

  test.each([
    ['appends a page, without a job that moved meanwhile', appendPage(loaded('ab'), answer('bc')), 'abc', undefined],
    ['is replaced by a start that is as long', refreshStart(loaded('ab'), answer('xab', 'c')), 'xab', 'c'],
    ['loses a job that no longer matches', refreshStart(loaded('abc'), answer('ac')), 'ac', undefined],
    ['keeps the rest behind a shorter start', refreshStart(loaded('abcd'), answer('xa', 'other')), 'xabcd', 'next'],
    ['shows a job once that moved up', refreshStart(loaded('abcd'), answer('da', 'other')), 'dabc', 'next'],
  ])('%s', (_what, list, ids, cursor) => {
    expect([list.jobs.map(({ job_arn }) => job_arn).join(''), list.cursor]).toEqual([ids, cursor]);
  });

  test('keeps the objects of unchanged jobs', () => {
    const before = loaded('ab');
    const next = refreshStart(before, { jobs: [job('a'), job('b', 'Failed')] });
    expect(next.jobs[0]).toBe(before.jobs[0]);
    expect(next.jobs[1]).toEqual(job('b', 'Failed'));
  });

  test('replaces single jobs in place', () => {
    expect(refreshJobs(loaded('ab'), [job('b', 'Failed')]).jobs).toEqual([job('a'), job('b', 'Failed')]);
  });
});

describe('changed tags', () => {
  const tags = { a: '1', b: '2' };

  test('show at once, in order, marked as pending', () => {
    expect(withPending(tags, { b: null, c: '3', a: '9' })).toEqual([
      ['a', '9', true],
      ['c', '3', true],
    ]);
  });

  test('are pending until the record has them', () => {
    expect(stillPending(tags, { a: '1', b: null, c: '3', d: null })).toEqual({ b: null, c: '3' });
  });
});
