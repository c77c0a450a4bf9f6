import type { JobsClient, ModelSummary, Summary } from '../../client/requests.ts';
import type { DashboardJob, Health, Overview } from '../api.ts';
import { DAY, MINUTE } from '../../domain/time.ts';
import { toDashboardJob } from './dashboard-job.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { keep, type Kept } from './single-flight.ts';

const WINDOW_MS = 30 * DAY;
const MAX_ACTIVE = 200;
const MAX_FAILURES = 10;
/** A scope's failures are found at once; where other filters leave few, it is not read on for more. */
const MAX_READ_UNITS = 25;
/** A first sum over a large table is not waited for: the rest is shown meanwhile. */
const PATIENCE_MS = 250;
const KEEP_SUMMARY_MS = MINUTE;
/** An open page of a large table costs at most this many read units a second, some two dollars a month. */
const READ_UNITS_PER_SECOND = 20;

/** Sums of the window, kept for a minute, and longer the more it cost to read them. */
export const keepSummary = (jobs: Pick<JobsClient, 'summarize'>, clock: () => Date): Kept<Summary> =>
  keep(
    () => jobs.summarize(),
    ({ readUnits }) => Math.max(KEEP_SUMMARY_MS, (readUnits / READ_UNITS_PER_SECOND) * 1000),
    () => clock().getTime(),
  );

const modelOf = ({ baseModelArn, customizationType, byStatus, durations, trainingLoss }: ModelSummary) => ({
  baseModelArn,
  customizationType,
  jobs: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
  ...(durations !== undefined && { p50: durations.p50, p95: durations.p95 }),
  ...(trainingLoss !== undefined && { bestTrainingLoss: trainingLoss.best }),
});

const withUsual = (job: DashboardJob, summary: Summary | undefined): Overview['active'][number] => {
  const durations = summary?.byModel.find(
    (model) => model.baseModelArn === job.base_model_arn && model.customizationType === job.customization_type,
  )?.durations;
  return durations === undefined ? job : { ...job, usual: { p50: durations.p50, p95: durations.p95 } };
};

const sums = (summary: Summary | undefined): Omit<Overview, 'active' | 'failures' | 'health'> =>
  summary === undefined
    ? { pending: true, jobs: 0, byStatus: {}, byDay: [], models: [] }
    : {
        jobs: summary.jobs,
        byStatus: summary.byStatus,
        ...(summary.successRate !== undefined && { successRate: summary.successRate }),
        byDay: summary.byDay,
        models: summary.byModel.map(modelOf),
      };

/** The first page: what moves and what failed as it is now, and sums that may be a minute old. */
export const readOverview = async (
  { jobs, clock }: Pick<DashboardDependencies, 'jobs' | 'clock'>,
  summary: Kept<Summary>,
  health: () => Promise<Health>,
): Promise<Overview> => {
  const since = new Date(clock().getTime() - WINDOW_MS).toISOString();
  const [active, failures, healthNow] = await Promise.all([
    jobs.listJobs({ active: true, limit: MAX_ACTIVE, maxReadUnits: 2 * MAX_READ_UNITS }),
    jobs.listJobs({
      status: 'Failed',
      createdAfter: since,
      // Implied, and what the index of statuses is sorted by.
      modifiedAfter: since,
      sortBy: 'last_modified_time',
      limit: MAX_FAILURES,
      maxReadUnits: MAX_READ_UNITS,
    }),
    health(),
  ]);
  // Begun after the rest is there, which a sum over a large table would slow down.
  const summed = await summary.getWithin(PATIENCE_MS);
  return {
    active: active.jobs.map((job) => withUsual(toDashboardJob(job), summed)),
    failures: failures.jobs.map(toDashboardJob),
    ...sums(summed),
    health: healthNow,
  };
};
