/** The curves that a job may write: losses, and for reinforcement fine-tuning the mean rewards of each step. */
export const CURVES = ['training', 'validation', 'reward', 'validation_reward'] as const;
export type CurveName = (typeof CURVES)[number];

/** One measured step of a curve. It has a loss, or a reward. */
export interface LossPoint {
  readonly step: number;
  readonly epoch?: number;
  /** Absent where Bedrock wrote no finite number. */
  readonly loss?: number;
  readonly perplexity?: number;
  /** The mean over the responses of the step. Absent where Bedrock wrote no finite number. */
  readonly reward?: number;
  readonly reward_min?: number;
  readonly reward_max?: number;
}

/** The curves of a job, from its own S3 output: each in the order of steps, absent where the job wrote none. */
export interface LossCurves extends Readonly<Partial<Record<CurveName, readonly LossPoint[]>>> {
  /** The `s3://` addresses that were read. */
  readonly files: readonly string[];
  /** A sentence for each file that could not be read. */
  readonly problems?: readonly string[];
}

/** What a curve measures: a lower loss is better, and a higher reward. */
export type Measure = 'loss' | 'reward';

export const measureOf = (curve: CurveName): Measure =>
  curve === 'reward' || curve === 'validation_reward' ? 'reward' : 'loss';

/** The part of a point that a chart draws. */
export interface Measured {
  readonly step: number;
  readonly loss?: number;
  readonly reward?: number;
}

export const valueOf = ({ loss, reward }: Measured): number | undefined => loss ?? reward;

/** The last mean reward of a job's training; undefined for a job that wrote none. */
export const lastReward = ({ reward = [] }: Pick<LossCurves, 'reward'>): number | undefined =>
  reward.findLast((point) => point.reward !== undefined)?.reward;

/** Applies a function to each curve that there is. */
export const mapCurves = (
  curves: LossCurves,
  change: (points: readonly LossPoint[]) => readonly LossPoint[],
): LossCurves => ({
  ...curves,
  ...Object.fromEntries(CURVES.flatMap((name) => (curves[name] === undefined ? [] : [[name, change(curves[name])]]))),
});

/** The lowest and the highest point in their order, or the first point if none has a value. */
const extremes = <Point extends Measured>(points: readonly Point[]): Point[] => {
  let lowest: Point | undefined;
  let highest: Point | undefined;
  for (const point of points) {
    const value = valueOf(point);
    if (value === undefined) continue;
    if (lowest === undefined || value < (valueOf(lowest) ?? NaN)) lowest = point;
    if (highest === undefined || value > (valueOf(highest) ?? NaN)) highest = point;
  }
  if (lowest === undefined || highest === undefined) return points.slice(0, 1);
  if (lowest === highest) return [lowest];
  return points.indexOf(lowest) < points.indexOf(highest) ? [lowest, highest] : [highest, lowest];
};

/**
 * At most `max` (4 or more) points that draw the same curve: the first, the last, and of equal stretches between them
 * the lowest and the highest, so that no spike is lost. A stretch without a value keeps one point, so that the gap shows.
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
