import { CURVES, measureOf, valueOf, type Measure } from '../../../domain/loss-curve.ts';
import type { LossCurves, LossPoint } from '../../api.ts';

/** The horizontal axis. Jobs with different batch sizes compare only by epoch. */
export type CurveAxis = 'step' | 'epoch';

/** One line of the chart. */
export interface Curve {
  /** The job it belongs to. */
  readonly job: number;
  readonly kind: 'training' | 'validation';
  readonly measure: Measure;
  readonly points: readonly { readonly x: number; readonly value: number | null }[];
}

/** Columns as uPlot takes them: positions, then each curve's values: `null` interrupts its line, undefined does not. */
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

/** Steps per epoch of a job, by the first of its curves. */
export const epochLength = (curves: LossCurves): number | undefined =>
  stepsPerEpoch(CURVES.map((name) => curves[name]).find((points) => points !== undefined) ?? []);

/** The lines of one job; none if it has no values for that axis. */
export const curvesOf = (job: number, curves: LossCurves, axis: CurveAxis): Curve[] => {
  const perEpoch = epochLength(curves);
  if (axis === 'epoch' && perEpoch === undefined) return [];
  return CURVES.flatMap((name) => {
    const points = curves[name] ?? [];
    if (points.length === 0) return [];
    return [
      {
        job,
        kind: name.startsWith('validation') ? ('validation' as const) : ('training' as const),
        measure: measureOf(name),
        points: points.map((point) => ({
          x: axis === 'epoch' ? point.step / (perEpoch ?? 1) : point.step,
          value: valueOf(point) ?? null,
        })),
      },
    ];
  });
};

/** Curves of different steps in columns. A logarithmic scale shows only values above 0. */
export const columnsOf = (curves: readonly Curve[], logarithmic: boolean): CurveColumns => {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const columns = curves.map(({ points }) => {
    const values = new Map(points.map(({ x, value }) => [x, value]));
    return xs.map((x) => {
      const value = values.get(x);
      return typeof value === 'number' && logarithmic && value <= 0 ? null : value;
    });
  });
  return [xs, ...columns];
};

/** The last finite value of a curve. */
export const lastValue = ({ points }: Curve): number | undefined =>
  points.findLast(({ value }) => value !== null)?.value ?? undefined;
