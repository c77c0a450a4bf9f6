import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import { diagnose, readFailure, splitMessage } from '../../../lib/domain/failure/index.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const ROLE = 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole';

/** Messages of Bedrock, from its documents and from public reports, with their kinds. */
const knownMessages = ['failure-messages', 'names-in-messages'].flatMap((file) =>
  readFileSync(join(import.meta.dirname, `../../fixtures/messages/${file}.tsv`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t') as [kind: string, message: string]),
);

describe('a failure message', () => {
  test.each([
    ...knownMessages,
    ['s3', 'Encountered an unexpected error when processing the request, please try again","AccessDenied".'],
    ['s3', `User: ${ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::kms-data/train.jsonl"`],
    [
      'kms',
      `User: ${ROLE} is not authorized to perform: kms:Decrypt on resource: ${KEY} because no identity-based policy`,
    ],
    ['denied', `User: ${ROLE} is not authorized to perform: bedrock:InvokeModel on resource: ${KEY}`],
    ['teacher', 'Too few of the prompts got a usable response from the teacher model. Check the prompts and retry.'],
    ['diverged', 'The training loss diverged. Choose a lower learning rate and retry the job.'],
  ])('is known as %s: %s', (kind, message) => {
    expect(diagnose(message)).toMatchObject({ kind, source: expect.stringMatching(/^https:/), checked: '2026-11-28' });
  });

  test.each([
    'The moon was in the way',
    'The job access-denied-and-forbidden failed',
    'Could not find s3://acme/Could-not-assume-provided-IAM-role/train.jsonl',
    'The file "could not assume provided IAM role" is empty',
    'The tag ‘explicit deny in a service control policy’ is too long',
    'The model too-many-limits has no quota of maximum permissions',
    '',
  ])('that is not known has no title and no advice: %s', (message) => {
    expect(diagnose(message)).toBeUndefined();
    expect(readFailure(message)).not.toHaveProperty('diagnosis');
  });

  test('of any length is read at once', () => {
    for (const text of ['"', "'", 'a.', 'a/', 's3://', 'arn:', 'bucket: '])
      expect(diagnose(text.repeat(100_000))).toBeUndefined();
  });
});

test.each([
  ['Amazon S3 bucket: my-data at key a/b/train.jsonl.', ['S3 object s3://my-data/a/b/train.jsonl']],
  [`Not ${ROLE}. See (s3://b/log.txt), line 12.`, [`Role ${ROLE}`, 'S3 location s3://b/log.txt', 'Line 12']],
  ['s3://b/k and s3://b/k', ['S3 location s3://b/k']],
])('finds each place of "%s" once, without the punctuation', (message, places) => {
  expect(readFailure(message).places.map(({ label, value }) => `${label} ${value}`)).toEqual(places);
});

test('tells codes from words', () => {
  const parts = splitMessage('An AccessDeniedException: s3:GetObject was denied by ListBucket');
  const codes = parts.filter(({ kind }) => kind === 'code').map(({ text }) => text);
  expect(codes).toEqual(['AccessDeniedException', 's3:GetObject', 'ListBucket']);
});

const pieces = fc.constantFrom('s3://b/k', ROLE, 'GetObject', ' ', '.', ',', ')', 'text', '<b>', 'line 3');
property.prop([
  fc.oneof(
    fc.string(),
    fc.array(pieces).map((all) => all.join('')),
  ),
])('loses no character of a message', (message) => {
  const text = readFailure(message).parts.map((part) => part.text);
  expect(text.join('')).toBe(message);
});
