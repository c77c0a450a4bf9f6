import { App } from 'aws-cdk-lib';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/stack-props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';
import { EXTRA_DATAPOINTS, historyOf, type Alarm } from './cloudwatch/alarm.ts';
import { alarmsOf, type AlarmTemplate } from './cloudwatch/template-alarms.ts';
import type { Outage } from './outages.ts';
import { DAY, DrilledTracker, HOUR, type TrackerOptions } from './tracker.ts';

const synthesized = new Map<string, readonly Alarm[]>();

/** The alarms of the stack with these props, as the template has them. The functions must be bundled. */
export const deployedAlarms = (props: BedrockJobTrackerStackProps = {}): readonly Alarm[] => {
  const key = JSON.stringify(props);
  const known = synthesized.get(key);
  if (known !== undefined) return known;
  const app = new App();
  new BedrockJobTrackerStack(app, 'Drilled', props);
  const alarms = alarmsOf(app.synth().getStackByName('Drilled').template as AlarmTemplate);
  synthesized.set(key, alarms);
  return alarms;
};

/** So long all is well before an outage: every alarm has its data, and what sweeps learn is known. */
const BEFORE = 2 * DAY + 6 * HOUR;
/** Full sweeps are watched over days. */
const AFTER = 5 * DAY;

/** When each alarm rang first, in ms after the beginning of an outage, the first one first. */
export type Rings = ReadonlyMap<string, number>;

/** CloudWatch does not say how far beyond an alarm's periods it looks for data. */
export interface Evaluation {
  readonly extra?: number;
}

const ringsOf = (
  { store }: DrilledTracker,
  {
    now,
    since,
    alarms,
    extra = EXTRA_DATAPOINTS,
  }: Evaluation & { now: number; since: number; alarms: readonly Alarm[] },
): Rings => {
  const range = { start: since - HOUR, end: now, extra };
  const rings = alarms.flatMap((alarm): [string, number][] => {
    const rang = historyOf(store, alarm, range).find(({ at, state }) => state === 'ALARM' && at > since);
    return rang === undefined ? [] : [[alarm.name, rang.at - since]];
  });
  return new Map(rings.sort(([, a], [, b]) => a - b));
};

const requireSound = ({ world }: DrilledTracker): void => {
  if (world.problems.length > 0) throw new Error(world.problems.slice(0, 5).join('\n'));
};

/** Plays an outage, and others that begin while it lasts: what rings after the last of them began. */
export const drill = async (
  outages: readonly Outage[],
  { jobsADay, ...evaluation }: Evaluation & { readonly jobsADay: number },
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
  return ringsOf(tracker, { ...evaluation, now: tracker.now(), since, alarms: deployedAlarms(props) });
};

/** Plays a time in which nothing goes wrong: what rings all the same. */
export const playHealthy = async (
  options: TrackerOptions,
  time: number,
  evaluation: Evaluation = {},
): Promise<Rings> => {
  const tracker = new DrilledTracker(options);
  await tracker.play(BEFORE);
  const since = tracker.now();
  await tracker.play(time);
  requireSound(tracker);
  return ringsOf(tracker, { ...evaluation, now: tracker.now(), since, alarms: deployedAlarms({ notifications: {} }) });
};
