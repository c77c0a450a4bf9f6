import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EVENT_KINDS,
  EVENT_SOURCES,
  METRIC,
  SWEEPS,
  type EventKind,
  type EventSource,
  type SweepKind,
} from '../../contract.ts';
import { duringOf, type AlarmDefinition } from './alarms.ts';
import type { AlarmRule } from './alarm-rules.ts';
import type { MetricOf } from './metrics.ts';

/** Whether sweeps run, whether they cover everything, and how long jobs have been active. */
export const sweepAlarms = (metric: MetricOf, longRunningAfter: Duration): AlarmDefinition[] => [
  ...SWEEPS.flatMap((sweep) => periodic(sweep, metric)),
  longRunningJob(metric, longRunningAfter),
];

const periodic = (sweep: SweepKind, metric: MetricOf): AlarmDefinition[] => {
  const completeness = (statistic: string) => (period: Duration) =>
    metric(METRIC.sweepCompleteness, { sweep, period, statistic });
  const comparison = ComparisonOperator.LESS_THAN_THRESHOLD;
  const incomplete = (what: string) => ({
    name: `${sweep}SweepIncomplete` as const,
    metric: completeness(Stats.MAXIMUM),
    comparison,
    says: (rule: AlarmRule) =>
      `No ${sweep} sweep has covered ${rule.threshold === 100 ? `every scope and ${what}` : 'enough of the scopes'} ${duringOf(rule)}.`,
  });
  if (sweep === 'models' || sweep === 'usage') {
    // One alarm for both: what people do then is the same, and nothing that is billed waits for it.
    return [{ ...incomplete('model'), missing: TreatMissingData.BREACHING, paragraph: 'sweeps-of-models-fail' }];
  }
  return [
    {
      name: `${sweep}SweepMissing`,
      metric: completeness(Stats.SAMPLE_COUNT),
      comparison,
      // No sweep, no data: silence is what this alarm listens for.
      missing: TreatMissingData.BREACHING,
      says: (rule) => `No ${sweep} sweep has finished ${duringOf(rule)}.`,
      paragraph: `no-${sweep}-sweep-ends`,
    },
    {
      ...incomplete('job'),
      // That no sweep ends has an alarm of its own, and does not mean that the next one will be complete.
      missing: TreatMissingData.IGNORE,
      paragraph: `${sweep}-sweeps-are-incomplete`,
    },
  ];
};

const longRunningJob = (metric: MetricOf, longRunningAfter: Duration): AlarmDefinition => ({
  name: 'jobRunsLong',
  metric: (period) => metric(METRIC.oldestActiveJobAge, { period }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  // Only sweeps tell the age. While none runs, which has an alarm of its own, the job is as old as before and older.
  missing: TreatMissingData.IGNORE,
  says: `A job has been active for more than ${longRunningAfter.toHumanString()}.`,
  paragraph: 'a-job-runs-long',
});

/** Whether events arrive, and whether Lambda reads their sources. */
export const eventAlarms = (metric: MetricOf): AlarmDefinition[] => [
  ...EVENT_KINDS.map((eventKind) => missed(eventKind, metric)),
  ...EVENT_SOURCES.map((source) => notRead(source, metric)),
];

const MISSED: Readonly<
  Record<EventKind, Pick<AlarmDefinition, 'name' | 'paragraph'> & { readonly what: string; readonly but: string }>
> = {
  'state-change': {
    name: 'stateChangesMissed',
    what: 'changes of jobs',
    but: 'and a sweep found them',
    paragraph: 'state-changes-are-missed',
  },
  creation: {
    name: 'creationsMissed',
    what: 'creations of jobs',
    but: 'although there is a trail',
    paragraph: 'creations-are-missed',
  },
};

/**
 * A change counts as missed where a sweep was faster than its event, and as received once the event arrives: so events that
 * are always late are at most half of it. Hours without data are quiet, or sweeps do not run, which has an alarm of its
 * own.
 */
const missed = (eventKind: EventKind, metric: MetricOf): AlarmDefinition => {
  const { name, what, but, paragraph } = MISSED[eventKind];
  return {
    name,
    metric: (period) => metric(METRIC.eventsMissed, { eventKind, period, statistic: Stats.AVERAGE }),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    says: (rule) => {
      const share = rule.threshold === 0.5 ? 'Most' : 'Too many';
      return `${share} ${what} came without an event ${duringOf(rule)}, ${but}.`;
    },
    paragraph,
  };
};

const NOT_READ: Readonly<Record<EventSource, Pick<AlarmDefinition, 'name' | 'says'>>> = {
  'job-events': { name: 'jobEventsNotRead', says: 'Lambda does not read the queue of events about jobs.' },
  transitions: { name: 'transitionsNotRead', says: 'Lambda does not read the stream of a table of records.' },
};

const notRead = (source: EventSource, metric: MetricOf): AlarmDefinition => ({
  ...NOT_READ[source],
  metric: (period) => metric(METRIC.eventSourceEnabled, { source, period, statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  // Only sweeps look. While none runs, which has an alarm of its own, nothing is known to have changed.
  missing: TreatMissingData.IGNORE,
  paragraph: 'a-source-of-events-is-not-read',
});
