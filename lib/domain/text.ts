/** Somebody else's words as a sentence that ours can follow. */
export const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

/**
 * A text of somebody else's on one line and not longer than that. Whatever could begin a line, hide text, turn its
 * direction or speak to a terminal becomes a blank, so that no value can pass for a line of ours.
 */
export const oneLine = (text: string, most: number): string => {
  // Blanks may fall together; of what is far longer the rest is not looked at.
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  return line.length <= most && text.length <= 4 * most ? line : `${line.slice(0, most - 1)}…`.toWellFormed();
};

/** "1 scope", "2 scopes". */
export const pluralize = (count: number, noun: string): string =>
  `${count.toString()} ${noun}${count === 1 ? '' : 's'}`;

/** What a schema says of a mistake. */
interface Issue {
  readonly message: string;
  readonly expected: string | null;
  readonly received: string;
}

/** A schema's own words quote what was given, which may be anything: what was expected says enough. Ours stay. */
export const describeIssue = ({ message, expected, received }: Issue): string =>
  received !== 'undefined' && message.endsWith(`but received ${received}`)
    ? `expected ${expected ?? 'something else'}`
    : message;

/** Order of two texts by code unit: right for ISO-8601 UTC timestamps of one precision, and the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON with sorted keys: equal for equal documents, whatever the order in which their keys were written. */
export const canonicalJson = (document: unknown): string =>
  JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

type Replacement = readonly [pattern: RegExp, instead: string | ((found: string) => string)];

/** Of the addresses on the web those of S3. By hand: a pattern that looks for both words would try them at each place. */
const hideBucket = (url: string): string => {
  const [, , host = ''] = url.split('/');
  return host.includes('s3') && host.includes('.amazonaws.') ? 'https://s3…' : url;
};

/**
 * What somebody else's words may quote and a log must not keep: where data lie in S3, in each of the ways in which AWS
 * writes that, and what requests are signed with.
 */
const REDACTIONS: readonly Replacement[] = [
  [/\bs3[an]?:\/\/[^\s"'<>]+/gi, 's3://…'],
  [/\barn:[\w-]+:s3[\w-]*:[^\s"'<>]+/gi, 'arn:…:s3:…'],
  [/\bhttps?:\/\/[^\s"'<>]+/gi, hideBucket],
  [/\b(bucket:|at key)\s+[^\s"'<>]+/gi, '$1 …'],
  [/\b(x-amz-security-token\W{1,4})[^\s"'<>]+/gi, '$1…'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,}\b/g, 'AKIA…'],
];

/** A text of AWS as logs may keep it: without addresses in S3, session tokens and ids of access keys. */
export const redact = (text: string): string =>
  REDACTIONS.reduce(
    (left, [pattern, instead]) =>
      typeof instead === 'string' ? left.replace(pattern, instead) : left.replace(pattern, instead),
    text,
  );
