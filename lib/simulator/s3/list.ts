/** ListObjectsV2. */
import type { StoredObject } from './objects.ts';
import { element, group, S3Error, xmlAnswer } from './xml.ts';

const MOST_KEYS = 1000;

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Entries that are listed come after this. */
  readonly after: string;
  /** Whether keys are percent-encoded in the answer. */
  readonly encodes: boolean;
}

/** An object, or what objects have in common up to the delimiter. */
interface Entry {
  readonly name: string;
  readonly object?: StoredObject;
}

const nameOf = (token: string): string => {
  const name = Buffer.from(token, 'base64url').toString();
  if (name === '' || Buffer.from(name).toString('base64url') !== token)
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  return name;
};

const readRequest = (query: URLSearchParams): ListRequest => {
  if (query.get('list-type') !== '2')
    throw new S3Error('NotImplemented', 'Of a bucket, ListObjectsV2 and HeadBucket alone are simulated.');
  const maxKeys = query.get('max-keys') ?? '';
  if (!/^\d{0,9}$/.test(maxKeys))
    throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range', {
      ArgumentName: 'max-keys',
      ArgumentValue: maxKeys,
    });
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
    });
  const token = query.get('continuation-token');
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: maxKeys === '' ? MOST_KEYS : Math.min(MOST_KEYS, Number(maxKeys)),
    after: token === null ? (query.get('start-after') ?? '') : nameOf(token),
    encodes: encoding === 'url',
  };
};

const entriesOf = (objects: readonly StoredObject[], { prefix, delimiter, after }: ListRequest): Entry[] => {
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? object.key : object.key.slice(0, end + delimiter.length);
    if (name > after) entries.set(name, end === -1 ? { name, object } : { name });
  }
  return [...entries.values()];
};

const CLASS = element('StorageClass', 'STANDARD');

/** Answers a listing of a bucket. `objectsWith` gives what it holds by the beginning of keys, in their order. */
export const listObjects = (
  bucket: string,
  query: URLSearchParams,
  objectsWith: (prefix: string) => readonly StoredObject[],
  etagOf: (content: string) => string,
): Response => {
  const request = readRequest(query);
  const encoded = (text: string): string => (request.encodes ? encodeURIComponent(text).replaceAll('%2F', '/') : text);
  const entries = entriesOf(objectsWith(request.prefix), request);
  const page = entries.slice(0, request.maxKeys);
  const isTruncated = request.maxKeys > 0 && entries.length > page.length;
  const token = query.get('continuation-token');
  const contents = page.map(({ name, object }) => {
    if (!object) return group('CommonPrefixes', [element('Prefix', encoded(name))]);
    const content = object.content();
    return group('Contents', [
      element('Key', encoded(name)),
      element('LastModified', new Date(object.lastModified).toISOString()),
      element('ETag', etagOf(content)),
      element('Size', Buffer.byteLength(content)),
      CLASS,
    ]);
  });
  return xmlAnswer(
    200,
    group(
      'ListBucketResult',
      [
        element('Name', bucket),
        element('Prefix', encoded(request.prefix)),
        element('KeyCount', page.length),
        element('MaxKeys', request.maxKeys),
        element('IsTruncated', isTruncated),
        ...(request.delimiter === '' ? [] : [element('Delimiter', encoded(request.delimiter))]),
        ...(request.encodes ? [element('EncodingType', 'url')] : []),
        ...(token === null ? [] : [element('ContinuationToken', token)]),
        ...(isTruncated
          ? [element('NextContinuationToken', Buffer.from(page.at(-1)?.name ?? '').toString('base64url'))]
          : []),
        ...contents,
      ],
      ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"',
    ),
  );
};
