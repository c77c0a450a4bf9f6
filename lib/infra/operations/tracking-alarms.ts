import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DIMENSION,
  METRIC,
  METRIC_NAMESPACE,
  SWEEPS,
  type EventKind,
  type EventSource,
  type SweepKind,
} from '../../contract.ts';
import { duringOf, type AlarmDefinition } from './alarms.ts';
import type { AlarmRule } from './alarm-rules.ts';
import type { MetricOf } from './metrics.ts';
import type { WatchedParts } from './watched.ts';

/** Whether sweeps run, whether they cover everything, and how long jobs have been active. */
export const sweepAlarms = (parts: WatchedParts, longRunningAfter: Duration): AlarmDefinition[] => [
  ...SWEEPS.flatMap((sweep) => periodic(sweep, parts)),
  longRunningJob(parts.metric, longRunningAfter),
];

const periodic = (sweep: SweepKind, { metric, sweepsQueue }: WatchedParts): AlarmDefinition[] => {
  const completeness = (statistic: string) => (period: Duration) =>
    metric(METRIC.sweepCompleteness, { sweep, period, statistic });
  const comparison = ComparisonOperator.LESS_THAN_THRESHOLD;
  const what = sweep === 'active' || sweep === 'full' ? 'job' : 'model';
  const incomplete = {
    name: `${sweep}SweepIncomplete` as const,
    // A value of another sweep than active ones is one scope's: in a hub a good one does not make up for the others.
    metric: completeness(sweepsQueue && sweep !== 'active' ? Stats.AVERAGE : Stats.MAXIMUM),
    comparison,
    says: (rule: AlarmRule) =>
      `${sweepsQueue ? `Too few ${sweep} sweeps of scopes have` : `No ${sweep} sweep has`} covered every ${what} ${duringOf(rule)}.`,
  };
  // One alarm for both: what people do then is the same, and all these sweeps start with the active ones.
  if (sweep !== 'active') {
    const paragraph = sweep === 'full' ? 'full-sweeps-fail' : 'sweeps-of-models-fail';
    // The scopes of a hub have these sweeps when their turn comes, so that hours without one mean nothing.
    return [{ ...incomplete, missing: sweepsQueue ? TreatMissingData.IGNORE : TreatMissingData.BREACHING, paragraph }];
  }
  return [
    {
      name: 'activeSweepMissing',
      metric: completeness(Stats.SAMPLE_COUNT),
      comparison,
      // No sweep, no data: silence is what this alarm listens for.
      missing: TreatMissingData.BREACHING,
      says: (rule) => `No active sweep has finished ${duringOf(rule)}.`,
      paragraph: 'no-active-sweep-ends',
    },
    // That no sweep ends has an alarm of its own, and does not mean that the next one will be complete.
    { ...incomplete, missing: TreatMissingData.IGNORE, paragraph: 'active-sweeps-are-incomplete' },
  ];
};

/** A state for each scope that a metric came for, and a notification that has the scope. */
const byScope = (name: string, service: string, period: Duration): MathExpression => {
  const from = `SCHEMA("${METRIC_NAMESPACE}", ${DIMENSION.service}, ${DIMENSION.scope})`;
  const where = `${DIMENSION.service} = '${service}'`;
  const expression = `SELECT MAX(${name}) FROM ${from} WHERE ${where} GROUP BY ${DIMENSION.scope} ORDER BY MAX() DESC`;
  return new MathExpression({ expression, period });
};

/** What a hub names: scopes that it cannot sweep, and those that it no longer tracks. */
export const scopeAlarms = ({ serviceName, sweepsQueue }: WatchedParts): AlarmDefinition[] => {
  if (sweepsQueue === undefined) return [];
  const told = (command: string, message: string) =>
    `Each notification names one. All of them: ${command}, or "${message}" in the log of reconcile-jobs.`;
  return [
    {
      name: 'scopesFailing',
      metric: (period) => byScope(METRIC.scopesFailing, serviceName, period),
      says: (rule) =>
        `A scope could not be swept ${duringOf(rule)}. ${told('bedrock-jobs scopes --failing', 'scope not swept')}`,
      paragraph: 'scopes-fail',
    },
    {
      name: 'scopesReleased',
      metric: (period) => byScope(METRIC.scopesReleased, serviceName, period),
      says: `A scope is no longer tracked, as its spoke fell silent. ${told('bedrock-jobs scopes --state released', 'scope released')}`,
      paragraph: 'scopes-are-released',
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
  missed(metric, 'state-change', {
    name: 'stateChangesMissed',
    says: ['changes of jobs', 'and a sweep found them'],
    paragraph: 'state-changes-are-missed',
  }),
  missed(metric, 'creation', {
    name: 'creationsMissed',
    says: ['creations of jobs', 'although there is a trail'],
    paragraph: 'creations-are-missed',
  }),
  notRead(metric, 'job-events', 'jobEventsNotRead', 'Lambda does not read the queue of events about jobs.'),
  notRead(metric, 'transitions', 'transitionsNotRead', 'Lambda does not read the stream of a table of records.'),
];

/**
 * A change counts as missed where a sweep was faster than its event, and as received once the event arrives: so events that
 * are always late are at most half of it. Hours without data are quiet, or sweeps do not run, which has an alarm of its
 * own.
 */
const missed = (
  metric: MetricOf,
  eventKind: EventKind,
  { says: [what, but], ...of }: Pick<AlarmDefinition, 'name' | 'paragraph'> & { readonly says: [string, string] },
): AlarmDefinition => ({
  ...of,
  metric: (period) => metric(METRIC.eventsMissed, { eventKind, period, statistic: Stats.AVERAGE }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  says: (rule) =>
    `${rule.threshold === 0.5 ? 'Most' : 'Too many'} ${what} came without an event ${duringOf(rule)}, ${but}.`,
});

const notRead = (
  metric: MetricOf,
  source: EventSource,
  name: AlarmDefinition['name'],
  says: string,
): AlarmDefinition => ({
  name,
  says,
  metric: (period) => metric(METRIC.eventSourceEnabled, { source, period, statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  // Only sweeps look. While none runs, which has an alarm of its own, nothing is known to have changed.
  missing: TreatMissingData.IGNORE,
  paragraph: 'a-source-of-events-is-not-read',
});
