import {
  type CurveName,
  type LossCurves,
  type LossPoint,
  type Measure,
  measureOf,
  valueOf,
} from '../../domain/loss-curve.ts';
import type { JobRecord } from '../../domain/record.ts';

/** One curve of one job. */
export interface Series {
  readonly job: JobRecord;
  readonly curve: CurveName;
  readonly points: readonly LossPoint[];
}

/** A job with its curves. */
export interface JobCurves {
  readonly job: JobRecord;
  readonly curves: LossCurves;
}

/** The requested curves that jobs have. */
export const seriesOf = (jobs: readonly JobCurves[], names: readonly CurveName[]): Series[] =>
  jobs.flatMap(({ job, curves }) =>
    names.flatMap((curve) => {
      const points = curves[curve];
      return points === undefined ? [] : [{ job, curve, points }];
    }),
  );

/** A curve in two points. */
export interface CurveSummary {
  /** The last step, whether or not its value is finite. */
  readonly last: LossPoint | undefined;
  /** The first step with the lowest loss or the highest reward. */
  readonly best: LossPoint | undefined;
}

const isBetter = (measure: Measure, value: number, than: number): boolean =>
  measure === 'loss' ? value < than : value > than;

export const summarize = (points: readonly LossPoint[], curve: CurveName): CurveSummary => ({
  last: points.at(-1),
  best: points.reduce<LossPoint | undefined>((best, point) => {
    const [value, least] = [valueOf(point), best && valueOf(best)];
    if (value === undefined) return best;
    return least === undefined || isBetter(measureOf(curve), value, least) ? point : best;
  }, undefined),
});

const VALUES = ['step', 'epoch', 'loss', 'perplexity', 'reward', 'reward_min', 'reward_max'] as const;
export const CSV_COLUMNS = ['job_arn', 'job_name', 'curve', ...VALUES];

/** A row for each point, with its job and curve. */
export function* csvRows(series: readonly Series[]): Generator<readonly (string | number | undefined)[]> {
  for (const { job, curve, points } of series)
    for (const point of points) yield [job.job_arn, job.job_name, curve, ...VALUES.map((name) => point[name])];
}
