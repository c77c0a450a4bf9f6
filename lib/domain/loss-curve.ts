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
