import { BEDROCK_OPERATIONS, EVENT_KINDS, EVENT_SOURCES, METRIC, SWEEPS, type MetricName } from '../../lib/contract.ts';
import { JOB_OUTCOMES } from '../../lib/infra/operations/metrics.ts';
import { TRACK_CONCURRENCY } from '../../lib/tracking/correct-drift.ts';
import { PRICES, type PriceName } from './prices.ts';
import { MONTH_MIN, type TemplateCounts } from './template-counts.ts';

/** Numbers that tests count: see `source`. */
export const MEASURED = {
  readsOfSweepState: { value: 1, what: 'read unit of sweep state, an active sweep', source: 'idle-cost' },
  writesOfSweepState: { value: 1, what: 'write unit of sweep state, an active sweep', source: 'idle-cost' },
  readsOfEmptyQuery: { value: 0.5, what: 'read units of an empty index query', source: 'idle-cost' },
  readsALook: { value: 1, what: 'read unit of a look', source: 'idle-cost' },
  recordKb: { value: 2.2, what: 'KB of a record', source: 'fixtures' },
  writesALook: {
    value: 9,
    what: 'write units of a look that changes something',
    source: 'fixtures',
  },
  writesANewJob: {
    value: 1,
    what: 'write unit more of the first look at a job (by-job-id)',
    source: 'fixtures',
  },
  keysEntryKb: { value: 0.4, what: 'KB of an entry of by-job-id', source: 'fixtures' },
  jobsAWatermark: { value: 500, what: 'jobs of a full sweep for each write of its watermark', source: 'idle-cost' },
} as const;

/** Numbers that nobody has measured on AWS. */
export const ASSUMED = {
  jobHours: { value: 4, what: 'hours that a job runs' },
  eventsAJob: { value: 3, what: 'events of a job, each its own invocation' },
  transitionsAJob: { value: 6, what: 'transitions of a job, sub-tasks included' },
  monthsKept: { value: 12, what: 'months of jobs in the table' },
  indexEntryKb: { value: 1.1, what: 'KB of an entry of each other index' },
  sweepSeconds: { value: 1, what: 'second of an idle sweep' },
  lookSeconds: { value: 0.3, what: 'seconds of a look' },
  looksAtOnce: { value: TRACK_CONCURRENCY, what: 'looks at once in a sweep' },
  trackSeconds: { value: 0.6, what: 'seconds of an invocation of track-job' },
  publishSeconds: { value: 0.2, what: 'seconds of one of publish-transitions, for each write' },
  pollsAMinute: { value: 15, what: 'empty polls of a queue by Lambda, a minute' },
  requestsAMessage: { value: 3, what: 'SQS requests of a message' },
  sweepLogKb: { value: 3, what: 'KB of log of a sweep' },
  lookLogKb: { value: 0.5, what: 'KB of a look in a sweep' },
  trackLogKb: { value: 2.5, what: 'KB of one of track-job' },
  publishLogKb: { value: 1.5, what: 'KB of one of publish-transitions' },
  logsShrink: { value: 0.15, what: 'of its size that a kept log takes' },
  keyRequestsATable: { value: 8640, what: 'KMS requests of a table' },
} as const;

const m = (name: keyof typeof MEASURED): number => MEASURED[name].value;
const a = (name: keyof typeof ASSUMED): number => ASSUMED[name].value;

/** How many series each metric has, all in all and where no job changes. */
const SERIES: Readonly<Record<MetricName, { readonly all: number; readonly idle: number }>> = {
  [METRIC.jobsTracked]: { all: JOB_OUTCOMES.length, idle: 0 },
  [METRIC.eventToRecordLatency]: { all: 1, idle: 0 },
  // An idle sweep lists and asks for nothing else: jobs, and what models have in common.
  [METRIC.bedrockCalls]: { all: BEDROCK_OPERATIONS.length + 1, idle: 2 },
  [METRIC.bedrockThrottles]: { all: BEDROCK_OPERATIONS.length, idle: 1 },
  [METRIC.eventsMissed]: { all: EVENT_KINDS.length, idle: 0 },
  // A sweep that does not meet such a job emits none.
  [METRIC.looksWithoutChange]: { all: 0, idle: 0 },
  [METRIC.activeJobs]: { all: 1, idle: 1 },
  [METRIC.oldestActiveJobAge]: { all: 1, idle: 1 },
  // CloudWatch counts the hours with data: one a day, as of full sweeps and of use, is next to nothing.
  [METRIC.sweepDuration]: { all: 2, idle: 1 },
  [METRIC.sweepCompleteness]: { all: SWEEPS.length, idle: 2 },
  [METRIC.scopesFailing]: { all: 0, idle: 0 },
  [METRIC.scopesReleased]: { all: 0, idle: 0 },
  [METRIC.transitionsPublished]: { all: 1, idle: 0 },
  [METRIC.eventSourceEnabled]: { all: EVENT_SOURCES.length, idle: EVENT_SOURCES.length },
};
export const seriesOf = (which: 'all' | 'idle'): number =>
  Object.values(SERIES).reduce((sum, series) => sum + series[which], 0);
