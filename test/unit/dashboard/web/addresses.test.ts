import { expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import type { JobsQuery } from '../../../../lib/dashboard/api.ts';
import * as addresses from '../../../../lib/dashboard/web/logic/addresses.ts';

const { formatJobsQuery, parseJobsQuery, withMember } = addresses;

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

property.prop([queries])('an address gives back the query that made it, whatever the order of its members', (query) => {
  expect(parseJobsQuery(formatJobsQuery(query))).toEqual(query);
  const reversed = Object.fromEntries(Object.entries(query).reverse()) as JobsQuery;
  expect(formatJobsQuery(reversed)).toBe(formatJobsQuery(query));
});

property.prop([fc.string()])('any address is some query', (search) => {
  expect(() => formatJobsQuery(parseJobsQuery(search))).not.toThrow();
});

test('ignores members of an address that are unknown or invalid', () => {
  const search = 'order=sideways&active=maybe&createdAfter=tomorrow&limit=9&cursor=x&unknown=1&status=';
  expect(parseJobsQuery(search)).toEqual({});
});

test('an empty choice removes its filter', () => {
  const query: JobsQuery = { search: 'a', status: ['Failed'], scope: 's' };
  expect(withMember(withMember(withMember(query, 'search', ''), 'status', []), 'scope', undefined)).toEqual({});
});

test('sorting is not a filter, and stays when filters are cleared', () => {
  const query: JobsQuery = { search: 'a', active: false, order: 'oldest' };
  expect([addresses.filterCount(query), addresses.withoutFilters(query)]).toEqual([2, { order: 'oldest' }]);
});

test.each<[string, string | undefined, string | undefined]>([
  ['2026-03-01', '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  ['', undefined, undefined],
  ['x', undefined, undefined],
  ['2026-13-40', undefined, undefined],
])('the day "%s" goes from %s to %s', (date, start, end) => {
  expect([addresses.startOfDay(date), addresses.endOfDay(date)]).toEqual([start, end]);
  if (start === undefined || end === undefined) return;
  expect([addresses.firstDay({ createdAfter: start }), addresses.lastDay({ createdBefore: end })]).toEqual([
    date,
    date,
  ]);
});

test.each([
  ['aws%3Astack:a:b', 'aws:stack: a:b'],
  ['team=search', 'team: search'],
  ['owner', 'owner'],
])('shows the filter of tags %s as %s', (filter, label) => {
  expect(addresses.tagFilterLabel(filter)).toBe(label);
});

test('an ARN is one part of an address', () => {
  expect(addresses.jobPath('arn:a/b')).toBe('/jobs/arn%3Aa%2Fb');
  expect([addresses.jobsPath(), addresses.jobsPath({ active: true })]).toEqual(['/jobs', '/jobs?active=true']);
});

test('an address of a comparison names at most ten jobs, each once', () => {
  const path = addresses.comparePath(Array.from('abbcdefghijkl'));
  expect(addresses.comparedJobs(path.split('?')[1] ?? '')).toEqual(Array.from('abcdefghij'));
});
