/** Reading S3: the data and the output of jobs, at addresses of the path style (`/<bucket>/<key>`), as SDKs use it for an IP address. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Caller, callerOf, type Scope } from '../call.ts';
import { assumedRoleArn } from '../events.ts';
import type { Faults, S3OperationName } from '../faults.ts';
import type { SimulatedJobs } from '../jobs.ts';
import type { Random } from '../random.ts';
import { errorAnswer, listObjects, S3Error } from './list.ts';
import { objectsIn, regionsOf, type StoredObject } from './objects.ts';

export interface S3Dependencies {
  readonly defaults: Scope;
  readonly faults: () => Faults;
  /** For the faults' decisions only. */
  readonly random: Random;
  /** The jobs, brought up to the present. */
  readonly settled: () => { readonly store: SimulatedJobs; readonly now: number };
}

const etagOf = (content: string): string => `"${createHash('md5').update(content).digest('hex')}"`;

/** What a Range header asks for, as [first, end), or undefined where it is none that S3 knows: then all is sent. */
const rangeOf = (header: string | null, size: number): readonly [number, number] | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw new S3Error('InvalidRange', 'The requested range is not satisfiable');
  return [start, end];
};

const objectAnswer = ({ key, content, lastModified }: StoredObject, range: string | null): Response => {
  const text = content();
  const bytes = Buffer.from(text);
  const part = rangeOf(range, bytes.byteLength);
  const [start, end] = part ?? [0, bytes.byteLength];
  return new Response(bytes.subarray(start, end), {
    status: part ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': String(end - start),
      'content-type': key.endsWith('.csv') ? 'text/csv' : 'binary/octet-stream',
      etag: etagOf(text),
      'last-modified': new Date(lastModified).toUTCString(),
      ...(part && { 'content-range': `bytes ${start}-${end - 1}/${bytes.byteLength}` }),
    },
  });
};

/** `/<bucket>/<key>` in words. */
const readPath = (path: string): { readonly bucket: string; readonly key: string } => {
  try {
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) };
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
};

const PERMISSIONS = { ListObjectsV2: 's3:ListBucket', GetObject: 's3:GetObject' } as const;

const refuseDenied = (name: S3OperationName, bucket: string, key: string, caller: Caller, faults: Faults): void => {
  if (!faults.accessDenied.includes(name) && !faults.accessDenied.includes(`${name}:${bucket}`)) return;
  const resource = `arn:aws:s3:::${bucket}${name === 'GetObject' ? `/${key}` : ''}`;
  const permission = PERMISSIONS[name];
  throw new S3Error(
    'AccessDenied',
    `User: ${assumedRoleArn(caller)} is not authorized to perform: ${permission} on resource: "${resource}" ` +
      `because no identity-based policy allows the ${permission} action`,
  );
};

/** Throws where the bucket is none, or lies elsewhere. */
const refuseElsewhere = (bucket: string, { region }: Caller, regions: readonly string[]): void => {
  const [home] = regions;
  if (home === undefined)
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
  if (regions.includes(region)) return;
  throw new S3Error(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. ' +
      'Please send all future requests to this endpoint.',
    { Bucket: bucket, Endpoint: `s3.${home}.amazonaws.com` },
    { 'x-amz-bucket-region': home },
  );
};

/** S3 has no errors of Bedrock's: a signature that cannot be read is the one thing that both refuse. */
const asS3Error = (error: unknown): S3Error => {
  if (error instanceof S3Error) return error;
  if (error instanceof ApiError) return new S3Error('InvalidArgument', error.message);
  throw error;
};

/** Answers one request to S3. */
export const createS3 = ({ defaults, faults, random, settled }: S3Dependencies) => {
  const serve = (request: Request): Response => {
    const caller = callerOf(request.headers.get('authorization') ?? undefined, defaults);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
    const url = new URL(request.url);
    const { bucket, key } = readPath(url.pathname);
    if (bucket === '') throw new S3Error('NotImplemented', 'Buckets are not listed: name one.');
    if (random.chance(faults().failProbability))
      throw new S3Error('InternalError', 'We encountered an internal error. Please try again.');
    const { store, now } = settled();
    const regions = regionsOf(store, bucket);
    refuseElsewhere(bucket, caller, regions);
    refuseDenied(key === '' ? 'ListObjectsV2' : 'GetObject', bucket, key, caller, faults());
    if (key !== '') {
      const object = objectsIn(store, bucket, key, now).find((found) => found.key === key);
      if (!object) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: key });
      return objectAnswer(object, request.headers.get('range'));
    }
    if (request.method === 'HEAD')
      return new Response(null, { status: 200, headers: { 'x-amz-bucket-region': regions[0] ?? caller.region } });
    return listObjects(bucket, url.searchParams, (prefix) => objectsIn(store, bucket, prefix, now), etagOf);
  };

  return async (request: Request): Promise<Response> => {
    const requestId = randomUUID();
    const { latencyMs } = faults();
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
    try {
      const answer = serve(request);
      answer.headers.set('x-amz-request-id', requestId);
      return answer;
    } catch (thrown) {
      const answer = errorAnswer(asS3Error(thrown), requestId);
      answer.headers.set('x-amz-request-id', requestId);
      return answer;
    }
  };
};
