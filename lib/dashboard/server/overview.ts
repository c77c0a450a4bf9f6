import type { JobsClient, ModelSummary, Summary } from '../../client/requests.ts';
import { formatScope } from '../../domain/identity.ts';
import { usualOf } from '../../domain/pace.ts';
import { present } from '../../domain/text.ts';
import { DAY, MINUTE } from '../../domain/time.ts';
import { countSentence } from '../../operator/scopes.ts';
import { isWhole, problemsOf } from '../../operator/tracker-health.ts';
import type { Health, JobSummary, Overview, SweepHealth } from '../api.ts';
import { sentenceOf } from './answers.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { keep, type Kept } from './single-flight.ts';

const WINDOW_MS = 30 * DAY;
const MAX_ACTIVE = 200;
const MAX_FAILURES = 10;
/** Failing scopes of many that are told one by one. */
const MOST_TOLD = 3;
/** An index finds a scope's failures at once. Where other filters leave few, the overview does not read on for more. */
const MAX_READ_UNITS = 25;
/** The first sum over a large table takes longer: the overview shows the rest meanwhile. */
const SUMMARY_TIMEOUT_MS = 250;
const KEEP_SUMMARY_MS = MINUTE;
/** An open page of a large table costs at most this many read units a second, about two dollars a month. */
const READ_UNITS_PER_SECOND = 20;

/** How long to keep what cost these read units to read, in ms. */
export const worthOf = (readUnits: number): number => (readUnits / READ_UNITS_PER_SECOND) * 1000;

const sweepHealth = ({ succeeded_at, finished_at, unfinished, counts }: SweepHealth): SweepHealth =>
  present({ succeeded_at, finished_at, unfinished, counts });

/** The tracker's health. If it cannot be read, jobs still show: the failure is one of the problems. */
export const readHealth = async (deps: Pick<DashboardDependencies, 'health' | 'hub' | 'clock'>): Promise<Health> => {
  try {
    const health = await deps.health();
    // The page of scopes has more, and here they would hide everything else.
    const told = isWhole(health) ? health.scopes : health.scopes.slice(0, MOST_TOLD);
    return {
      ...(deps.hub && health.counts && { counts: countSentence(health.counts) }),
      scopes: (isWhole(health) ? told : []).map(({ scope, registered: _, ...sweeps }) => ({
        scope: formatScope(scope),
        ...Object.fromEntries(Object.entries(sweeps).map(([sweep, state]) => [sweep, sweepHealth(state)])),
      })),
      queues: health.queues,
      problems: problemsOf({ ...health, scopes: told }, deps.clock()),
    };
  } catch (error) {
    return { scopes: [], problems: [`Could not read the tracker's health: ${sentenceOf(error)}`] };
  }
};

/** The sums of the window, kept for a minute, and longer the more units they cost to read. */
export const keepSummary = (jobs: Pick<JobsClient, 'summarize'>, clock: () => Date): Kept<Summary> =>
  keep(
    () => jobs.summarize(),
    ({ readUnits }) => Math.max(KEEP_SUMMARY_MS, worthOf(readUnits)),
    () => clock().getTime(),
  );

const modelOf = ({ baseModelArn, customizationType, byStatus, durations, trainingLoss }: ModelSummary) => ({
  baseModelArn,
  customizationType,
  jobs: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
  ...usualOf(durations),
  ...(trainingLoss !== undefined && { bestTrainingLoss: trainingLoss.best }),
});

const withUsual = (job: JobSummary, summary: Summary | undefined): Overview['active'][number] => {
  const same = summary?.byModel.find(
    (model) => model.baseModelArn === job.base_model_arn && model.customizationType === job.customization_type,
  );
  const usual = usualOf(same?.durations);
  return usual === undefined ? job : { ...job, usual };
};

const sumsOf = (summary: Summary | undefined): Omit<Overview, 'active' | 'failures' | 'health'> =>
  summary === undefined
    ? { pending: true, jobs: 0, byStatus: {}, byDay: [], models: [] }
    : {
        summedAt: summary.createdBefore,
        jobs: summary.jobs,
        byStatus: summary.byStatus,
        ...(summary.successRate !== undefined && { successRate: summary.successRate }),
        byDay: summary.byDay,
        models: summary.byModel.map(modelOf),
      };

/** The first page: active and failed jobs as they are now, and sums that may be a minute old. */
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
      // Follows from createdAfter, and is the sort key of the index of statuses.
      modifiedAfter: since,
      sortBy: 'last_modified_time',
      limit: MAX_FAILURES,
      maxReadUnits: MAX_READ_UNITS,
    }),
    health(),
  ]);
  // Starts after the rest: a sum over a large table would slow it down.
  const sums = await summary.getWithin(SUMMARY_TIMEOUT_MS);
  return {
    active: active.jobs.map((job) => withUsual(job, sums)),
    failures: failures.jobs,
    ...sumsOf(sums),
    health: healthNow,
  };
};
