import { describe, expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import { readFailure, splitMessage } from '../../../../lib/dashboard/web/logic/failure.ts';

const ROLE = 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole';

test.each([
  [
    'Could not validate GetObject permissions to access Amazon S3 bucket: acme-ml-training-use1 at key copy/train.jsonl',
    'Bedrock may not read or write an S3 object',
  ],
  [
    `Could not assume the provided role ${ROLE}. Check its trust policy and try again.`,
    'Bedrock cannot assume the role of the job',
  ],
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
  ['The training loss diverged. Choose a lower learning rate and retry the job.', 'The training loss did not settle'],
  [
    'An internal error interrupted the training of the model. Please retry the job.',
    'Something went wrong inside Bedrock',
  ],
])('"%s" is known as: %s', (message, title) => {
  const failure = readFailure(message);
  expect([failure.title, failure.steps.length > 0]).toEqual([title, true]);
});

test('an unknown failure has no title and no advice, and all of its words', () => {
  expect(readFailure('The moon was in the way')).toEqual({
    steps: [],
    parts: [{ kind: 'text', text: 'The moon was in the way' }],
    places: [],
  });
});

describe('places', () => {
  test('bucket and key are one address', () => {
    const { places } = readFailure(
      'Could not validate GetObject permissions to access Amazon S3 bucket: my-data at key a/b/train.jsonl.',
    );
    expect(places).toEqual([{ label: 'S3 object', value: 's3://my-data/a/b/train.jsonl' }]);
  });

  test('addresses and ARNs come without the sentence’s full stop', () => {
    const { places } = readFailure(`Could not assume ${ROLE}. See (s3://b/log.txt), line 12.`);
    expect(places).toEqual([
      { label: 'Role', value: ROLE },
      { label: 'S3 location', value: 's3://b/log.txt' },
      { label: 'Line', value: '12' },
    ]);
  });

  test('what is named twice is one place', () => {
    expect(readFailure('s3://b/k and s3://b/k').places).toHaveLength(1);
  });
});

test('codes are told from words', () => {
  expect(
    splitMessage('An AccessDeniedException: s3:GetObject was denied by ListBucket')
      .filter(({ kind }) => kind === 'code')
      .map(({ text }) => text),
  ).toEqual(['AccessDeniedException', 's3:GetObject', 'ListBucket']);
});

property.prop([fc.string()])('no character of a message is lost', (message) => {
  expect(
    splitMessage(message)
      .map(({ text }) => text)
      .join(''),
  ).toBe(message);
});

property.prop([fc.array(fc.constantFrom('s3://b/k', ROLE, 'GetObject', ' ', '.', ',', ')', 'text', '<b>', 'line 3'))])(
  'nor of one full of places',
  (pieces) => {
    const message = pieces.join('');
    expect(
      readFailure(message)
        .parts.map(({ text }) => text)
        .join(''),
    ).toBe(message);
  },
);