const GB = 1024 * 1024;
const MINUTES_AN_HOUR = 60;

/** What a month with so many new jobs uses, in the units of the prices. An upper bound for what grows with jobs. */
export const usage = (counts: TemplateCounts, jobs: number): Readonly<Record<PriceName, number>> => {
  const { active, full, models, usage: measured } = counts.sweeps;
  const sweeps = active + full + models + measured;
  const activeJobs = (jobs * a('jobHours') * MINUTES_AN_HOUR) / MONTH_MIN;
  const kept = jobs * a('monthsKept');
  // Every active sweep may find that a running job has moved.
  const sweepLooks = jobs * ((a('jobHours') * MINUTES_AN_HOUR * active) / MONTH_MIN);
  const looks = sweepLooks + jobs * a('eventsAJob');
  // Of jobs: one stream of the two.
  const publishes = counts.streamsRead > 0 ? looks : 0;
  const tracks = jobs * a('eventsAJob');
  const tagChecks = jobs * full;
  const logGb =
    (sweeps * a('sweepLogKb') +
      sweepLooks * a('lookLogKb') +
      tracks * a('trackLogKb') +
      publishes * a('publishLogKb')) /
    GB;
  const seconds =
    sweeps * a('sweepSeconds') +
    ((sweepLooks + tagChecks) * a('lookSeconds')) / a('looksAtOnce') +
    tracks * a('trackSeconds') +
    publishes * a('publishSeconds');
  // Half a unit for 4 KB of index entries.
  const indexReads = (entries: number) => Math.max(m('readsOfEmptyQuery'), (entries * a('indexEntryKb')) / 8);
  return {
    lambdaRequest: sweeps + tracks + publishes,
    lambdaTime: seconds * counts.memoryGb,
    tableWrite:
      sweeps * m('writesOfSweepState') +
      looks * m('writesALook') +
      jobs * m('writesANewJob') +
      (full * kept) / m('jobsAWatermark'),
    tableRead:
      active * (m('readsOfSweepState') + indexReads(activeJobs)) +
      full * indexReads(kept) +
      (models + measured) * (m('readsOfSweepState') + indexReads(0)) +
      (looks + (jobs > 0 ? active : 0)) * m('readsALook'),
    tableStorage: (kept * (m('recordKb') + 6 * a('indexEntryKb') + m('keysEntryKb'))) / GB,
    tableRecovery: counts.recoverableTables > 0 ? (kept * m('recordKb')) / GB : 0,
    queueRequest: counts.polledQueues * a('pollsAMinute') * MONTH_MIN + tracks * a('requestsAMessage'),
    busEvent: counts.streamsRead > 0 ? jobs * a('transitionsAJob') : 0,
    schedule: sweeps,
    metric: jobs === 0 ? seriesOf('idle') : seriesOf('all'),
    alarm: counts.alarms,
    dashboard: counts.dashboards,
    logs: logGb,
    logStorage: logGb * a('logsShrink') * (counts.logRetentionDays / 30),
    keyRequest: counts.tables * a('keyRequestsATable'),
    key: counts.keys,
  };
};

/** Dollars for so many units, with the free tier of an account that has nothing else, or without. */
export const dollars = (name: PriceName, units: number, counts: TemplateCounts, free: boolean): number => {
  const price = PRICES[name];
  // A dashboard with more than 50 metrics is in no free tier.
  const allowance = !free || (name === 'dashboard' && counts.dashboardMetrics > 50) ? 0 : price.free;
  return (Math.max(0, units - allowance) * price.usd) / price.per;
};
