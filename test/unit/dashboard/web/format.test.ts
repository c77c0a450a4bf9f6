import { describe, expect, test } from '@jest/globals';
import {
  elapsedOf,
  exactTime,
  formatLoss,
  formatPercent,
  modelName,
  relativeTime,
  scopeLabel,
  shortModelName,
  statusLabel,
  typeLabel,
} from '../../../../lib/dashboard/web/logic/format.ts';
import { DAY, HOUR } from '../../../../lib/domain/time.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const before = (ms: number) => new Date(NOW - ms).toISOString();

test.each([
  [0, 'just now'],
  [42_000, '42 s ago'],
  [61_000, '1 min ago'],
  [3 * HOUR, '3 h ago'],
  [5 * DAY, '5 d ago'],
  [45 * DAY, '2026-01-15'],
  [-20_000, 'just now'],
  [-7_200_000, 'in 2 h'],
])('a time %d ms ago reads as %s', (ms, words) => {
  expect(relativeTime(before(ms), NOW)).toBe(words);
});

test('what is no time is shown as it came', () => {
  expect([relativeTime('soon', NOW), exactTime('soon')]).toEqual(['soon', 'soon']);
});

test('the exact time names UTC and the local time', () => {
  expect(exactTime('2026-03-01T12:00:00.123Z', 'en-GB')).toMatch(/^2026-03-01 12:00:00 UTC\n.* local time$/);
});

describe('names of AWS', () => {
  test.each([
    [
      'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k',
      'amazon.nova-lite-v1:0:300k',
      'nova-lite',
    ],
    [
      'arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-3-70b-instruct-v1:0:128k',
      'meta.llama3-3-70b-instruct-v1:0:128k',
      'llama3-3-70b-instruct',
    ],
    [
      'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/k3j8h5g2f7d4',
      'custom model k3j8h5g2f7d4',
      'custom model k3j8h5g2f7d4',
    ],
    [undefined, '–', '–'],
  ])('%s is a model called %s, in short %s', (arn, name, short) => {
    expect([modelName(arn), shortModelName(arn)]).toEqual([name, short]);
  });

  test('statuses and types that AWS adds are shown as they are, whatever they are called', () => {
    expect([statusLabel('Paused'), typeLabel('MERGING'), statusLabel('constructor')]).toEqual([
      'Paused',
      'MERGING',
      'constructor',
    ]);
  });

  test('a scope reads as Region and account', () => {
    expect(scopeLabel('123456789012#us-east-1')).toBe('us-east-1 · 123456789012');
  });
});

test.each([
  [0.02681732177734375, '0.02682'],
  [1.5, '1.5'],
  [0.00001234, '1.23e-5'],
  [0, '0'],
  ['NaN', 'NaN'],
  [undefined, '–'],
] as const)('a loss of %s is written %s', (loss, text) => {
  expect(formatLoss(loss)).toBe(text);
});

test.each([
  [1, '100 %'],
  [0.8, '80 %'],
  [0.9987, '99.9 %'],
  [0, '0 %'],
])('a share of %d is written %s', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test('a job runs until now, and ended jobs took their time', () => {
  expect([
    elapsedOf({ creation_time: before(5000) }, NOW),
    elapsedOf({ creation_time: before(5000), end_time: before(2000) }, NOW),
    elapsedOf({}, NOW),
  ]).toEqual([5000, 3000, undefined]);
});
