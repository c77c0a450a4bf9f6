import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { hear } from '../../../lib/tracking/hear.ts';
import { scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';

describe('a scope that never had a job', () => {
  it.each([
    ['when a day has passed', DAY],
    ['some minutes early, as its spoke was last heard before that sweep', DAY - 7 * MINUTE],
  ])('is swept by the list of all jobs alone, %s', async (_what, later) => {
    const { bedrock, deps, advanceClock, run } = trackerOnFakes();
    const scope = scopeOf(1);
    deps.periods = { ...deps.periods, idle: HOUR, empty: DAY, full: DAY };
    await hear(deps, scope, 'heartbeat');
    advanceClock(8 * MINUTE);
    expect((await run('due', [])).reports.map(({ sweep }) => sweep)).toEqual(['active', 'full']);
    advanceClock(later - HOUR);
    await hear(deps, scope, 'heartbeat');
    advanceClock(HOUR - MINUTE);
    expect((await run('due', [])).reports.map(({ sweep }) => sweep)).toEqual(['full']);
    expect(bedrock.calls).toHaveLength(1);
  });
});
