import { describe, expect, it } from '@jest/globals';
import {
  endedNotification,
  endedTitle,
  formatFollows,
  parseFollows,
  type Follows,
} from '../../../../lib/dashboard/web/logic/follows.ts';
import { aRecord } from '../../../support/dashboard-server.ts';

const FOLLOWS: Follows = new Map([
  ['arn:1', { name: 'one' }],
  ['__proto__', { name: 'two', ended: 'Failed' }],
]);

describe('followed jobs', () => {
  it('are read as they were written', () => {
    expect(parseFollows(formatFollows(FOLLOWS))).toEqual(FOLLOWS);
  });

  it.each([
    '',
    'null',
    '{}',
    '[1]',
    '["a"]',
    '[[1, {"name": "a"}]]',
    '[["a"]]',
    '[["a", {"name": 1}]]',
    '[["a", {"name": "b", "ended": 1}]]',
  ])('are none in %j, which something else wrote', (text) => {
    expect(parseFollows(text).size).toBe(0);
  });

  it('are the latest 50', () => {
    const many = new Map(Array.from({ length: 60 }, (_, n) => [`arn:${n}`, { name: `job-${n}` }]));
    expect([...parseFollows(formatFollows(many)).keys()]).toEqual([...many.keys()].slice(10));
  });
});

describe('the title of a tab', () => {
  it.each<[string | undefined, Follows]>([
    [undefined, new Map([['arn:1', { name: 'one' }]])],
    ['✗ Failed: two', FOLLOWS],
    ['✓ Completed: a b', new Map([['arn:1', { name: 'a\nb', ended: 'Completed' }]])],
    ['■ Stopped: one', new Map([['arn:1', { name: 'one', ended: 'Stopped' }]])],
    ['■ Paused: one', new Map([['arn:1', { name: 'one', ended: 'Paused' }]])],
    [
      '2 jobs ended',
      new Map([
        ['a', { name: 'one', ended: 'Stopped' }],
        ['b', { name: 'two', ended: 'Failed' }],
      ]),
    ],
  ])('starts with %j', (title, follows) => {
    expect(endedTitle(follows)).toBe(title);
  });
});

describe('a notification', () => {
  const ended = { status: 'Completed', end_time: '2026-03-01T12:30:00.000Z' };

  it('names the job, its model, and how long it took', () => {
    expect(endedNotification(aRecord('tone', ended))).toEqual({
      title: 'Completed: tone',
      body: 'amazon.nova-lite-v1:0:300k, after 1 h 30 min',
    });
  });

  it('says why the job failed, on one line', () => {
    const { title, body } = endedNotification(
      aRecord('tone', { ...ended, status: 'Failed', failure_message: 'No\nbucket' }),
    );
    expect([title, body]).toEqual(['Failed: tone', 'No bucket. amazon.nova-lite-v1:0:300k, after 1 h 30 min']);
  });
});
