import type { LossCurves, LossPoint } from '../../api.ts';

/** The horizontal axis. Jobs with different batch sizes compare only by epoch. */
export type CurveAxis = 'step' | 'epoch';

/** One line of the chart. */
export interface Curve {
  /** The job it belongs to. */
  readonly job: number;
  readonly kind: 'training' | 'validation';
  readonly points: readonly { readonly x: number; readonly loss: number | null }[];
}

/** Columns as uPlot takes them: positions, then each curve's losses: `null` interrupts its line, undefined does not. */
export type CurveColumns = [xs: number[], ...ys: (number | null | undefined)[][]];

/** The number of a line's colour: that of its job; for a single job, that of its kind. */
export const seriesNumber = ({ job, kind }: Curve, single: boolean): number =>
  single && kind === 'validation' ? 2 : job + 1;

/** Steps per epoch, or undefined if the job did not write epochs. */
export const stepsPerEpoch = (points: readonly LossPoint[]): number | undefined => {
  const epochs = points.flatMap(({ epoch }) => (epoch === undefined ? [] : [epoch]));
  const steps = points.map(({ step }) => step);
  if (epochs.length === 0) return undefined;
  // Written as numbers from 0 or from 1.
  const count = Math.max(...epochs) - Math.min(...epochs) + 1;
  const longest = Math.max(...steps);
  return longest > 0 ? longest / count : undefined;
};

/** The lines of one job; none if it has no values for that axis. */
export const curvesOf = (job: number, curves: LossCurves, axis: CurveAxis): Curve[] => {
  const perEpoch = stepsPerEpoch(curves.training ?? curves.validation ?? []);
  if (axis === 'epoch' && perEpoch === undefined) return [];
  return (['training', 'validation'] as const).flatMap((kind) => {
    const points = curves[kind] ?? [];
    if (points.length === 0) return [];
    return [
      {
        job,
        kind,
        points: points.map(({ step, loss }) => ({
          x: axis === 'epoch' ? step / (perEpoch ?? 1) : step,
          loss: loss ?? null,
        })),
      },
    ];
  });
};

/** Curves of different steps in columns. A logarithmic scale shows only losses above 0. */
export const columnsOf = (curves: readonly Curve[], logarithmic: boolean): CurveColumns => {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const columns = curves.map(({ points }) => {
    const losses = new Map(points.map(({ x, loss }) => [x, loss]));
    return xs.map((x) => {
      const loss = losses.get(x);
      return typeof loss === 'number' && logarithmic && loss <= 0 ? null : loss;
    });
  });
  return [xs, ...columns];
};

/** The last finite loss of a curve. */
export const lastLoss = ({ points }: Curve): number | undefined =>
  points.findLast(({ loss }) => loss !== null)?.loss ?? undefined;
