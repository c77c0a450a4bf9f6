import type { S3Client } from '@aws-sdk/client-s3';
import type { JobRecord } from '../domain/record.ts';

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

/** Where a job wrote its output, or where it will. */
export type JobOutput = Pick<JobRecord, 'job_arn' | 'job_id' | 'output_data_config'>;

/**
 * Reads the loss curves that Bedrock wrote below the job's output location.
 *
 * @throws TrackerError NO_LOSS_CURVE where the job wrote none; AWS's refusals as the SDK throws them
 */
export declare const readLossCurves: (client: S3Client, job: JobOutput) => Promise<LossCurves>;
