import { Duration } from 'aws-cdk-lib';
import type { SweepKind } from '../../contract.ts';
import type { AlarmThreshold, AlarmThresholds } from '../props/alarm-thresholds.ts';
import type { BedrockJobTrackerProps } from '../props/props.ts';

/** Id of an alarm's construct, in camelCase; what operators see as the middle of its name is the same in PascalCase. */
export type AlarmName = keyof AlarmThresholds;

/** When an alarm rings. */
export interface AlarmRule {
  readonly threshold: number;
  readonly period: Duration;
  readonly periods: number;
  /** How many of the periods must breach. */
  readonly breachingPeriods: number;
}

/** What says how often each sweep runs. */
export type SweepPeriods = Required<
  Pick<BedrockJobTrackerProps, 'activeSweepEvery' | 'fullSweepEvery' | 'models' | 'modelSweepEvery' | 'modelUsage'>
>;

/** What the rules follow from. */
export type AlarmSettings = SweepPeriods &
  Required<Pick<BedrockJobTrackerProps, 'longRunningAfter' | 'schedulesEnabled' | 'alarmThresholds'>>;

/** The values that a threshold takes. */
export interface Values {
  readonly takes: string;
  readonly fits: (value: number) => boolean;
  readonly unit?: string;
}

const COUNT: Values = { takes: 'a whole number of at least 1', fits: (value) => Number.isInteger(value) && value >= 1 };
const SECONDS: Values = { ...COUNT, unit: 's' };
const PERCENT: Values = {
  unit: '%',
  takes: 'a percentage above 0, at most 100',
  fits: (value) => value > 0 && value <= 100,
};
const SHARE: Values = { takes: 'a share from 0 to less than 1', fits: (value) => value >= 0 && value < 1 };
const PERIODS_ALONE = 'it counts periods, so set period, periods and breachingPeriods';

const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;
/** Shorter ones would ring for a sweep that takes its time. */
const SHORTEST_MIN = 5;

/** Alarms on queries, with a state for each scope. */
const BY_SCOPE: readonly AlarmName[] = ['scopesFailing', 'scopesReleased'];
const QUERY_MIN = 3 * HOUR_MIN;

/**
 * How far back an alarm can look: a day with periods under an hour, else seven days; on a query three hours.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
 */
const longestRangeMin = (periodMin: number): number => (periodMin < HOUR_MIN ? DAY_MIN : 7 * DAY_MIN);
export const longestRange = (period: Duration, name: AlarmName): Duration =>
  Duration.minutes(BY_SCOPE.includes(name) ? QUERY_MIN : longestRangeMin(period.toMinutes()));

/**
 * The periods by which an alarm sees that something which happens `every` so often has failed to `misses` times in a
 * row, as far as CloudWatch can look back. Periods follow the clock and not the last time it happened, so at least one
 * period more than `every` must fit: otherwise the answer is undefined, since an alarm would ring while all is well.
 * That is the case where it happens less often than every 6 days.
 *
 * @param every whole minutes
 */
export function heartbeat(every: Duration, misses: number): Pick<AlarmRule, 'period' | 'periods'> | undefined {
  const everyMin = every.toMinutes();
  const periodMin = Math.min(Math.max(everyMin, SHORTEST_MIN), DAY_MIN);
  const wanted = Math.ceil((misses * Math.max(everyMin, SHORTEST_MIN)) / periodMin);
  const periods = Math.min(wanted, Math.floor(longestRangeMin(periodMin) / periodMin));
  if ((periods - 1) * periodMin < everyMin) return undefined;
  return { period: Duration.minutes(periodMin), periods };
}

const rule = (threshold: number, minutes: number, periods = 1, breachingPeriods = periods): AlarmRule => ({
  threshold,
  period: Duration.minutes(minutes),
  periods,
  breachingPeriods,
});

/** Undefined where sweeps are so rare that CloudWatch cannot look back far enough. */
const sweeps = (threshold: number, every: Duration | undefined, misses: number): AlarmRule | undefined => {
  const beat = every && heartbeat(every, misses);
  return beat && { ...beat, threshold, breachingPeriods: beat.periods };
};

/** How often each sweep runs; undefined where the tracker does not have it. Use is measured by days. */
export const sweepPeriods = (settings: SweepPeriods): Readonly<Record<SweepKind, Duration | undefined>> => ({
  active: settings.activeSweepEvery,
  full: settings.fullSweepEvery,
  models: settings.models ? settings.modelSweepEvery : undefined,
  usage: settings.models && settings.modelUsage ? Duration.days(1) : undefined,
});

/** How many sweeps in a row may not end, or not cover all. Daily ones have days, active ones bound lateness. */
const MISSES = { active: 3, full: 2, models: 3, usage: 2 } as const satisfies Record<SweepKind, number>;

/** What the threshold of an alarm takes, or why it has none; and its rule, undefined where the tracker does not have it. */
type Standard = readonly [takes: Values | string, rule: (settings: AlarmSettings) => AlarmRule | undefined];

