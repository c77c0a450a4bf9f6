import { drill, playHealthy, type Rings } from './drill.ts';
import { OUTAGES, type Outage } from './outages.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';

/** Jobs a day of the two columns. */
export const LOADS = [3, 50] as const;
export const HEALTHY_LOADS = [0, 3, 500] as const;

/** Two at a time: outages of which the first must not hide the second. */
export const PAIRS: readonly (readonly [first: string, second: string])[] = [
  ['the role of one spoke of a hub is gone', 'the schedule of a hub is stopped'],
  ['access to one job is denied', 'the schedule is stopped'],
  ['Bedrock is denied', 'a deployment breaks reconcile-jobs'],
  ['the event source mapping of the queue is disabled', 'the event source mapping of the stream is disabled'],
  ['the rule of state changes is disabled', 'the event source mapping of the queue is disabled'],
  ['unreadable messages arrive', 'the policy of the queue is lost'],
  ['a job hangs', 'access to one job is denied'],
  ['the role of one spoke of a hub is gone', 'the event source mapping of the queue of sweeps is disabled'],
  ['access to one model is denied', 'CloudWatch is denied'],
];

export const outageOf = (name: string): Outage => {
  const outage = OUTAGES.find((one) => one.name === name);
  if (outage === undefined) throw new Error(`No outage is called "${name}".`);
  return outage;
};

/** Bounds in which times are told: a change of a few minutes elsewhere is not to change the matrix. */
const BOUNDS: readonly (readonly [ms: number, words: string])[] = [
  [15 * MINUTE, '15 minutes'],
  [30 * MINUTE, '30 minutes'],
  [HOUR, '1 hour'],
  [2 * HOUR, '2 hours'],
  [6 * HOUR, '6 hours'],
  [12 * HOUR, '12 hours'],
  [DAY, '1 day'],
  [2 * DAY + HOUR, '2 days'],
  [4 * DAY, '4 days'],
];
export const within = (ms: number | undefined): string =>
  ms === undefined ? 'never' : (BOUNDS.find(([bound]) => ms <= bound)?.[1] ?? 'never');

/** What is wrong with how an outage rang: nothing where its own alarm names it and the rest was expected. */
export const problemsOf = ({ alarm, follows = {}, names }: Outage, rings: Rings): string[] => [
  ...(rings.has(alarm) ? [] : [`${alarm} did not ring`]),
  ...(names === rings.get(alarm)?.named.join() || names === undefined ? [] : [`${alarm} did not name ${names} alone`]),
  ...[...rings.keys()].filter((name) => name !== alarm && !(name in follows)).map((name) => `${name} rang too`),
];

/** What rang for each outage by load, in the order of the outages. */
export type Played = ReadonlyMap<Outage, readonly Rings[]>;

export const playOutages = async (loads: readonly number[]): Promise<Played> => {
  const played = new Map<Outage, readonly Rings[]>();
  for (const outage of OUTAGES) {
    const rings: Rings[] = [];
    for (const jobsADay of loads) rings.push(await drill([outage], { jobsADay }));
    played.set(outage, rings);
  }
  return played;
};

/** What rings for the second of two outages while the first lasts. */
export const playPair = ([first, second]: readonly [string, string], jobsADay: number): Promise<Rings> =>
  drill([outageOf(first), outageOf(second)], { jobsADay });

export const playMonths = async (time = 30 * DAY): Promise<readonly string[]> => {
  const rang: string[] = [];
  for (const hasTrail of [true, false]) {
    for (const jobsADay of HEALTHY_LOADS) {
      const rings = await playHealthy({ jobsADay, hasTrail }, time);
      rang.push(
        ...[...rings.keys()].map(
          (name) => `${name} at ${jobsADay} jobs a day ${hasTrail ? 'with' : 'without'} a trail`,
        ),
      );
    }
  }
  return rang;
};
