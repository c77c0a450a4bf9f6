import { BEDROCK_OPERATIONS, EVENT_KINDS, EVENT_SOURCES, METRIC, SWEEPS, type MetricName } from '../../lib/contract.ts';
import { JOB_OUTCOMES } from '../../lib/infra/operations/metrics.ts';
import { TRACK_CONCURRENCY } from '../../lib/tracking/correct-drift.ts';
import { PRICES, type PriceName } from './prices.ts';
import { MONTH_MIN, type TemplateCounts } from './template-counts.ts';

/** Numbers that tests count: see `source`. */
export const MEASURED = {
  readsOfTick: { value: 7, what: 'read units of a run of the schedule, besides what it lists', source: 'idle-cost' },
  readsOfTurn: { value: 1, what: "read unit of a scope's turn", source: 'idle-cost' },
  writesOfTurn: { value: 7, what: 'write units of one, index entries included', source: 'idle-cost' },
  writesOfPass: { value: 3, what: 'write units of a full, models or usage sweep', source: 'idle-cost' },
  readsOfWord: { value: 1, what: 'read unit of a heartbeat', source: 'idle-cost' },
  writesOfWord: { value: 1, what: 'write unit of one', source: 'idle-cost' },
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
  scopeEntryKb: { value: 0.3, what: 'KB of an entry of by-state', source: 'fixtures' },
  jobsAWatermark: { value: 500, what: 'jobs of a full sweep for each write of its watermark', source: 'idle-cost' },
} as const;

