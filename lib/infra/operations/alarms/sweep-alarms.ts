import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { SweepKind } from '../../../contract.ts';
import type { TrackerMetrics } from '../metrics.ts';
import type { AlarmDefinition } from './definition.ts';
import { heartbeat, longestPeriod } from './heartbeat.ts';

export interface SweepAlarmsProps {
  readonly metrics: TrackerMetrics;
  readonly activeSweepEvery: Duration;
  readonly fullSweepEvery: Duration;
  readonly longRunningAfter: Duration;
}

/** How many sweeps in a row may not end, or not cover all. A full sweep has days, an active one bounds lateness. */
const MISSES = { active: 3, full: 2 } as const satisfies Record<SweepKind, number>;

/** What sweeps tell: that they run, that they cover everything, and how long jobs have been active. */
export const sweepAlarms = (props: SweepAlarmsProps): AlarmDefinition[] => [
  ...periodic('active', props.activeSweepEvery, props.metrics),
  ...periodic('full', props.fullSweepEvery, props.metrics),
  longRunningJob(props),
];

/** No alarm where sweeps come so seldom that CloudWatch cannot look back far enough: see {@link heartbeat}. */
const periodic = (sweep: SweepKind, every: Duration, metrics: TrackerMetrics): AlarmDefinition[] => {
  const beat = heartbeat(every, MISSES[sweep]);
  if (beat === undefined) return [];
  const { period, periods } = beat;
  const time = Duration.minutes(period.toMinutes() * periods).toHumanString();
  const name = sweep === 'active' ? 'Active' : 'Full';
  const common = { periods, comparison: ComparisonOperator.LESS_THAN_THRESHOLD };
  return [
    {
      ...common,
      id: `${name}SweepMissing`,
      metric: metrics.sweepCompleteness(sweep, { period, statistic: Stats.SAMPLE_COUNT }),
      threshold: 1,
      // No sweep, no data: silence is what this alarm listens for.
      missing: TreatMissingData.BREACHING,
      says: `No ${sweep} sweep has come to its end for ${time}.`,
      paragraph: `no-${sweep}-sweep-ends`,
    },
    {
      ...common,
      id: `${name}SweepIncomplete`,
      metric: metrics.sweepCompleteness(sweep, { period, statistic: Stats.MAXIMUM }),
      threshold: 100,
      // That no sweep ends has an alarm of its own, and does not mean that the next one will be complete.
      missing: TreatMissingData.IGNORE,
      says: `No ${sweep} sweep has covered every scope and job for ${time}.`,
      paragraph: `${sweep}-sweeps-are-incomplete`,
    },
  ];
};

const longRunningJob = ({ metrics, activeSweepEvery, longRunningAfter }: SweepAlarmsProps): AlarmDefinition => ({
  id: 'JobRunsLong',
  metric: metrics.oldestActiveJobAge({
    period: longestPeriod(Duration.minutes(Math.max(5, activeSweepEvery.toMinutes()))),
  }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: longRunningAfter.toSeconds(),
  periods: 1,
  // Only sweeps tell the age. While none runs, which has an alarm of its own, the job is as old as before and older.
  missing: TreatMissingData.IGNORE,
  says: `A job has been active for more than ${longRunningAfter.toHumanString()}.`,
  paragraph: 'a-job-runs-long',
});
