import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { SweepKind } from '../../../contract.ts';
import type { TrackerMetrics } from '../metrics.ts';
import type { AlarmDefinition } from './definition.ts';
import { heartbeat, longestPeriod } from './heartbeat.ts';

export interface SweepAlarmsProps {
  readonly metrics: TrackerMetrics;
  readonly activeSweepEvery: Duration;
  readonly fullSweepEvery: Duration;
  readonly longRunningAfter: Duration;
  readonly maxCorrectionsPerHour: number;
}

/** How many sweeps in a row may fail to complete. A full sweep has days, an active one is what bounds lateness. */
const MISSES = { active: 3, full: 2 } as const satisfies Record<SweepKind, number>;

/** What sweeps tell: that they run, how long jobs have been active, and how many events were missed. */
export const sweepAlarms = (props: SweepAlarmsProps): AlarmDefinition[] => [
  ...heartbeatAlarm('active', props.activeSweepEvery, props.metrics),
  ...heartbeatAlarm('full', props.fullSweepEvery, props.metrics),
  longRunningJob(props),
  corrections(props),
];

/** No alarm where sweeps come so seldom that CloudWatch cannot look back far enough: see {@link heartbeat}. */
const heartbeatAlarm = (sweep: SweepKind, every: Duration, metrics: TrackerMetrics): AlarmDefinition[] => {
  const beat = heartbeat(every, MISSES[sweep]);
  if (beat === undefined) return [];
  const { period, periods } = beat;
  const silence = Duration.minutes(period.toMinutes() * periods);
  return [
    {
      id: `${sweep === 'active' ? 'Active' : 'Full'}SweepMissing`,
      metric: metrics.sweepsCompleted(sweep, { period }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods,
      // No sweep, no data: silence is what this alarm listens for.
      missing: TreatMissingData.BREACHING,
      says: `No ${sweep} sweep has covered every scope and job for ${silence.toHumanString()}.`,
      paragraph: `no-${sweep}-sweep-completes`,
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

const corrections = ({ metrics, maxCorrectionsPerHour }: SweepAlarmsProps): AlarmDefinition => ({
  id: 'EventsMissed',
  metric: metrics.jobsCorrectedBySweep({ period: Duration.hours(1) }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: maxCorrectionsPerHour,
  periods: 1,
  // Nothing was corrected. That sweeps run at all is watched by their heartbeat.
  missing: TreatMissingData.NOT_BREACHING,
  says: `Sweeps found more than ${maxCorrectionsPerHour} status changes within an hour that no event had told of.`,
  paragraph: 'events-are-missed',
});
