import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EVENT_KINDS,
  EVENT_SOURCES,
  METRIC,
  type EventKind,
  type EventSource,
  type SweepKind,
} from '../../contract.ts';
import type { AlarmDefinition } from './alarms.ts';
import type { MetricOf } from './metrics.ts';

/** The periods in which something that happens regularly is expected. */
export interface Heartbeat {
  readonly period: Duration;
  /** How many periods in a row without it mean that it has stopped. */
  readonly periods: number;
}

const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;
/** Shorter ones would ring for a sweep that takes its time. */
const SHORTEST_MIN = 5;

/**
 * How far back an alarm can look: a day with periods under an hour, else seven days.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const longestRangeMin = (periodMin: number): number => (periodMin < HOUR_MIN ? DAY_MIN : 7 * DAY_MIN);

/** A period that CloudWatch takes: at most a day. */
export const longestPeriod = (period: Duration): Duration => Duration.minutes(Math.min(period.toMinutes(), DAY_MIN));

/**
 * The periods by which an alarm sees that something which happens `every` so often has failed to `misses` times in a
 * row, as far as CloudWatch can look back. Periods follow the clock and not the last time it happened, so at least one
 * period more than `every` must fit: otherwise the answer is undefined, since an alarm would ring while all is well.
 * That is the case where it happens less often than every 6 days.
 *
 * @param every whole minutes
 */
export function heartbeat(every: Duration, misses: number): Heartbeat | undefined {
  const everyMin = every.toMinutes();
  const periodMin = Math.min(Math.max(everyMin, SHORTEST_MIN), DAY_MIN);
  const wanted = Math.ceil((misses * Math.max(everyMin, SHORTEST_MIN)) / periodMin);
  const periods = Math.min(wanted, Math.floor(longestRangeMin(periodMin) / periodMin));
  if ((periods - 1) * periodMin < everyMin) return undefined;
  return { period: Duration.minutes(periodMin), periods };
}

export interface SweepAlarmsProps {
  readonly metric: MetricOf;
  readonly activeSweepEvery: Duration;
  readonly fullSweepEvery: Duration;
  readonly longRunningAfter: Duration;
}

/** How many sweeps in a row may not end, or not cover all. A full sweep has days, an active one bounds lateness. */
const MISSES = { active: 3, full: 2 } as const satisfies Record<SweepKind, number>;

/** Whether sweeps run, whether they cover everything, and how long jobs have been active. */
export const sweepAlarms = (props: SweepAlarmsProps): AlarmDefinition[] => [
  ...periodic('active', props.activeSweepEvery, props.metric),
  ...periodic('full', props.fullSweepEvery, props.metric),
  longRunningJob(props),
];

/** No alarm where sweeps are so rare that CloudWatch cannot look back far enough: see {@link heartbeat}. */
const periodic = (sweep: SweepKind, every: Duration, metric: MetricOf): AlarmDefinition[] => {
  const beat = heartbeat(every, MISSES[sweep]);
  if (beat === undefined) return [];
  const { period, periods } = beat;
  const time = Duration.minutes(period.toMinutes() * periods).toHumanString();
  const name = sweep === 'active' ? 'Active' : 'Full';
  const completeness = (statistic: string) => metric(METRIC.sweepCompleteness, { sweep, period, statistic });
  const common = { periods, comparison: ComparisonOperator.LESS_THAN_THRESHOLD };
  return [
    {
      ...common,
      id: `${name}SweepMissing`,
      metric: completeness(Stats.SAMPLE_COUNT),
      // No sweep, no data: silence is what this alarm listens for.
      missing: TreatMissingData.BREACHING,
      says: `No ${sweep} sweep has finished for ${time}.`,
      paragraph: `no-${sweep}-sweep-ends`,
    },
    {
      ...common,
      id: `${name}SweepIncomplete`,
      metric: completeness(Stats.MAXIMUM),
      threshold: 100,
      // That no sweep ends has an alarm of its own, and does not mean that the next one will be complete.
      missing: TreatMissingData.IGNORE,
      says: `No ${sweep} sweep has covered every scope and job for ${time}.`,
      paragraph: `${sweep}-sweeps-are-incomplete`,
    },
  ];
};

const longRunningJob = ({ metric, activeSweepEvery, longRunningAfter }: SweepAlarmsProps): AlarmDefinition => ({
  id: 'JobRunsLong',
  metric: metric(METRIC.oldestActiveJobAge, {
    period: longestPeriod(Duration.minutes(Math.max(5, activeSweepEvery.toMinutes()))),
  }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: longRunningAfter.toSeconds(),
  // Only sweeps tell the age. While none runs, which has an alarm of its own, the job is as old as before and older.
  missing: TreatMissingData.IGNORE,
  says: `A job has been active for more than ${longRunningAfter.toHumanString()}.`,
  paragraph: 'a-job-runs-long',
});

/** Whether events arrive, and whether Lambda reads their sources. */
export const eventAlarms = ({ metric, activeSweepEvery }: SweepAlarmsProps): AlarmDefinition[] => [
  ...EVENT_KINDS.map((eventKind) => missed(eventKind, metric)),
  ...EVENT_SOURCES.map((source) => notRead(source, activeSweepEvery, metric)),
];

const MISSED: Readonly<Record<EventKind, Pick<AlarmDefinition, 'id' | 'says' | 'paragraph'>>> = {
  'state-change': {
    id: 'StateChangesMissed',
    says: 'In at least two hours of the last day, most changes of jobs came without an event, and a sweep found them.',
    paragraph: 'state-changes-are-missed',
  },
  creation: {
    id: 'CreationsMissed',
    says: 'In at least two hours of the last day, most creations of jobs came without an event, although there is a trail.',
    paragraph: 'creations-are-missed',
  },
};

/**
 * A change counts as missed where a sweep was faster than its event, and as received once the event arrives: so events that
 * are always late are at most half of it. A single lost event is the whole of its hour, and raises no alarm. Hours
 * without data are quiet, or sweeps do not run, which has an alarm of its own.
 */
const missed = (eventKind: EventKind, metric: MetricOf): AlarmDefinition => ({
  ...MISSED[eventKind],
  metric: metric(METRIC.eventsMissed, { eventKind, period: Duration.hours(1), statistic: Stats.AVERAGE }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: 0.5,
  periods: 24,
  breachingPeriods: 2,
});

const NOT_READ: Readonly<Record<EventSource, Pick<AlarmDefinition, 'id' | 'says'>>> = {
  'job-events': { id: 'JobEventsNotRead', says: 'Lambda does not read the queue of events about jobs.' },
  transitions: { id: 'TransitionsNotRead', says: 'Lambda does not read the stream of the jobs table.' },
};

const notRead = (source: EventSource, every: Duration, metric: MetricOf): AlarmDefinition => {
  const { period, periods } = heartbeat(every, 2) ?? { period: Duration.days(1), periods: 7 };
  return {
    ...NOT_READ[source],
    metric: metric(METRIC.eventSourceEnabled, { source, period, statistic: Stats.MAXIMUM }),
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods,
    // Only sweeps look. While none runs, which has an alarm of its own, nothing is known to have changed.
    missing: TreatMissingData.IGNORE,
    paragraph: 'a-source-of-events-is-not-read',
  };
};
