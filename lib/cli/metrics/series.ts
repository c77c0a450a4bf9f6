import type { LossCurves, LossPoint } from '../../operator/loss-curves/index.ts';
import type { JobRecord } from '../../domain/record.ts';

export const CURVES = ['training', 'validation'] as const;
export type CurveName = (typeof CURVES)[number];

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
  /** The last step, whether or not its loss is finite. */
  readonly last: LossPoint | undefined;
  /** The first step with the lowest loss. */
  readonly best: LossPoint | undefined;
}

export const summarize = (points: readonly LossPoint[]): CurveSummary => ({
  last: points.at(-1),
  best: points.reduce<LossPoint | undefined>(
    (best, point) => (point.loss !== undefined && (best?.loss === undefined || point.loss < best.loss) ? point : best),
    undefined,
  ),
});

export const CSV_COLUMNS = ['job_arn', 'job_name', 'curve', 'step', 'epoch', 'loss', 'perplexity'];

/** A row for each point, with its job and curve. */
export function* csvRows(series: readonly Series[]): Generator<readonly (string | number | undefined)[]> {
  for (const { job, curve, points } of series)
    for (const { step, epoch, loss, perplexity } of points)
      yield [job.job_arn, job.job_name, curve, step, epoch, loss, perplexity];
}
