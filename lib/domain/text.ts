/** Ends external text with a full stop. */
export const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

/**
 * External text on one line of at most `most` characters. Line breaks, invisible characters and control sequences become
 * spaces, so that no value can pass for a line of ours.
 */
export const oneLine = (text: string, most: number): string => {
  // Spaces merge, so take more than `most` characters, but never all of a huge text.
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  return line.length <= most && text.length <= 4 * most ? line : `${line.slice(0, most - 1)}…`.toWellFormed();
};

/** "1 scope", "2 scopes". */
export const pluralize = (count: number, noun: string): string =>
  `${count.toString()} ${noun}${count === 1 ? '' : 's'}`;

interface Issue {
  readonly message: string;
  readonly expected: string | null;
  readonly received: string;
}

/** The message of a schema issue without the given value, which valibot's default messages quote. */
export const describeIssue = ({ message, expected, received }: Issue): string =>
  received !== 'undefined' && message.endsWith(`but received ${received}`)
    ? `expected ${expected ?? 'something else'}`
    : message;

export type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined. */
export const present = <const T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;

/** Compares by code unit: right for ISO-8601 UTC timestamps of one precision, and the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON with sorted keys: equal for equal documents. */
export const canonicalJson = (document: unknown): string =>
  JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** Hides URLs of S3. By hand, as a pattern for both words would backtrack. */
const hideBucket = (url: string): string => {
  const [, , host = ''] = url.split('/');
  return host.includes('s3') && host.includes('.amazonaws.') ? 'https://s3…' : url;
};

/** What a log must not keep: locations in S3 in every form that AWS writes, and credentials. */
const REDACTIONS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bs3[an]?:\/\/[^\s"'<>]+/gi, 's3://…'],
  [/\barn:[\w-]+:s3[\w-]*:[^\s"'<>]+/gi, 'arn:…:s3:…'],
  [/\b(bucket:|at key)\s+[^\s"'<>]+/gi, '$1 …'],
  [/\b(x-amz-security-token\W{1,4})[^\s"'<>]+/gi, '$1…'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,}\b/g, 'AKIA…'],
];

/** Removes S3 locations, session tokens and access key ids from a text of AWS. */
export const redact = (text: string): string =>
  REDACTIONS.reduce(
    (left, [pattern, instead]) => left.replace(pattern, instead),
    text.replace(/\bhttps?:\/\/[^\s"'<>]+/gi, hideBucket),
  );
