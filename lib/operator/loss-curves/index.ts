import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type ErrorCode, TrackerError } from '../../domain/errors.ts';
import { CURVES, lastReward, type LossCurves, type LossPoint } from '../../domain/loss-curve.ts';
import { type CurveKind, parseCurveFile, type ParsedCurves } from './parse.ts';
import type { JobRecord } from '../../domain/record.ts';
import { oneLine } from '../../domain/text.ts';
import { explain } from '../aws-errors.ts';

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

export type { LossCurves, LossPoint };

/** Far more than a job writes: the root of a busy bucket is refused instead of listed for minutes. */
const MOST_KEYS = 10_000;
/** Of all files of a job: a quarter of a million steps, more than the largest training data allow. */
const MOST_BYTES = 8 * 1024 * 1024;

const addressOf = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

const listFolder = async (client: S3Client, { bucket, prefix }: OutputFolder): Promise<ListedObject[]> => {
  const objects: ListedObject[] = [];
  for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key: key = '', LastModified: lastModified } of Contents ?? []) {
      objects.push({ key, ...(lastModified === undefined ? {} : { lastModified }) });
    }
    if (objects.length > MOST_KEYS) {
      throw new TrackerError(
        'BAD_LOSS_CURVE',
        `More than ${MOST_KEYS} objects are at ${addressOf(bucket, prefix)}, more than any job writes. Check what else writes there.`,
      );
    }
  }
  return objects;
};

/** How much may still be read of a job. */
interface Room {
  bytes: number;
}

/** The content of an object; of one that is too large from the outset nothing is read. */
async function* contentOf(client: S3Client, bucket: string, key: string, room: Room) {
  const tooLarge = () =>
    new TrackerError(
      'BAD_LOSS_CURVE',
      `${addressOf(bucket, key)} is too large for a loss curve: a job's files are read up to ${MOST_BYTES / 1024 / 1024} MB.`,
    );
  const abort = new AbortController();
  const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
    abortSignal: abort.signal,
  });
  try {
    if (ContentLength > room.bytes) throw tooLarge();
    for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
      room.bytes -= chunk.byteLength;
      if (room.bytes < 0) throw tooLarge();
      yield chunk;
    }
  } finally {
    // A body that is left unread would hold its connection.
    abort.abort();
  }
}

/** Why a job may have no curve. */
const whyNone = ({ status, status_details: details, customization_type: type }: JobOutput): string => {
  if (type === 'IMPORTED') return 'IMPORTED jobs write no loss curve.';
  if (details?.validation_details?.status === 'Failed') return 'Its data failed the validation, so no training began.';
  if (status === 'InProgress' || status === 'Stopping')
    return 'It is still running: Bedrock may write the curve only at the end, so try again then.';
  if (status === 'Failed' || status === 'Stopped') return `It ${status.toLowerCase()} before its training wrote any.`;
  if (status === 'Completed') return 'It completed, so the files were deleted since, or Bedrock wrote none.';
  return 'The job may still run, its data may have failed the validation, or the files were deleted since.';
};

/** The job has no curve: its files are missing, or they are there and have no rows. */
const noCurve = (job: JobOutput, folder: string, files: readonly string[]): TrackerError => {
  if (files.length === 0)
    return new TrackerError('NO_LOSS_CURVE', `${job.job_arn} wrote no loss curve to ${folder}. ${whyNone(job)}`);
  const rows = `${job.job_arn} wrote no rows: ${files.join(' and ')} ${files.length === 1 ? 'has' : 'have'} at most a header.`;
  return new TrackerError('NO_LOSS_CURVE', job.status === 'Completed' ? rows : `${rows} ${whyNone(job)}`);
};

/** Errors that concern one file: the others can still be read. */
const OF_A_FILE: readonly ErrorCode[] = ['BAD_LOSS_CURVE', 'ACCESS_DENIED', 'AWS_REFUSED'];

/** What the files of a job hold: the newest first, and the training's before the validation's. */
interface ReadFiles {
  readonly curves: ParsedCurves[];
  readonly files: string[];
  readonly failures: TrackerError[];
}

const readFiles = async (client: S3Client, { bucket, prefix }: OutputFolder): Promise<ReadFiles> => {
  const objects = await listFolder(client, { bucket, prefix });
  const room = { bytes: MOST_BYTES };
  const found: ReadFiles = { curves: [], files: [], failures: [] };
  for (const kind of ['training', 'validation'] as const)
    for (const { key } of curveFiles(kind, prefix, objects)) {
      const address = addressOf(bucket, key);
      const before = room.bytes;
      try {
        found.curves.push(await parseCurveFile(contentOf(client, bucket, key, room), kind, address));
        found.files.push(address);
      } catch (error) {
        const failure = explain(error);
        if (!(failure instanceof TrackerError) || !OF_A_FILE.includes(failure.code)) throw error;
        found.failures.push(failure);
        // Nothing is kept of a file that cannot be read.
        room.bytes = before;
      }
    }
  return found;
};

const readCurves = async (client: S3Client, job: JobOutput): Promise<LossCurves> => {
  const folder = outputFolderOf(job);
  const { curves: parsed, files, failures } = await readFiles(client, folder);
  const curves = Object.fromEntries(
    CURVES.flatMap((name) => {
      const points = joinPoints(parsed.flatMap((file) => (file[name] === undefined ? [] : [file[name]])));
      return points.length === 0 ? [] : [[name, points]];
    }),
  );
  if (Object.keys(curves).length === 0)
    throw failures[0] ?? noCurve(job, addressOf(folder.bucket, folder.prefix), files);
  return { ...curves, files, ...(failures.length > 0 && { problems: failures.map(({ message }) => message) }) };
};

/**
 * Reads the loss and reward curves that Bedrock wrote below the job's output location: the training's from
 * `training_artifacts/step_wise_training_metrics.csv`, the validation's from whatever file below `validation_artifacts/`
 * has a name that ends in `validation_metrics.csv`. Several of them make one curve; on a step that they share the
 * newest counts. A file that cannot be read is one of the `problems`, as long as another one has a curve. Costs one
 * ListObjectsV2 for each 1000 objects of the job and one GetObject for each file, one after the other: a client that
 * follows redirects between Regions must not do so for two requests at once.
 *
 * @throws TrackerError NO_LOSS_CURVE where the job wrote none, and why that may be; BAD_LOSS_CURVE where a file holds
 *   something else; ACCESS_DENIED with the permission that is missing; other errors of S3 in the words of `explain`
 */
export const readLossCurves = async (client: S3Client, job: JobOutput): Promise<LossCurves> => {
  try {
    return await readCurves(client, job);
  } catch (error) {
    throw explain(error);
  }
};

/** The last mean reward that a job wrote; undefined where its curves have none. Costs and rejects as `readLossCurves` does. */
export const rewardOf = async (client: S3Client, job: JobOutput): Promise<number | undefined> =>
  lastReward(await readLossCurves(client, job));
