import { describe, expect, it } from '@jest/globals';
import { redact, describeIssue } from '../../../lib/domain/text.ts';

describe('a text of AWS in a log', () => {
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
  ])('keeps neither where data lie nor what requests are signed with: %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefabcdef',
    'User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: bedrock:GetModelCustomizationJob',
    'job s3-to-s4 has an s3: in its name, and the bucket is full',
    'https://bedrock.us-east-1.amazonaws.com/model-customization-jobs',
    'see https://s3.example.org/help',
    'Invalid key: Expected "job_arn"',
  ])('keeps what says what happened: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('is read in a time that grows with its length, however it is made', () => {
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

describe('what a schema says of a mistake', () => {
  const issue = { expected: 'Object', received: '"s3://acme"' };

  it('is what was expected, without what was given', () => {
    const message = 'Invalid type: Expected Object but received "s3://acme"';
    expect(describeIssue({ ...issue, message })).toBe('expected Object');
    expect(describeIssue({ ...issue, message, expected: null })).toBe('expected something else');
  });

  it('stays where it is our own sentence, or where nothing was given', () => {
    expect(describeIssue({ ...issue, message: 'must be a list' })).toBe('must be a list');
    const missing = 'Invalid key: Expected "a" but received undefined';
    expect(describeIssue({ message: missing, expected: '"a"', received: 'undefined' })).toBe(missing);
  });
});
