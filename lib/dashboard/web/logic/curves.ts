import type { LossCurves, LossPoint } from '../../api.ts';

/** What the horizontal axis counts. Jobs with batches of different sizes compare by epochs alone. */
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

/** Which of the five colours a line has: its job's, or where there is one job alone one of its own. */
export const seriesNumber = ({ job, kind }: Curve, single: boolean): number =>
  single && kind === 'validation' ? 2 : job + 1;

/** How many steps make an epoch, or undefined where the job did not write its epochs. */
export const stepsPerEpoch = (points: readonly LossPoint[]): number | undefined => {
  const epochs = points.flatMap(({ epoch }) => (epoch === undefined ? [] : [epoch]));
  const steps = points.map(({ step }) => step);
  if (epochs.length === 0) return undefined;
  // Written as numbers from 0 or from 1.
  const count = Math.max(...epochs) - Math.min(...epochs) + 1;
  const longest = Math.max(...steps);
  return longest > 0 ? longest / count : undefined;
};

/** The lines of one job's curves; none where there is nothing to draw by that axis. */
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

/** Curves of different steps side by side. On a logarithmic scale what is not above 0 has no place. */
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

/** The lowest loss of a curve and where it was. */
export const bestPoint = ({ points }: Curve): { readonly x: number; readonly loss: number } | undefined => {
  let best: { x: number; loss: number } | undefined;
  for (const { x, loss } of points) if (loss !== null && (best === undefined || loss < best.loss)) best = { x, loss };
  return best;
};
