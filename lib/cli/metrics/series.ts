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

/** The curves that jobs have, of those that were asked for. */
export const seriesOf = (jobs: readonly JobCurves[], asked: readonly CurveName[]): Series[] =>
  jobs.flatMap(({ job, curves }) =>
    asked.flatMap((curve) => {
      const points = curves[curve];
      return points === undefined ? [] : [{ job, curve, points }];
    }),
  );

/** What a curve comes down to. */
export interface CurveSummary {
  /** The last step, whether or not its loss is finite. */
  readonly last: LossPoint | undefined;
  /** The step with the lowest loss; the first of several. */
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
