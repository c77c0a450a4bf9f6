import { isTerminal, type MetricNumber } from '../domain/record.ts';
import type { Durations, JobSummary, Losses } from './requests.ts';

export const UNKNOWN = 'unknown';

export type Counts = Map<string, number>;

interface Loss {
  readonly loss: number;
  readonly jobArn: string;
}

/** Losses as numbers alone: a window may hold a hundred thousand. */
interface LossSums {
  readonly values: number[];
  best?: Loss;
}

/** What is added up of some jobs. Times in milliseconds. */
export interface Sums {
  readonly byStatus: Counts;
  /** Of completed jobs. */
  readonly durations: number[];
  readonly training: LossSums;
  readonly validation: LossSums;
  finishedMs: number;
  activeMs: number;
}

export const newSums = (): Sums => ({
  byStatus: new Map(),
  durations: [],
  training: { values: [] },
  validation: { values: [] },
  finishedMs: 0,
  activeMs: 0,
});

export const count = (counts: Counts, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
export const total = (counts: Counts): number => [...counts.values()].reduce((sum, each) => sum + each, 0);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

/** Nearest rank: the smallest value that at least this share of the values does not exceed. */
const percentile = (ascending: readonly number[], share: number): number =>
  ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? NaN;

const durationsOf = (all: readonly number[]): { durations?: Durations } => {
  const ascending = sorted(all);
  const longest = ascending.at(-1);
  if (longest === undefined) return {};
  return {
    durations: {
      count: ascending.length,
      p50: percentile(ascending, 0.5),
      p95: percentile(ascending, 0.95),
      longest,
    },
  };
};

const lossesOf = ({ values, best }: LossSums): Losses | undefined =>
  best && { count: values.length, best: best.loss, p50: percentile(sorted(values), 0.5), bestJobArn: best.jobArn };

/** NaN and infinite losses are text in the table. */
const finite = (value: MetricNumber | undefined): number[] =>
  typeof value === 'number' && Number.isFinite(value) ? [value] : [];

const addLoss = (sums: LossSums, loss: number, jobArn: string): void => {
  sums.values.push(loss);
  if (sums.best === undefined || loss < sums.best.loss) sums.best = { loss, jobArn };
};

type Job = Partial<JobSummary> & Pick<JobSummary, 'job_arn'>;

const addCompleted = (sums: Sums, job: Job): void => {
  const took = Date.parse(job.end_time ?? '') - Date.parse(job.creation_time ?? '');
  if (took >= 0) sums.durations.push(took);
  for (const loss of finite(job.training_metrics?.training_loss)) addLoss(sums.training, loss, job.job_arn);
  const validation = (job.validation_metrics ?? []).flatMap((metric) => finite(metric.validation_loss));
  if (validation.length > 0) addLoss(sums.validation, Math.min(...validation), job.job_arn);
};

export const addTime = (sums: Sums, job: Job, now: number): void => {
  const created = Date.parse(job.creation_time ?? '');
  if (isTerminal(job)) {
    const took = Date.parse(job.end_time ?? '') - created;
    if (took > 0) sums.finishedMs += took;
  } else if (job.missing_since === undefined && job.untracked_since === undefined && now > created) {
    sums.activeMs += now - created;
  }
};

export const addJob = (sums: Sums, job: Job): void => {
  const status = job.status ?? UNKNOWN;
  count(sums.byStatus, status);
  if (status === 'Completed') addCompleted(sums, job);
};

export const resultsOf = ({ byStatus, durations, training, validation }: Sums) => {
  const trainingLoss = lossesOf(training);
  const validationLoss = lossesOf(validation);
  return {
    byStatus: Object.fromEntries(byStatus),
    ...durationsOf(durations),
    ...(trainingLoss && { trainingLoss }),
    ...(validationLoss && { validationLoss }),
  };
};

export const rateOf = (byStatus: Counts): { successRate?: number } => {
  const completed = byStatus.get('Completed') ?? 0;
  const decided = completed + (byStatus.get('Failed') ?? 0);
  return decided === 0 ? {} : { successRate: completed / decided };
};
