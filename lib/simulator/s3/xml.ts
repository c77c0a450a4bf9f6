/** S3's answers in XML. */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters, which XML 1.0 has no words for, are written as references, as S3 does. */
export const escaped = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- those are meant
  text.replace(/[&<>"]|[\x00-\x1f]/g, (found) => ESCAPES[found] ?? `&#x${found.charCodeAt(0).toString(16)};`);

export const element = (name: string, value: string | number | boolean): string =>
  `<${name}>${escaped(String(value))}</${name}>`;

export const group = (name: string, members: readonly string[], attributes = ''): string =>
  `<${name}${attributes}>${members.join('')}</${name}>`;

export const xmlAnswer = (status: number, root: string, headers: Readonly<Record<string, string>> = {}): Response => {
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
