import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { parseListRequest } from '../../lib/client/list/validate.ts';
import { parseJobsQuery, parseRunsQuery, type ParsedJobsQuery } from '../../lib/dashboard/server/list-jobs.ts';
import { comparedJobs } from '../../lib/dashboard/web/logic/addresses.ts';
import * as web from '../../lib/dashboard/web/logic/addresses.ts';
import { formatRunsView, parseRunsView, queryOf } from '../../lib/dashboard/web/pages/runs/view.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, mutatedText, POISON, weighted } from './support/inputs.ts';

const QUERIES = [
  'status=Failed&status=Stopped&active=true&scope=123456789012%23us-east-1&limit=10',
  'baseModel=amazon.nova-lite-v1%3A0&customizationType=FINE_TUNING&tag=team%3Aml&tag=a%253Ab&search=triage',
  'createdAfter=2026-11-21&createdBefore=2026-11-21T04:36:24Z&sortBy=creation_time&order=oldest&cursor=YWJj',
];
const NAMES = [...new URLSearchParams(QUERIES.join('&')).keys()];

const parameters = fc
  .array(fc.tuple(fc.constantFrom(...NAMES, ...POISON), hostileText), { maxLength: 4 })
  .map((pairs) =>
    new URLSearchParams(pairs.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()])).toString(),
  );
const queries = weighted([3, mutatedText(QUERIES)], [2, parameters], [1, hostileText]);

const push = (values: string[] = [], value: string): string[] => {
  values.push(value);
  return values;
};

/** The parameters of an address, each with all of its values. */
const parametersOf = (query: string): Readonly<Record<string, readonly string[]>> => {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, push(values.get(name), value));
  return Object.fromEntries(values);
};

const TIME = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('the query of the list page', () => {
  fuzz({
    parser: 'Dashboard query, server',
    inputs: queries,
    parse: (query) => parseJobsQuery(parametersOf(query)),
    codes: ['BAD_REQUEST'],
    check: ({ limit, createdAfter, createdBefore, scope }: ParsedJobsQuery) => {
      expect(limit).toBeGreaterThanOrEqual(1);
      expect(limit).toBeLessThanOrEqual(200);
      for (const time of [createdAfter, createdBefore]) if (time !== undefined) expect(time).toMatch(TIME);
      if (scope !== undefined)
        expect(parseListRequest({ account: scope.accountId, region: scope.region })).toBeDefined();
    },
  });

  fuzz({
    parser: 'Dashboard query, web',
    // An address that says too much says less: nothing is refused here, but by the server that gets what it asks.
    inputs: fc.tuple(queries, fc.boolean()),
    parse: ([query, ask]) => {
      const parsed = web.parseJobsQuery(query);
      const text = web.formatJobsQuery(parsed);
      const shown = [web.firstDay(parsed), web.lastDay(parsed), web.filterCount(parsed), comparedJobs(query).length];
      const days = [web.startOfDay(query), web.endOfDay(query), (parsed.tag ?? []).map(web.tagFilterLabel)];
      return {
        text,
        again: web.parseJobsQuery(text),
        parsed,
        shown,
        days,
        asked: ask ? parseJobsQuery(parametersOf(text)) : undefined,
      };
    },
    codes: ['BAD_REQUEST'],
    check: ({ parsed, again }) => expect(again).toEqual(parsed),
  });

  const VIEWS = [
    'column=hp.learningRate&column=tag.a%26b&sort=validation_loss&order=descending&group=tag:team&chart=scatter',
    'data=s3%3A%2F%2Fb%2Ftrain.jsonl&chart=parallel&x=hp.a&y=reward&of=%3Dsearch&status=Failed',
  ];

  fuzz({
    parser: 'Dashboard runs, web and server',
    inputs: weighted([3, mutatedText([...VIEWS, ...QUERIES])], [1, hostileText]),
    parse: (query) => {
      const view = parseRunsView(query);
      return { view, again: parseRunsView(formatRunsView(view)), asked: parseRunsQuery(parametersOf(queryOf(view))) };
    },
    codes: ['BAD_REQUEST'],
    check: ({ view, again }) => expect(again).toEqual(view),
  });

  const ofServer = (query: string) => () => parseJobsQuery(parametersOf(query));
  refuseHuge('a query', {
    '100,000 statuses': ofServer('status=a&'.repeat(100_000)),
    '10,000 parameters that there are none of': ofServer(
      Array.from({ length: 10_000 }, (_, n) => `%1b${n}=1`).join('&'),
    ),
    'a parameter of 10 MB': ofServer(`search=${'a'.repeat(10_000_000)}`),
    'the name of a parameter of 10 MB': ofServer(`${'\u001b'.repeat(10_000_000)}=1`),
    'a scope of 10 MB': ofServer(`scope=${'1'.repeat(10_000_000)}`),
  });
});
