import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { rowOf } from './document.ts';
import { deployedAlarms, drill, playHealthy } from './drill.ts';
import { LOADS, outageOf, PAIRS, playPair, problemsOf } from './matrix.ts';
import { OUTAGES } from './outages.ts';
import { DAY } from '../../lib/domain/time.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/alarms.md'), 'utf8');
const rows = DOCUMENT.split('\n').map((line) =>
  line
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1),
);
/** The row of an outage with the time of the first load alone: playing all takes longer than a test may. */
const documented = (outage: string): readonly string[] => {
  const [name = '', alarm = '', times = '', also = ''] = rows.find(([first]) => first === outage) ?? [];
  return [name, alarm, times.split(' / ')[0] ?? '', also];
};

// What the world of 500 jobs a day, a month and the other pairs show is played by npm run test:drills.
describe('an outage', () => {
  it.each(OUTAGES)('is named by its alarm, as docs/alarms.md says: $name', async (outage) => {
    const rings = await drill([outage], { jobsADay: LOADS[0] });
    expect(problemsOf(outage, rings)).toEqual([]);
    expect(rowOf(outage, [rings])).toEqual(documented(outage.name));
  });

  it.each(PAIRS.slice(0, 2))('is seen while another lasts: %s, then %s', async (first, second) => {
    expect([...(await playPair([first, second], LOADS[0])).keys()]).toContain(outageOf(second).alarm);
  });
});

describe('an alarm', () => {
  const named = new Set(OUTAGES.map(({ alarm }) => alarm));

  it.each(deployedAlarms({ notifications: {} }).map(({ name }) => name))(
    'names an outage that is played: %s',
    (name) => {
      expect(named).toContain(name);
    },
  );

  it.each([
    [0, true],
    [3, true],
    [3, false],
  ])('does not ring in a week with %i jobs a day, trail: %s', async (jobsADay, hasTrail) => {
    expect([...(await playHealthy({ jobsADay, hasTrail }, 7 * DAY))]).toEqual([]);
  });
});