/** Numbers that nobody has measured on AWS. */
export const ASSUMED = {
  jobHours: { value: 4, what: 'hours that a job runs' },
  eventsAJob: { value: 3, what: 'events of a job, each its own invocation' },
  transitionsAJob: { value: 6, what: 'transitions of a job, sub-tasks included' },
  monthsKept: { value: 12, what: 'months of jobs in the table' },
  indexEntryKb: { value: 1.1, what: 'KB of an entry of each other index' },
  tickSeconds: { value: 0.5, what: 'seconds of a run of the schedule, and as much for each 5,000 scopes' },
  turnSeconds: { value: 0.3, what: "seconds of a scope's turn, at 50 ms a call to Bedrock or STS" },
  passSeconds: { value: 0.2, what: 'seconds more of each full, models or usage sweep' },
  lookSeconds: { value: 0.3, what: 'seconds of a look' },
  looksAtOnce: { value: TRACK_CONCURRENCY, what: 'looks at once in a sweep' },
  trackSeconds: { value: 0.6, what: 'seconds of an invocation of track-job' },
  wordSeconds: { value: 0.06, what: 'seconds of one with heartbeats alone' },
  publishSeconds: { value: 0.2, what: 'seconds of one of publish-transitions, for each write' },
  pollsAMinute: { value: 15, what: 'empty polls of a queue by Lambda, a minute' },
  pollers: { value: 5, what: 'pollers of a queue, over which its messages are spread' },
  requestsAMessage: { value: 3, what: 'SQS requests of a message' },
  sendsABatch: { value: 10, what: 'messages of sweeps that are sent together' },
  tickLogKb: { value: 1.5, what: 'KB of log of a run of the schedule' },
  turnLogKb: { value: 1.5, what: "KB of a scope's turn" },
  passLogKb: { value: 0.7, what: 'KB of each full, models or usage sweep' },
  wordLogKb: { value: 0.4, what: 'KB of an invocation of track-job with heartbeats alone' },
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
const HEARTBEATS = MONTH_MIN / MINUTES_AN_HOUR;

/** What a tracker has to do: new jobs in a month, and scopes by what is known of their jobs. */
export interface Load {
  readonly jobs: number;
  readonly scopes: Readonly<Record<ScopesByState, number>>;
}
type ScopesByState = 'active' | 'idle' | 'empty';
type Used = Partial<Record<PriceName, number>>;

/** The load of a tracker of its own account and Region. */
export const ofOneScope = (jobs: number): Load => ({
  jobs,
  scopes: { active: jobs > 0 ? 1 : 0, idle: 0, empty: jobs > 0 ? 0 : 1 },
});
const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const scopesOf = ({ scopes }: Load): number => sumOf(Object.values(scopes));
/** Only a hub has a queue of sweeps. */
const isHub = ({ polledQueues }: TemplateCounts): boolean => polledQueues > 1;

/** How often all scopes have their turn, or make another sweep in it. */
const turnsOf = ({ minutes }: TemplateCounts, { scopes }: Load, pass?: 'full' | 'models' | 'usage'): number =>
  pass !== undefined && minutes[pass] === 0
    ? 0
    : sumOf(
        (['active', 'idle', 'empty'] as const).map(
          (state) => (scopes[state] * MONTH_MIN) / Math.max(minutes[state], pass === undefined ? 0 : minutes[pass]),
        ),
      );
// Half a unit for 4 KB of index entries.
const indexReads = (entries: number, kb = a('indexEntryKb')): number =>
  Math.max(m('readsOfEmptyQuery'), (entries * kb) / 8);

/** What is there whether anything happens or not. */
const watching = (counts: TemplateCounts, { jobs }: Load): Used => ({
  queueRequest: counts.polledQueues * a('pollsAMinute') * MONTH_MIN,
  metric: jobs === 0 ? seriesOf('idle') : seriesOf('all'),
  alarm: counts.alarms,
  dashboard: counts.dashboards,
  keyRequest: counts.tables * a('keyRequestsATable'),
  key: counts.keys,
});

const starting = ({ ticks, memoryGb }: TemplateCounts, load: Load): Used => ({
  schedule: ticks,
  lambdaRequest: ticks,
  lambdaTime: ticks * a('tickSeconds') * (1 + scopesOf(load) / 5000) * memoryGb,
  tableRead: ticks * (m('readsOfTick') + (scopesOf(load) * m('scopeEntryKb')) / 8),
  logs: (ticks * a('tickLogKb')) / GB,
});

const sweeping = (counts: TemplateCounts, load: Load): Used => {
  const turns = turnsOf(counts, load);
  const passes = sumOf((['full', 'models', 'usage'] as const).map((pass) => turnsOf(counts, load, pass)));
  return {
    lambdaRequest: isHub(counts) ? turns : 0,
    lambdaTime: (turns * a('turnSeconds') + passes * a('passSeconds')) * counts.memoryGb,
    queueRequest: isHub(counts) ? turns * (a('requestsAMessage') - 1 + 1 / a('sendsABatch')) : 0,
    tableWrite: turns * m('writesOfTurn') + passes * m('writesOfPass'),
    tableRead: turns * (m('readsOfTurn') + m('readsOfEmptyQuery')) + passes * m('readsOfEmptyQuery'),
    logs: (turns * a('turnLogKb') + passes * a('passLogKb')) / GB,
  };
};

/** Heartbeats as they come to the hub, in batches that Lambda waits for. */
const hearing = (counts: TemplateCounts, load: Load): Used => {
  if (!isHub(counts)) return {};
  const beats = scopesOf(load) * HEARTBEATS;
  const aPoller = (beats / (MONTH_MIN * 60)) * (counts.batchWindowSeconds / a('pollers'));
  const batches = beats / Math.min(10, 1 + aPoller);
  return {
    queueRequest: beats + batches * (a('requestsAMessage') - 1),
    lambdaRequest: batches,
    lambdaTime: batches * a('wordSeconds') * counts.memoryGb,
    tableWrite: beats * m('writesOfWord'),
    tableRead: beats * m('readsOfWord'),
    logs: (batches * a('wordLogKb')) / GB,
  };
};

/** What the accounts of the spokes pay: a heartbeat is put on their own bus, and forwarded to the hub's. */
const telling = (counts: TemplateCounts, load: Load): Used => {
  const beats = isHub(counts) ? scopesOf(load) * HEARTBEATS : 0;
  return { schedule: beats, busEvent: 2 * beats };
};

/** What jobs use. An upper bound: every turn of an active scope may find that a running job has moved. */
const tracking = (counts: TemplateCounts, { jobs }: Load): Used => {
  const [active, full] = [MONTH_MIN / counts.minutes.active, MONTH_MIN / counts.minutes.full];
  const activeJobs = (jobs * a('jobHours') * MINUTES_AN_HOUR) / MONTH_MIN;
  const kept = jobs * a('monthsKept');
  const sweepLooks = activeJobs * active;
  const tracks = jobs * a('eventsAJob');
  const looks = sweepLooks + tracks;
  // Of jobs: one stream of the two.
  const publishes = counts.streamsRead > 0 ? looks : 0;
  // Without a trail full sweeps ask for the tags of a month's jobs.
  const tagChecks = jobs * full;
  const seconds =
    ((sweepLooks + tagChecks) * a('lookSeconds')) / a('looksAtOnce') +
    tracks * a('trackSeconds') +
    publishes * a('publishSeconds');
  return {
    lambdaRequest: tracks + publishes,
    lambdaTime: seconds * counts.memoryGb,
    tableWrite:
      looks * m('writesALook') +
      jobs * m('writesANewJob') +
      (full * kept) / m('jobsAWatermark') +
      tracks * m('writesOfWord'),
    tableRead:
      active * (indexReads(activeJobs) - indexReads(0)) +
      full * (indexReads(kept) - indexReads(0)) +
      (looks + (jobs > 0 ? active : 0)) * m('readsALook') +
      tracks * m('readsOfWord'),
    tableStorage: (kept * (m('recordKb') + 6 * a('indexEntryKb') + m('keysEntryKb'))) / GB,
    tableRecovery: counts.recoverableTables > 0 ? (kept * m('recordKb')) / GB : 0,
    queueRequest: tracks * a('requestsAMessage'),
    busEvent: counts.streamsRead > 0 ? jobs * a('transitionsAJob') : 0,
    logs: (sweepLooks * a('lookLogKb') + tracks * a('trackLogKb') + publishes * a('publishLogKb')) / GB,
  };
};

/** What a tracker is paid for, by part. */
export const PARTS = { watching, starting, sweeping, hearing, telling, tracking } as const;
export type Part = keyof typeof PARTS;

/** What a month uses of each price, in some parts or in all. */
export const usage = (
  counts: TemplateCounts,
  load: Load,
  parts: readonly Part[] = Object.keys(PARTS) as Part[],
): Readonly<Record<PriceName, number>> => {
  const used = parts.map((part) => PARTS[part](counts, load));
  const of = (name: PriceName): number => sumOf(used.map((part) => part[name] ?? 0));
  const logStorage = of('logs') * a('logsShrink') * (counts.logRetentionDays / 30);
  const names = Object.keys(PRICES) as PriceName[];
  return { ...Object.fromEntries(names.map((name) => [name, of(name)])), logStorage } as Record<PriceName, number>;
};

/** Dollars for so many units, with the free tier of an account that has nothing else, or without. */
export const dollars = (name: PriceName, units: number, counts: TemplateCounts, free: boolean): number => {
  const price = PRICES[name];
  // A dashboard with more than 50 metrics is in no free tier.
  const allowance = !free || (name === 'dashboard' && counts.dashboardMetrics > 50) ? 0 : price.free;
  return (Math.max(0, units - allowance) * price.usd) / price.per;
};
