/** ListObjectsV2, and S3's answers in XML. */
import type { StoredObject } from './objects.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters, which XML 1.0 has no words for, are written as references, as S3 does. */
const escaped = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- those are meant
  text.replace(/[&<>"]|[\x00-\x1f]/g, (found) => ESCAPES[found] ?? `&#x${found.charCodeAt(0).toString(16)};`);

const element = (name: string, value: string | number | boolean): string =>
  `<${name}>${escaped(String(value))}</${name}>`;

const group = (name: string, members: readonly string[], attributes = ''): string =>
  `<${name}${attributes}>${members.join('')}</${name}>`;

const xmlAnswer = (status: number, root: string, headers: Readonly<Record<string, string>> = {}): Response => {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`);
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': String(body.byteLength), ...headers },
  });
};

const HTTP_STATUSES = {
  AccessDenied: 403,
  InternalError: 500,
  InvalidArgument: 400,
  InvalidRange: 416,
  InvalidURI: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  PermanentRedirect: 301,
} as const;

/** An error that S3 answers with. */
export class S3Error extends Error {
  override readonly name: keyof typeof HTTP_STATUSES;
  readonly httpStatus: number;
  readonly members: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    name: keyof typeof HTTP_STATUSES,
    message: string,
    members: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = name;
    this.httpStatus = HTTP_STATUSES[name];
    this.members = members;
    this.headers = headers;
  }
}

export const errorAnswer = ({ name, message, httpStatus, members, headers }: S3Error, requestId: string): Response =>
  xmlAnswer(
    httpStatus,
    group('Error', [
      element('Code', name),
      element('Message', message),
      ...Object.entries(members).map(([member, value]) => element(member, value)),
      element('RequestId', requestId),
    ]),
    headers,
  );

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
