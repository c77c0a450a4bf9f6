type Replacement = readonly [pattern: RegExp, instead: string | ((found: string) => string)];

/** Of the addresses on the web those of S3. By hand: a pattern that looks for both words would try them at each place. */
const withoutBucket = (url: string): string => {
  const [, , host = ''] = url.split('/');
  return host.includes('s3') && host.includes('.amazonaws.') ? 'https://s3…' : url;
};

/**
 * What somebody else's words may quote and a log must not keep: where data lie in S3, in each of the ways in which AWS
 * writes that, and what requests are signed with.
 */
const KEPT_OUT: readonly Replacement[] = [
  [/\bs3[an]?:\/\/[^\s"'<>]+/gi, 's3://…'],
  [/\barn:[\w-]+:s3[\w-]*:[^\s"'<>]+/gi, 'arn:…:s3:…'],
  [/\bhttps?:\/\/[^\s"'<>]+/gi, withoutBucket],
  [/\b(bucket:|at key)\s+[^\s"'<>]+/gi, '$1 …'],
  [/\b(x-amz-security-token\W{1,4})[^\s"'<>]+/gi, '$1…'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,}\b/g, 'AKIA…'],
];

/** A text of AWS as logs may keep it: without addresses in S3, session tokens and ids of access keys. */
export const redacted = (text: string): string =>
  KEPT_OUT.reduce(
    (left, [pattern, instead]) =>
      typeof instead === 'string' ? left.replace(pattern, instead) : left.replace(pattern, instead),
    text,
  );
