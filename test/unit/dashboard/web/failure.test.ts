import { expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import { readFailure, splitMessage } from '../../../../lib/dashboard/web/logic/failure.ts';

const ROLE = 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole';

test.each([
  [
    'Could not validate GetObject permissions to access Amazon S3 bucket: acme-ml-training-use1 at key copy/train.jsonl',
    'Bedrock may not read or write an S3 object',
  ],
  [`Could not assume the provided role ${ROLE}. Check its trust policy.`, 'Bedrock cannot assume the role of the job'],
  [
    'The training data at s3://b/train.jsonl is not valid: line 12 is not a JSON object of the expected format.',
    'The training data has a line that Bedrock cannot read',
  ],
  [
    'Too few of the prompts got a usable response from the teacher model. Check the prompts and retry.',
    'The teacher model gave too few usable responses',
  ],
  ['The KMS key cannot be used to encrypt the model', 'A KMS key cannot be used'],
  ['Dataset exceeds the maximum number of records', 'A limit was reached'],
  ['The subnet subnet-1 has no free addresses', 'The VPC configuration cannot be used'],
  ['The training loss diverged. Choose a lower learning rate and retry the job.', 'Training diverged'],
  ['An internal error interrupted the training of the model. Please retry the job.', 'Internal error in Bedrock'],
])('"%s" is known as: %s', (message, title) => {
  const failure = readFailure(message);
  expect([failure.title, failure.steps.length > 0]).toEqual([title, true]);
});

test('an unknown failure has its whole message, without a title or advice', () => {
  expect(readFailure('The moon was in the way')).toEqual({
    steps: [],
    parts: [{ kind: 'text', text: 'The moon was in the way' }],
    places: [],
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
