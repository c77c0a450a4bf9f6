import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, hasCode, TrackerError } from '../../../lib/domain/errors.ts';
import { asSentence, canonicalJson, describeIssue, oneLine, pluralize, redact } from '../../../lib/domain/text.ts';

describe('asSentence', () => {
  it.each([
    ['Rate exceeded', 'Rate exceeded.'],
    ['Rate exceeded.', 'Rate exceeded.'],
    ['Rate exceeded!', 'Rate exceeded!'],
    ['Really?', 'Really?'],
    ['No access to s3.example', 'No access to s3.example.'],
  ])('turns "%s" into "%s"', (words, sentence) => {
    expect(asSentence(words)).toBe(sentence);
  });
});

describe('oneLine of 10 characters', () => {
  const blanks = (count: number) => ' '.repeat(count);

  it.each([
    ['keeps a short text', 'ten chars.', 'ten chars.'],
    ['cuts a long text with an ellipsis', 'eleven char', 'eleven ch…'],
    ['replaces half a character at the cut', `${'x'.repeat(8)}😀zz`, `${'x'.repeat(8)}\ufffd…`],
    ['merges and trims spaces', ' a \n\t b ', 'a b'],
    ['replaces control and format characters', 'a\u202eb\u001bc\u2028d', 'a b c d'],
    ['takes four times as much if spaces merge', `a${blanks(38)}b`, 'a b'],
    ['takes no more than that', `a${blanks(39)}b`, 'a…'],
  ])('%s', (_what, text, line) => {
    expect(oneLine(text, 10)).toBe(line);
  });
});

describe('pluralize', () => {
  it.each([
    [0, '0 jobs'],
    [1, '1 job'],
    [2, '2 jobs'],
  ])('of %d is "%s"', (count, words) => {
    expect(pluralize(count, 'job')).toBe(words);
  });
});

describe('an error of the tracker', () => {
  it('has a name, a code, a cause, and whether to retry', () => {
    const cause = new Error('socket hang up');
    const error = new TrackerError('THROTTLED', 'Ask again later.', { cause });
    expect(String(error)).toBe('TrackerError: Ask again later.');
    expect(error).toMatchObject({ code: 'THROTTLED', retryable: true, cause });
    expect(hasCode(error, 'THROTTLED')).toBe(true);
    expect(hasCode(error, 'JOB_NOT_FOUND')).toBe(false);
    expect(hasCode(Object.assign(new Error(), { code: 'THROTTLED' }), 'THROTTLED')).toBe(false);
  });

  it('limits its message to 20,000 characters', () => {
    expect(new TrackerError('BAD_SPEC', 'x'.repeat(20_000)).message).toBe('x'.repeat(20_000));
    expect(new TrackerError('BAD_SPEC', 'x'.repeat(20_001)).message).toBe(`${'x'.repeat(19_999)}…`);
  });

  it('replaces control and format characters in its message, and keeps its lines', () => {
    const hostile = 'line 1\nline 2\u001b[31m \u202egnp\u2028 \u0085 \ud800';
    expect(new TrackerError('BAD_SPEC', hostile).message).toBe(
      'line 1\nline 2\ufffd[31m \ufffdgnp\ufffd \ufffd \ufffd',
    );
  });

  it('is retryable only for these codes', () => {
    const retryable = Object.entries(ERROR_CODES).flatMap(([code, properties]) => (properties.retryable ? [code] : []));
    expect(retryable.sort()).toEqual([
      'ANOTHER_JOB',
      'AWS_UNREACHABLE',
      'EVENT_REFUSED',
      'SWEEP_INCOMPLETE',
      'TAGS_NOT_FOUND',
      'THROTTLED',
      'USE_NOT_MEASURED',
      'WAIT_TIMED_OUT',
      'WRITE_CONTENTION',
    ]);
  });
});

describe('redact', () => {
  it.each([
    ['Could not read s3://acme-data/train.jsonl.', 'Could not read s3://…'],
    ['at "S3://acme/a b.csv"', 'at "s3://… b.csv"'],
    ['to s3a://acme/x, s3n://acme/y', 'to s3://… s3://…'],
    ['on resource: arn:aws:s3:::acme/train.jsonl because', 'on resource: arn:…:s3:… because'],
    ['on arn:aws-us-gov:s3express:us-east-1:1:bucket/acme', 'on arn:…:s3:…'],
    ['https://acme.s3.us-east-1.amazonaws.com/a?X-Amz-Signature=1 failed', 'https://s3… failed'],
    ['https://s3-us-west-2.amazonaws.com/acme/a', 'https://s3…'],
    ['http://acme.s3.amazonaws.com/a', 'https://s3…'],
    ['in bucket:  acme-data', 'in bucket: …'],
    ['to access Amazon S3 bucket: acme-data at key a/b.jsonl', 'to access Amazon S3 bucket: … at key …'],
    ["x-amz-date:1\nx-amz-security-token:IQoJb3JpZ2lu\n\nhost'", "x-amz-date:1\nx-amz-security-token:…\n\nhost'"],
    ['"X-Amz-Security-Token":"IQoJb3JpZ2lu"', '"X-Amz-Security-Token":"…"'],
    ['the key ASIAEXAMPLEEXAMPLE00 is not valid', 'the key AKIA… is not valid'],
  ])('removes locations and credentials: %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefabcdef',
    'User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: bedrock:GetModelCustomizationJob',
    'job s3-to-s4 has an s3: in its name, and the bucket is full',
    'https://bedrock.us-east-1.amazonaws.com/model-customization-jobs',
    'see https://s3.example.org/help',
    'Invalid key: Expected "job_arn"',
  ])('keeps %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('takes linear time', () => {
    const started = Date.now();
    for (const part of [
      's3://',
      'https://s3',
      's3.amazonaws.',
      'arn:aws:s3',
      'bucket: ',
      'x-amz-security-token',
      'a-',
    ]) {
      redact(`https://${part.repeat(200_000 / part.length)}`);
    }
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe('describeIssue', () => {
  const issue = { expected: 'Object', received: '"s3://acme"' };

  it('is the expected type, without the given value', () => {
    const message = 'Invalid type: Expected Object but received "s3://acme"';
    expect(describeIssue({ ...issue, message })).toBe('expected Object');
    expect(describeIssue({ ...issue, message, expected: null })).toBe('expected something else');
  });

  it('is the message itself if it is our own, or if nothing was given', () => {
    expect(describeIssue({ ...issue, message: 'must be a list' })).toBe('must be a list');
    const missing = 'Invalid key: Expected "a" but received undefined';
    expect(describeIssue({ message: missing, expected: '"a"', received: 'undefined' })).toBe(missing);
  });
});

describe('canonicalJson', () => {
  it.each<[what: string, document: unknown, json: string]>([
    ['keys in any order', { b: 1, d: 2, a: 3, c: 4 }, '{"a":3,"b":1,"c":4,"d":2}'],
    ['keys in the opposite order', { d: 2, c: 4, b: 1, a: 3 }, '{"a":3,"b":1,"c":4,"d":2}'],
    [
      'documents inside documents',
      { b: { z: 1, y: [{ q: 1, p: 2 }] }, a: null },
      '{"a":null,"b":{"y":[{"p":2,"q":1}],"z":1}}',
    ],
    ['lists in their order', ['b', 'a', ['d', 'c']], '["b","a",["d","c"]]'],
    ['a string', 'b', '"b"'],
    ['nothing', null, 'null'],
  ])('is the same for %s', (_what, document, json) => {
    expect(canonicalJson(document)).toBe(json);
  });
});
