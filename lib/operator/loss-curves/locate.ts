import { TrackerError } from '../../domain/errors.ts';
import type { LossPoint } from '../../domain/loss-curve.ts';
import type { JobRecord } from '../../domain/record.ts';
import { oneLine } from '../../domain/text.ts';
import type { CurveKind } from './parse.ts';

/** Where a job wrote its output, or where it will. With its status, what has no curve is told why. */
export type JobOutput = Pick<JobRecord, 'job_arn' | 'job_id' | 'output_data_config'> &
  Partial<Pick<JobRecord, 'status' | 'status_details' | 'customization_type'>>;

/** The folder that a job writes into. */
export interface OutputFolder {
  readonly bucket: string;
  /** Ends in a slash. */
  readonly prefix: string;
}

/** An object as S3 lists it. */
export interface ListedObject {
  readonly key: string;
  readonly lastModified?: Date;
}

const FOLDERS = { training: 'training_artifacts/', validation: 'validation_artifacts/' } as const;
/** The validation file has been seen in four places, so its name alone counts. */
const SUFFIXES = { training: 'step_wise_training_metrics.csv', validation: 'validation_metrics.csv' } as const;

/** A job has at most ten validators; whatever else has such a name is older. */
const MOST_FILES = 20;

/** A record's attribute, in whose place somebody else may have written anything. */
const textOf = (attribute: unknown): string => (typeof attribute === 'string' ? attribute : '');

/** `<output location>/model-customization-job-<id>/`. Throws NO_LOSS_CURVE for a job without an output location. */
export const outputFolderOf = (job: JobOutput): OutputFolder => {
  const uri = textOf(job.output_data_config?.s3_uri);
  const { bucket, path = '' } = /^s3:\/\/(?<bucket>[^/]+)(?:\/(?<path>.*))?$/s.exec(uri)?.groups ?? {};
  const jobId = textOf(job.job_id);
  if (bucket === undefined || jobId === '') {
    throw new TrackerError(
      'NO_LOSS_CURVE',
      `${oneLine(textOf(job.job_arn), 1_200) || 'The job'} has no output location in S3, so there is no loss curve. Imported models have none.`,
    );
  }
  const parent = path.replace(/\/+$/, '');
  return { bucket, prefix: `${parent === '' ? '' : `${parent}/`}model-customization-job-${jobId}/` };
};

const newestFirst = (left: ListedObject, right: ListedObject): number =>
  (right.lastModified?.getTime() ?? 0) - (left.lastModified?.getTime() ?? 0) || (left.key < right.key ? -1 : 1);

/** The files of one curve among the objects of an output folder, newest first. */
export const curveFiles = (kind: CurveKind, prefix: string, objects: readonly ListedObject[]): ListedObject[] =>
  objects
    .filter(({ key }) => key.startsWith(`${prefix}${FOLDERS[kind]}`) && key.endsWith(SUFFIXES[kind]))
    .sort(newestFirst)
    .slice(0, MOST_FILES);

const measured = ({ step, epoch }: LossPoint): string => `${step}/${epoch ?? ''}`;

/**
 * One curve of what several files hold, newest file first: in the order of steps, each step of an epoch once. Where
 * files differ on a step the newest counts, so that the files of several validators, or a copy that was measured after
 * the training, never alternate within one curve; a step that lines of one file repeat has the last line's values.
 */
export const joinPoints = (files: readonly (readonly LossPoint[])[]): LossPoint[] => {
  const points = new Map<string, LossPoint>();
  for (const file of [...files].reverse()) for (const point of file) points.set(measured(point), point);
  return [...points.values()].sort((left, right) => left.step - right.step || (left.epoch ?? -1) - (right.epoch ?? -1));
};
