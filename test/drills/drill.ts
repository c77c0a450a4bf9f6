import { App } from 'aws-cdk-lib';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';
import { contributorsOf, EXTRA_DATAPOINTS, historyOf, type Alarm } from './cloudwatch/alarm.ts';
import { alarmsOf, type AlarmTemplate } from './cloudwatch/template-alarms.ts';
import type { Outage } from './outages.ts';
import { DAY, HOUR } from '../../lib/domain/time.ts';
import { DrilledTracker, type TrackerOptions } from './tracker.ts';

const synthesized = new Map<string, readonly Alarm[]>();

/** The alarms of the stack with these props, as the template has them. The functions must be bundled. */
export const deployedAlarms = (props: BedrockJobTrackerStackProps = {}): readonly Alarm[] => {
  const key = JSON.stringify(props);
  const known = synthesized.get(key);
  if (known !== undefined) return known;
  // Other tests have the template validated, which takes seconds.
  const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': false } });
  new BedrockJobTrackerStack(app, 'Drilled', props);
  const alarms = alarmsOf(app.synth().getStackByName('Drilled').template as AlarmTemplate);
  synthesized.set(key, alarms);
  return alarms;
};

/** So long all is well before an outage: every alarm has its data, and what sweeps learn is known. */
const BEFORE = DAY + 6 * HOUR;
/** Full sweeps are watched over days. */
const AFTER = 4 * DAY;

/** When an alarm rang first, in ms after the beginning of an outage, and which scopes it named. */
interface Ring {
  readonly at: number;
  readonly named: readonly string[];
}
/** What rang, the first one first. */
export type Rings = ReadonlyMap<string, Ring>;

const rangIn = (
  { store }: DrilledTracker,
  alarms: readonly Alarm[],
  range: { readonly start: number; readonly since: number; readonly end: number; readonly extra: number },
): Rings => {
  const rings = alarms.flatMap((alarm): [string, Ring][] => {
    const rang = contributorsOf(store, alarm).flatMap(({ alarm: own, contributor }) => {
      const first = historyOf(store, own, range).find(({ at, state }) => state === 'ALARM' && at > range.since);
      return first === undefined ? [] : [{ at: first.at - range.since, contributor }];
    });
    if (rang.length === 0) return [];
    const named = rang.flatMap(({ contributor }) => contributor ?? []);
    return [[alarm.name, { at: Math.min(...rang.map(({ at }) => at)), named }]];
  });
  return new Map(rings.sort(([, a], [, b]) => a.at - b.at));
};

/**
 * What rang since a time. CloudWatch does not say how far beyond an alarm's periods it looks for data: the same alarms
 * must ring where it looks no further.
 */
const ringsOf = (tracker: DrilledTracker, since: number, alarms: readonly Alarm[]): Rings => {
  const range = { start: since - HOUR, since, end: tracker.now() };
  const rings = rangIn(tracker, alarms, { ...range, extra: EXTRA_DATAPOINTS });
  const nearer = rangIn(tracker, alarms, { ...range, extra: 0 });
  const differing = [...new Set([...rings.keys(), ...nearer.keys()])].filter(
    (name) => !rings.has(name) || !nearer.has(name),
  );
  if (differing.length > 0)
    throw new Error(`It depends on the evaluation range whether these ring: ${differing.join(', ')}`);
  return rings;
};

const requireSound = ({ world }: DrilledTracker): void => {
  if (world.problems.length > 0) throw new Error(world.problems.slice(0, 5).join('\n'));
};

/** Plays an outage, and others that begin while it lasts: what rings after the last of them began. */
export const drill = async (
  outages: readonly Outage[],
  { jobsADay }: Pick<TrackerOptions, 'jobsADay'>,
): Promise<Rings> => {
  const of = Object.assign({}, ...outages.map((outage) => outage.of)) as Partial<TrackerOptions>;
  const props = Object.assign({}, ...outages.map(({ stack }) => stack)) as BedrockJobTrackerStackProps;
  const tracker = new DrilledTracker({ jobsADay, ...of });
  await tracker.play(BEFORE);
  let since = tracker.now();
  for (const [place, outage] of outages.entries()) {
    if (place > 0) await tracker.play(AFTER);
    since = tracker.now();
    outage.begin(tracker);
  }
  await tracker.play(AFTER);
  requireSound(tracker);
  return ringsOf(tracker, since, deployedAlarms(props));
};

/** Plays a time in which nothing goes wrong: what rings all the same. */
export const playHealthy = async (options: TrackerOptions, time: number): Promise<Rings> => {
  const tracker = new DrilledTracker(options);
  await tracker.play(BEFORE);
  const since = tracker.now();
  await tracker.play(time);
  requireSound(tracker);
  return ringsOf(tracker, since, deployedAlarms({ notifications: {} }));
};
