/** One measured step of a job's training or validation. */
export interface LossPoint {
  readonly step: number;
  readonly epoch?: number;
  /** Absent where Bedrock wrote no finite number. */
  readonly loss?: number;
  readonly perplexity?: number;
}

/** The loss curves of a job, from its own S3 output. */
export interface LossCurves {
  /** In the order of steps; absent where the job wrote none. */
  readonly training?: readonly LossPoint[];
  readonly validation?: readonly LossPoint[];
  /** The `s3://` addresses that were read. */
  readonly files: readonly string[];
}

/** The part of a loss point that a chart draws. */
export interface Measured {
  readonly step: number;
  readonly loss?: number;
}

/** The lowest and the highest point in their order, or the first point if none has a loss. */
const extremes = <Point extends Measured>(points: readonly Point[]): Point[] => {
  let lowest: Point | undefined;
  let highest: Point | undefined;
  for (const point of points) {
    if (point.loss === undefined) continue;
    if (lowest?.loss === undefined || point.loss < lowest.loss) lowest = point;
    if (highest?.loss === undefined || point.loss > highest.loss) highest = point;
  }
  if (lowest === undefined || highest === undefined) return points.slice(0, 1);
  if (lowest === highest) return [lowest];
  return points.indexOf(lowest) < points.indexOf(highest) ? [lowest, highest] : [highest, lowest];
};

/**
 * At most `max` (4 or more) points that draw the same curve: the first, the last, and of equal stretches between them
 * the lowest and the highest, so that no spike is lost. A stretch without a loss keeps one point, so that the gap shows.
 */
export const downsample = <Point extends Measured>(points: readonly Point[], max: number): readonly Point[] => {
  if (points.length <= max) return points;
  const inner = points.slice(1, -1);
  const stretches = Math.max(1, Math.floor((max - 2) / 2));
  const edge = (stretch: number): number => Math.round((stretch * inner.length) / stretches);
  const kept = Array.from({ length: stretches }, (_, stretch) =>
    extremes(inner.slice(edge(stretch), edge(stretch + 1))),
  );
  return [...points.slice(0, 1), ...kept.flat(), ...points.slice(-1)];
};
