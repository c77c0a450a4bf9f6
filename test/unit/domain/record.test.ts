import { describe, expect, it } from '@jest/globals';
import { ACTIVE_STATUSES, isTerminal, JOB_STATUSES } from '../../../lib/domain/record.ts';

const END = '2026-01-01T00:00:00.000Z';

describe('a job is final', () => {
  it.each<[status: string | undefined, ended: boolean, final: boolean]>([
    ['Completed', false, true],
    ['Failed', false, true],
    ['Stopped', false, true],
    ['InProgress', false, false],
    ['Stopping', false, false],
    ['InProgress', true, false],
    ['Stopping', true, false],
    ['Paused', false, false],
    ['Paused', true, true],
    [undefined, false, false],
    [undefined, true, true],
  ])('as %s, with an end %s: %s', (status, ended, final) => {
    expect(isTerminal({ ...(status === undefined ? {} : { status }), ...(ended ? { end_time: END } : {}) })).toBe(
      final,
    );
  });

  it('in every known status that Bedrock is not asked for to find the jobs that still move', () => {
    const active: readonly string[] = ACTIVE_STATUSES;
    expect(JOB_STATUSES.filter((status) => !isTerminal({ status }))).toEqual(active);
  });
});
