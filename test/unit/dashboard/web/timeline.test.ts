import { describe, expect, test } from '@jest/globals';
import { axisMarks, timelineOf } from '../../../../lib/dashboard/web/logic/timeline.ts';
import type { JobRecord, Transition } from '../../../../lib/domain/record.ts';
import { aRecord } from '../../../support/dashboard-server.ts';
import { MINUTE } from '../../../../lib/domain/time.ts';

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
const bars = (job: Partial<JobRecord>, nowMinutes: number) =>
  timelineOf(aRecord('a', job), START + nowMinutes * MINUTE)?.lanes.map(({ task = 'job', segments }) => [
    task,
    ...segments.map(
      ({ status, from, to, open }) => `${status} ${(from - START) / MINUTE}–${(to - START) / MINUTE}${open ? '…' : ''}`,
    ),
  ]);

test('a running job reaches to now, and so does its running phase', () => {
  const status_details = {
    validation_details: { status: 'Completed', creation_time: at(1), last_modified_time: at(5) },
    training_details: { status: 'InProgress', creation_time: at(6), last_modified_time: at(20) },
  };
  expect(bars({ status_details }, 30)).toEqual([
    ['job', 'InProgress 0–30…'],
    ['validation', 'Completed 1–5'],
    ['training', 'InProgress 6–30…'],
  ]);
});

test('a job that ended shows how, and its stopping apart', () => {
  const transitions = [change('InProgress', 0), change('Stopping', 8), change('Stopped', 10)];
  expect(bars({ status: 'Stopped', end_time: at(10), transitions }, 99)).toEqual([
    ['job', 'Stopped 0–8', 'Stopping 8–10'],
  ]);
});

test('a phase that never began is a row without a bar', () => {
  const status_details = {
    validation_details: { status: 'Failed', creation_time: at(1), last_modified_time: at(2) },
    training_details: { status: 'NotStarted' },
  };
  const transitions = [change('InProgress', 0), change('Failed', 3)];
  expect(bars({ status: 'Failed', end_time: at(3), status_details, transitions }, 99)).toEqual([
    ['job', 'Failed 0–3'],
    ['validation', 'Failed 1–2'],
    ['training'],
  ]);
});

test('without Bedrock’s own times of a phase its observed changes stand in', () => {
  const transitions = [
    change('InProgress', 0),
    change('InProgress', 1, 'training'),
    change('Completed', 4, 'training'),
  ];
  expect(bars({ transitions, status_details: { training_details: { status: 'Completed' } } }, 9)?.[1]).toEqual([
    'training',
    'InProgress 1–4',
  ]);
});

test('a job that was first seen when it was over was in that status all the time', () => {
  expect(bars({ status: 'Completed', end_time: at(7), transitions: [change('Completed', 7)] }, 99)).toEqual([
    ['job', 'Completed 0–7'],
  ]);
});

test.each([
  ['InProgress', ['job', 'InProgress 0–9…']],
  ['Stopping', ['job', 'InProgress 0–4', 'Stopping 4–9…']],
])('a job that was first seen late, as %s, was in progress before', (status, lane) => {
  expect(bars({ status, transitions: [change(status, 4)] }, 9)).toEqual([lane]);
});

test('a job without a start has no timeline', () => {
  const { creation_time: _, ...job } = aRecord('a');
  expect(timelineOf(job, START)).toBeUndefined();
});

describe('the axis', () => {
  test.each([4000, 30_000, 8 * MINUTE, 85 * MINUTE, 7 * 60 * MINUTE, 40 * 24 * 60 * MINUTE])(
    'of %d ms has a few marks, from 0 on, none beyond',
    (length) => {
      const marks = axisMarks(length);
      expect([marks[0], marks.length <= 7, marks.length >= 3, (marks.at(-1) ?? 0) <= length]).toEqual([
        0,
        true,
        true,
        true,
      ]);
    },
  );
});
