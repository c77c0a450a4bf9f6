import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { EVENT_KINDS, EVENT_SOURCES, type EventKind, type EventSource } from '../../../contract.ts';
import type { TrackerMetrics } from '../metrics.ts';
import type { AlarmDefinition } from './definition.ts';
import { heartbeat } from './heartbeat.ts';

export interface EventAlarmsProps {
  readonly metrics: TrackerMetrics;
  readonly activeSweepEvery: Duration;
}

/** Whether events come, and whether Lambda reads what they come by. */
export const eventAlarms = ({ metrics, activeSweepEvery }: EventAlarmsProps): AlarmDefinition[] => [
  ...EVENT_KINDS.map((event) => missed(event, metrics)),
  ...EVENT_SOURCES.map((source) => notRead(source, activeSweepEvery, metrics)),
];

const MISSED: Readonly<Record<EventKind, Pick<AlarmDefinition, 'id' | 'says' | 'paragraph'>>> = {
  'state-change': {
    id: 'StateChangesMissed',
    says: 'In two hours of the last day most changes of jobs came without an event, and a sweep found them.',
    paragraph: 'state-changes-are-missed',
  },
  creation: {
    id: 'CreationsMissed',
    says: 'In two hours of the last day most creations of jobs came without an event, which an account with a trail has.',
    paragraph: 'creations-are-missed',
  },
};

/**
 * A change counts as missed where a sweep was faster than its event, and as come once the event arrives: so events that are
 * late all the time are half of it at most. A single lost event is the whole of its hour, and no alarm.
 */
const missed = (event: EventKind, metrics: TrackerMetrics): AlarmDefinition => ({
  ...MISSED[event],
  metric: metrics.eventsMissed(event, { period: Duration.hours(1), statistic: Stats.AVERAGE }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: 0.5,
  periods: 24,
  breachingPeriods: 2,
  // Nothing changed, or nothing is known: that sweeps run at all is watched by their heartbeat.
  missing: TreatMissingData.NOT_BREACHING,
});

const NOT_READ: Readonly<Record<EventSource, Pick<AlarmDefinition, 'id' | 'says'>>> = {
  'job-events': { id: 'JobEventsNotRead', says: 'Lambda does not read the queue of events about jobs.' },
  transitions: { id: 'TransitionsNotRead', says: 'Lambda does not read the stream of the jobs table.' },
};

const notRead = (source: EventSource, every: Duration, metrics: TrackerMetrics): AlarmDefinition => {
  const { period, periods } = heartbeat(every, 2) ?? { period: Duration.days(1), periods: 7 };
  return {
    ...NOT_READ[source],
    metric: metrics.eventSourceEnabled(source, { period, statistic: Stats.MAXIMUM }),
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    periods,
    // Only sweeps look. While none runs, which has an alarm of its own, nothing is known to have changed.
    missing: TreatMissingData.IGNORE,
    paragraph: 'a-source-of-events-is-not-read',
  };
};
