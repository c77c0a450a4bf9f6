import { describe, expect, it, jest } from '@jest/globals';
import { playAlways, playMany } from './campaign.ts';
import { ORGANIZATION_FAULTS, RATED_FAULTS } from './faults.ts';
import { failureText } from './report.ts';

const HISTORIES = 200;
const OF_ORGANIZATIONS = 6;
/** `FAULTS_SEED=7 npx jest test/faults` plays others; `npm run test:faults` plays thousands. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_121);
jest.setTimeout(300_000);

describe('whatever goes wrong', () => {
  it('once it is over, one active and one full sweep make each record true, and nothing is lost or told twice', async () => {
    const { tally, failure } = await playMany(SEED, HISTORIES);
    if (failure !== undefined) throw new Error(failureText(failure));
    const never = RATED_FAULTS.filter((fault) => (tally.faults[fault]?.injected ?? 0) === 0);
    expect({ histories: tally.histories, never }).toEqual({ histories: HISTORIES, never: [] });
  });

  it('a hub sweeps each scope when it is due, releases those that fell silent, and none that is heard', async () => {
    const { tally, failure } = await playMany(SEED, OF_ORGANIZATIONS, { of: 'organization' });
    if (failure !== undefined) throw new Error(failureText(failure));
    const never = ORGANIZATION_FAULTS.filter((fault) => (tally.faults[fault]?.injected ?? 0) === 0);
    expect({ histories: tally.histories, never }).toEqual({ histories: OF_ORGANIZATIONS, never: [] });
  });

  it('a sweep that is killed at any of its steps, or never has time enough, is brought to its end by the next', async () => {
    const { tally, failure } = await playAlways();
    if (failure !== undefined) throw new Error(failureText(failure));
    expect(tally.faults['a sweep is killed at a step']?.histories).toBeGreaterThan(100);
    expect(tally.faults['a sweep stops at its deadline']?.histories).toBeGreaterThan(0);
  });
});
