import { open } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { hasCode, TrackerError } from '../../domain/errors.ts';
import { explain } from '../aws-errors.ts';
import { visible } from '../visible.ts';

/** Bytes of data, as they are read. A chunk may be overwritten when the next one is asked for. */
export interface OpenData {
  /** Bytes, where they are known. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Buffer>;
  readonly close: () => Promise<void>;
}

/** What reads data, and when to stop. */
export interface DataSource {
  readonly s3: () => Promise<S3Client>;
  readonly signal: AbortSignal;
  /** Shows how many bytes of a file are read. */
  readonly startProgress?: (
    name: string,
    size: number | undefined,
  ) => { readonly update: (done: number) => void; readonly end: () => void };
}

const S3_URI = /^s3:\/\/([^/]+)\/(.+)$/s;

interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** The bucket and key of a location in S3; undefined for a path. */
export const s3LocationOf = (name: string): ObjectLocation | undefined => {
  const [, bucket, key] = S3_URI.exec(name) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
};

const CHUNK = 1024 * 1024;

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder: name the file in it',
  EACCES: 'may not be read by you',
};

/** What a person has to name differently, in place of Node's sentence. */
const explainFile = (error: unknown, path: string): unknown => {
  const { code } = Object(error) as { readonly code?: string };
  const problem = FILE_PROBLEMS[code ?? ''];
  return problem === undefined
    ? error
    : new TrackerError('BAD_REQUEST', `The file ${visible(path)} ${problem}.`, { cause: error });
};

const openFile = async (path: string): Promise<OpenData> => {
  const handle = await open(path).catch((error: unknown) => {
    throw explainFile(error, path);
  });
  const read = async function* () {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK).catch((error: unknown) => {
        throw explainFile(error, path);
      });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  };
  const { size } = await handle.stat();
  // Pipes have no size.
  return { size: size === 0 ? undefined : size, chunks: read(), close: () => handle.close() };
};

/** Whether the object, or its bucket, is not there: a job that names it fails for certain. */
export const isMissing = (error: unknown): boolean => hasCode(error, 'NO_DATA');

const explainObject = (error: unknown, uri: string): unknown => {
  const { name } = Object(error) as { readonly name?: string };
  if (name !== 'NoSuchKey' && name !== 'NoSuchBucket') return explain(error);
  const why = name === 'NoSuchKey' ? '' : ': there is no such bucket';
  return new TrackerError('NO_DATA', `${uri} does not exist${why}. Check its name, and upload the file.`, {
    cause: error,
  });
};

const openObject = async ({ bucket, key }: ObjectLocation, { s3, signal }: DataSource): Promise<OpenData> => {
  const uri = visible(`s3://${bucket}/${key}`);
  const abort = new AbortController();
  // An answer that does not come must not hold a person who asked for the end.
  const end = () => abort.abort();
  signal.addEventListener('abort', end);
  const get = async () => {
    // Most checks are of files, and the client takes memory.
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    return (await s3()).send(command, { abortSignal: abort.signal });
  };
  const explained = (error: unknown): unknown => (signal.aborted ? signal.reason : explainObject(error, uri));
  const { Body, ContentLength } = await get().catch((error: unknown) => {
    throw explained(error);
  });
  const read = async function* () {
    try {
      for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>)
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } catch (error) {
      throw explained(error);
    }
  };
  return {
    size: ContentLength,
    chunks: read(),
    // A body that is left unread would hold its connection.
    close: () => {
      signal.removeEventListener('abort', end);
      abort.abort();
      return Promise.resolve();
    },
  };
};

/**
 * Opens a file, or an object of S3.
 *
 * @throws TrackerError BAD_REQUEST for a path that is not a readable file, NO_DATA for an object that does not exist, and
 *   others as `explain` words them; the signal's reason
 */
export const openData = async (name: string, source: DataSource): Promise<OpenData> => {
  const location = s3LocationOf(name);
  return location === undefined ? openFile(name) : openObject(location, source);
};
