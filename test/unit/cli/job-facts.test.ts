import { expect, it } from '@jest/globals';
import { changeOf } from '../../../lib/cli/job-facts.ts';

it.each([
  [null, 'InProgress', undefined, 'InProgress'],
  ['InProgress', 'Stopped', undefined, 'InProgress → Stopped'],
  ['Stopped', 'Stopped', undefined, 'found again, Stopped'],
  ['Stopped', 'Stopped', 'gone', 'gone, Stopped'],
])('a change from %s to %s (%s) is told as: %s', (from, to, reason, words) => {
  expect(changeOf({ from, to, ...(reason !== undefined && { reason }) })).toBe(words);
});
