import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { TrackerError } from '../../domain/errors.ts';
import type { LossCurves, LossPoint } from '../../domain/loss-curve.ts';
import {
  curveFiles,
  joinPoints,
  outputFolderOf,
  type JobOutput,
  type ListedObject,
  type OutputFolder,
} from './locate.ts';
import { parseLossFile, type CurveKind } from './parse.ts';
import { asking } from './refusals.ts';

export type { JobOutput, LossCurves, LossPoint };

/** Far more than a job writes: who gives the root of a busy bucket's folder is told so instead of waiting. */
const MOST_KEYS = 10_000;
/** Of all files of a job: a quarter of a million steps, more than the largest training data allow. */
const MOST_BYTES = 8 * 1024 * 1024;

const listFolder = async (client: S3Client, { bucket, prefix }: OutputFolder): Promise<ListedObject[]> => {
  const address = `s3://${bucket}/${prefix}`;
  return asking('s3:ListBucket', address, async () => {
    const objects: ListedObject[] = [];
    for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
      for (const { Key: key = '', LastModified: lastModified } of Contents ?? []) {
        objects.push({ key, ...(lastModified === undefined ? {} : { lastModified }) });
      }
      if (objects.length > MOST_KEYS) {
        throw new TrackerError(
          'BAD_LOSS_CURVE',
          `More than ${MOST_KEYS} objects lie at ${address}, which no job writes. Look what else writes there.`,
        );
      }
    }
    return objects;
  });
};

/** How much may still be read of a job. */
interface Room {
  bytes: number;
}

const tooLarge = (address: string): TrackerError =>
  new TrackerError(
    'BAD_LOSS_CURVE',
    `${address} is too large for a loss curve: a job's files are read up to ${MOST_BYTES / 1024 / 1024} MB.`,
  );

/** Lets bytes through as long as there is room for them. */
async function* bounded(bytes: AsyncIterable<Uint8Array>, room: Room, address: string) {
  for await (const chunk of bytes) {
    room.bytes -= chunk.byteLength;
    if (room.bytes < 0) throw tooLarge(address);
    yield chunk;
  }
}

/** The content of an object, which is not begun where it is too large from the outset. */
async function* contentOf(client: S3Client, { bucket, key }: { bucket: string; key: string }, room: Room) {
  const address = `s3://${bucket}/${key}`;
  const abort = new AbortController();
  const { Body, ContentLength = 0 } = await asking('s3:GetObject', address, () =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: abort.signal }),
  );
  try {
    if (ContentLength > room.bytes) throw tooLarge(address);
    yield* bounded((Body ?? []) as AsyncIterable<Uint8Array>, room, address);
  } finally {
    // A body that is left unread would hold its connection.
    abort.abort();
  }
}

/** What a job that wrote no curve says about why. */
const whyNone = (job: JobOutput): string => {
  const { status, status_details: details, customization_type: type } = job;
  if (type === 'REINFORCEMENT_FINE_TUNING' || type === 'IMPORTED') return `Jobs of the type ${type} write none.`;
  if (details?.validation_details?.status === 'Failed') return 'Its data failed the validation, so no training began.';
  if (status === 'InProgress' || status === 'Stopping') {
    return 'It is still running: Bedrock may write the curve at the end only, so ask again then.';
  }
  if (status === 'Failed' || status === 'Stopped') return `It ${status.toLowerCase()} before its training wrote any.`;
  return 'The job may still run, its data may have failed the validation, or the files were deleted since.';
};

/**
 * Reads the loss curves that Bedrock wrote below the job's output location: the training's from
 * `training_artifacts/step_wise_training_metrics.csv`, the validation's from whatever file below `validation_artifacts/`
 * has a name that ends in `validation_metrics.csv`. Several of them make one curve; on a step that they share the
 * newest counts. Costs one ListObjectsV2 for each 1000 objects of the job and one GetObject for each file, one after
 * the other: a client that follows redirects between Regions must not do so for two requests at once.
 *
 * @throws TrackerError NO_LOSS_CURVE where the job wrote none, with a sentence that says why that may be;
 *   BAD_LOSS_CURVE where a file holds something else; ACCESS_DENIED with the permission that is missing; AWS_REFUSED
 *   where the bucket lies in another Region and the client does not follow. Anything else comes as it was thrown.
 */
export const readLossCurves = async (client: S3Client, job: JobOutput): Promise<LossCurves> => {
  const folder = outputFolderOf(job);
  const objects = await listFolder(client, folder);
  const room = { bytes: MOST_BYTES };
  const files: string[] = [];
  const read = async (kind: CurveKind) => {
    const contents: LossPoint[][] = [];
    for (const { key } of curveFiles(kind, folder.prefix, objects)) {
      const address = `s3://${folder.bucket}/${key}`;
      const content = contentOf(client, { bucket: folder.bucket, key }, room);
      contents.push(await parseLossFile(content, kind, address));
      files.push(address);
    }
    const points = joinPoints(contents);
    return points.length === 0 ? {} : { [kind]: points };
  };
  const curves = { ...(await read('training')), ...(await read('validation')) };
  if (Object.keys(curves).length > 0) return { ...curves, files };
  const address = `s3://${folder.bucket}/${folder.prefix}`;
  throw new TrackerError('NO_LOSS_CURVE', `${job.job_arn} wrote no loss curve to ${address}. ${whyNone(job)}`);
};
