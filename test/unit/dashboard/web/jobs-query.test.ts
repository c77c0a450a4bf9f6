import { describe, expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import type { JobsQuery } from '../../../../lib/dashboard/api.ts';
import {
  endOfDay,
  filterCount,
  firstDay,
  formatJobsQuery,
  lastDay,
  parseJobsQuery,
  startOfDay,
  tagFilter,
  tagFilterLabel,
  withMember,
  withoutFilters,
} from '../../../../lib/dashboard/web/logic/addresses.ts';

const text = fc.string({ minLength: 1 }).filter((value) => value.trim() === value && value !== '');
const queries: fc.Arbitrary<JobsQuery> = fc.record(
  {
    status: fc.uniqueArray(fc.constantFrom('InProgress', 'Failed', 'Paused'), { minLength: 1 }),
    active: fc.boolean(),
    scope: fc.constant('123456789012#us-east-1'),
    baseModel: text,
    customizationType: text,
    tag: fc.uniqueArray(text, { minLength: 1 }),
    search: text,
    createdAfter: fc.constant('2026-03-01T00:00:00.000Z'),
    sortBy: fc.constantFrom('creation_time' as const, 'last_modified_time' as const),
    order: fc.constantFrom('newest' as const, 'oldest' as const),
  },
  { requiredKeys: [] },
);

property.prop([queries])('an address brings back the question that made it', (query) => {
  expect(parseJobsQuery(formatJobsQuery(query))).toEqual(query);
});

property.prop([fc.string()])('any address leads to some question', (search) => {
  expect(() => formatJobsQuery(parseJobsQuery(search))).not.toThrow();
});

test('one question has one address, in whichever order it was asked', () => {
  const query = { search: 'a', status: ['Failed'] } as const;
  expect(formatJobsQuery(query)).toBe(formatJobsQuery({ status: ['Failed'], search: 'a' }));
});

test('what is no question of this list is left out', () => {
  expect(
    parseJobsQuery('order=sideways&active=maybe&createdAfter=tomorrow&limit=9&cursor=x&unknown=1&status='),
  ).toEqual({});
});

describe('changing a question', () => {
  test('an empty choice takes its filter away', () => {
    const query: JobsQuery = { search: 'a', status: ['Failed'], scope: 's' };
    expect(withMember(withMember(withMember(query, 'search', ''), 'status', []), 'scope', undefined)).toEqual({});
  });

  test('sorting is no filter and stays when filters are cleared', () => {
    const query: JobsQuery = { search: 'a', active: false, order: 'oldest' };
    expect([filterCount(query), withoutFilters(query)]).toEqual([2, { order: 'oldest' }]);
  });
});

describe('days', () => {
  test('the last day is part of what is found', () => {
    expect([startOfDay('2026-03-01'), endOfDay('2026-03-01')]).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-03-02T00:00:00.000Z',
    ]);
  });

  test('fields show the days that were chosen', () => {
    expect([
      firstDay({ createdAfter: '2026-03-01T00:00:00.000Z' }),
      lastDay({ createdBefore: '2026-03-02T00:00:00.000Z' }),
    ]).toEqual(['2026-03-01', '2026-03-01']);
  });

  test.each(['', 'x', '2026-13-40'])('"%s" is no day', (date) => {
    expect([startOfDay(date), endOfDay(date)]).toEqual([undefined, undefined]);
  });
});

test('a colon in the key of a tag does not end it', () => {
  expect([
    tagFilter('aws:stack', 'a:b'),
    tagFilterLabel(tagFilter('aws:stack', 'a:b')),
    tagFilterLabel('owner'),
  ]).toEqual(['aws%3Astack:a:b', 'aws:stack: a:b', 'owner']);
});
