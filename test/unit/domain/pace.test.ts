import { describe, expect, it } from '@jest/globals';
import { describeStall, paceOf, stalledSince, usualOf } from '../../../lib/domain/pace.ts';
import type { JobRecord, StatusDetails } from '../../../lib/domain/record.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';

describe('the pace of a running job', () => {
  it.each([
    [10, 'usual', 'Usually 1 h, 95 % within 1 h 30 min'],
    [70, 'long', 'Usually 1 h, 95 % within 1 h 30 min'],
    [200, 'unusual', 'Longer than usual: usually 1 h, 95 % within 1 h 30 min'],
  ])('after %d minutes is %s', (minutes, verdict, text) => {
    const usual = { p50: 60 * MINUTE, p95: 90 * MINUTE };
    expect(paceOf(minutes * MINUTE, usual)).toMatchObject({ verdict, text });
  });

  it('stays on the scale, however late the job is', () => {
    const { elapsed, p50, p95 } = paceOf(1e12, { p50: 0, p95: 0 });
    expect([elapsed, p50, p95].every((share) => share >= 0 && share < 1)).toBe(true);
  });
});

describe('the usual duration', () => {
  it.each([
    [undefined, undefined],
    [1, undefined],
    [4, undefined],
    [5, { p50: 1, p95: 2 }],
  ])('of %s completed jobs is %j', (count, usual) => {
    expect(usualOf(count === undefined ? undefined : { count, p50: 1, p95: 2 })).toEqual(usual);
  });
});

describe('a stalled job', () => {
  const NOW = Date.parse('2026-03-01T12:00:00.000Z');
  const endedAgo = (hours: number, status = 'Completed') => ({
    status,
    last_modified_time: new Date(NOW - hours * HOUR).toISOString(),
  });
  const details = (change: StatusDetails = {}): StatusDetails => ({
    validation_details: endedAgo(5),
    training_details: { status: 'NotStarted' },
    ...change,
  });
  type Job = Partial<Pick<JobRecord, 'status' | 'status_details' | 'missing_since' | 'untracked_since'>>;

  it.each<[string, Job, number | undefined]>([
    ['waits for its training since its validation', {}, 5],
    ['waits since its data were processed', { status_details: details({ data_processing_details: endedAgo(3) }) }, 3],
    ['waits where its data were never processed', { status_details: details({ data_processing_details: { status: 'NotStarted' } }) }, 5], // prettier-ignore
    ['is not one whose validation ended just now', { status_details: details({ validation_details: endedAgo(1.9) }) }, undefined], // prettier-ignore
    ['is not one whose data are processed', { status_details: details({ data_processing_details: endedAgo(0, 'InProgress') }) }, undefined], // prettier-ignore
    ['is not one that trains', { status_details: details({ training_details: endedAgo(4, 'InProgress') }) }, undefined],
    ['is not one whose validation failed', { status_details: details({ validation_details: endedAgo(5, 'Failed') }) }, undefined], // prettier-ignore
    ['is not one without phases', { status_details: {} }, undefined],
    [
      'is not one without times',
      { status_details: details({ validation_details: { status: 'Completed' } }) },
      undefined,
    ],
    ['is not one that is being stopped', { status: 'Stopping' }, undefined],
    ['is not one that ended', { status: 'Failed' }, undefined],
    ['is not one that is gone', { missing_since: '2026-03-01T11:00:00.000Z' }, undefined],
    ['is not one that nobody follows', { untracked_since: '2026-03-01T11:00:00.000Z' }, undefined],
  ])('%s', (_, change, hours) => {
    const job = { status: 'InProgress', status_details: details(), ...change };
    expect(stalledSince(job, NOW)).toBe(hours === undefined ? undefined : NOW - hours * HOUR);
    expect(describeStall(job, NOW)).toBe(
      hours === undefined ? undefined : `Training has not started ${hours} h after the phase before it ended.`,
    );
  });
});