const NOT_EMPTY: Standard = [COUNT, () => rule(1, 1)];
/** Everything that fails is tried again by itself, so one failure is expected and the second is not. */
const ERRORS: Standard = [COUNT, () => rule(2, 15)];
const THROTTLES: Standard = [COUNT, () => rule(1, 5, 3)];
/** A single lost event is the whole of its hour, and raises no alarm. */
const MISSED: Standard = [SHARE, () => rule(0.5, 60, 24, 2)];
/** Without schedules sweeps are missing on purpose. */
const missing =
  (kind: SweepKind, threshold: number): Standard[1] =>
  (settings) =>
    settings.schedulesEnabled ? sweeps(threshold, sweepPeriods(settings)[kind], MISSES[kind]) : undefined;
/** Of thousands of scopes in a hub some fail at any time, and succeed the next. In a single tracker each sweep is all or none. */
const incomplete = (kind: SweepKind): Standard => [PERCENT, missing(kind, 99)];
const NOT_READ: Standard = [
  PERIODS_ALONE,
  ({ activeSweepEvery }) => sweeps(1, activeSweepEvery, 2) ?? rule(1, DAY_MIN, 7),
];

const STANDARDS: Readonly<Record<AlarmName, Standard>> = {
  jobEventsDeadLettersNotEmpty: NOT_EMPTY,
  undeliveredEventsNotEmpty: NOT_EMPTY,
  undeliveredSweepsNotEmpty: NOT_EMPTY,
  undeliveredTransitionsNotEmpty: NOT_EMPTY,
  undeliveredNotificationsNotEmpty: NOT_EMPTY,
  // A message that track-job fails on is dead-lettered after half an hour, and SQS leaves it out of the age from its
  // fourth delivery on. One that is older than 45 minutes waits for a reader.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
  jobEventsWaiting: [SECONDS, () => rule(45 * 60, 5)],
  // A sweep is tried three times, 15 minutes apart, and its message is kept for an hour.
  sweepsWaiting: [SECONDS, () => rule(50 * 60, 5)],
  eventsLost: [COUNT, () => rule(1, 5)],
  trackJobErrors: ERRORS,
  trackJobThrottles: THROTTLES,
  reconcileJobsThrottles: THROTTLES,
  publishTransitionsErrors: ERRORS,
  publishTransitionsThrottles: THROTTLES,
  notifyTransitionThrottles: THROTTLES,
  activeSweepMissing: [PERIODS_ALONE, missing('active', 1)],
  activeSweepIncomplete: [PERCENT, ({ activeSweepEvery }) => sweeps(100, activeSweepEvery, MISSES.active)],
  fullSweepIncomplete: incomplete('full'),
  modelsSweepIncomplete: incomplete('models'),
  usageSweepIncomplete: incomplete('usage'),
  scopesFailing: [PERIODS_ALONE, ({ activeSweepEvery }) => failing(activeSweepEvery.toMinutes())],
  scopesReleased: [PERIODS_ALONE, () => rule(1, HOUR_MIN)],
  jobRunsLong: [
    'set longRunningAfter',
    ({ activeSweepEvery, longRunningAfter }) =>
      // A period that CloudWatch takes: at most a day.
      rule(longRunningAfter.toSeconds(), Math.min(Math.max(SHORTEST_MIN, activeSweepEvery.toMinutes()), DAY_MIN)),
  ],
  stateChangesMissed: MISSED,
  creationsMissed: MISSED,
  jobEventsNotRead: NOT_READ,
  transitionsNotRead: NOT_READ,
  jobsTableThrottled: THROTTLES,
};

/** While a scope fails, each active sweep says so. */
const failing = (active: number): AlarmRule =>
  rule(1, Math.min(Math.max(active, SHORTEST_MIN), QUERY_MIN), active > HOUR_MIN ? 1 : MISSES.active);

export const isAlarm = (name: string): name is AlarmName => Object.hasOwn(STANDARDS, name);

/** What the threshold of an alarm takes, or why it has none. */
export const thresholdOf = (name: AlarmName): Values | string => STANDARDS[name][0];

/** The rule of each alarm; undefined where the tracker does not have it. */
export function alarmRules(settings: AlarmSettings): Readonly<Record<AlarmName, AlarmRule | undefined>> {
  const rules = Object.entries(STANDARDS).map(([name, [, ruleOf]]) => {
    const own: AlarmThreshold = settings.alarmThresholds[name as AlarmName] ?? {};
    const standard = ruleOf(settings);
    return [name, own.enabled === false || standard === undefined ? undefined : tuned(standard, own)];
  });
  return Object.fromEntries(rules) as Record<AlarmName, AlarmRule | undefined>;
}

const tuned = (standard: AlarmRule, { threshold, period, periods, breachingPeriods }: AlarmThreshold): AlarmRule => ({
  threshold: threshold ?? standard.threshold,
  period: period ?? standard.period,
  periods: periods ?? standard.periods,
  breachingPeriods: breachingPeriods ?? periods ?? standard.breachingPeriods,
});
