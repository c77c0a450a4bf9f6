import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { requestLike } from '../../lib/operator/again.ts';
import {
  aRecord,
  changeHeaders,
  fakeJobs,
  startDashboard,
  temporaryFolder,
  type AskOptions,
} from '../support/dashboard-server.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, mutatedBody, mutatedText, nested, weighted } from './support/inputs.ts';

const RECORD = aRecord('job-1', {
  output_model_name: 'model-1',
  role_arn: 'arn:aws:iam::123456789012:role/BedrockCustomization',
  training_data_config: { s3_uri: 's3://data/train.jsonl' },
  output_data_config: { s3_uri: 's3://output/' },
  tags: { team: 'ml' },
});
const PATHS = [
  ...['/api/session', '/api/overview', '/api/jobs', '/api/jobs?status=Failed&limit=3', '/api/jobs?search=job-1'],
  ...['', '/loss', '/stop', '/tags'].map((end) => `/api/jobs/${encodeURIComponent(RECORD.job_arn)}${end}`),
  ...['/api/jobs/job-1/again', '/api/jobs/job-1/again?jobName=x&hyperParameter=a%3D1&without=vpcConfig'],
  ...['/api/jobs/job-1', '/api/jobs/none', '/', '/jobs/x', '/assets/main.js', '/../../etc/passwd'],
];
const BODIES = [
  { jobName: 'x', hyperParameter: ['a=1'], without: ['jobTags.team'] },
  { tags: { team: 'ml', stage: 'prod' } },
  { keys: ['team'] },
  {},
];

/** What Bedrock is asked to do, as the routes ask it. */
const asked: unknown[] = [];
const keep = (...what: readonly unknown[]) => Promise.resolve(void asked.push(what));
const { folder, remove } = temporaryFolder();
mkdirSync(join(folder, 'assets'));
for (const file of ['index.html', 'assets/main.js']) writeFileSync(join(folder, file), 'x');
afterAll(remove);
const dashboard = startDashboard({
  assetsDir: folder,
  jobs: fakeJobs([RECORD]).jobs,
  actions: {
    stop: keep,
    tag: (_job, tags) => keep('tag', tags),
    untag: (_job, keys) => keep('untag', keys),
    createLike: async (job, like) => {
      await keep('create', requestLike(like));
      return { jobArn: job.job_arn, jobName: 'new' };
    },
  },
});
let token: Promise<Record<string, string>> | undefined;

const NAMES = ['host', 'origin', 'content-type', 'x-dashboard-token', 'accept-encoding', 'sec-fetch-site'];
const header = fc
  .tuple(fc.constantFrom(...NAMES), hostileText)
  // Other text cannot be a header, and never becomes a request.
  .filter(([, value]) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && value.length < 1000)
  .map((pair) => Object.fromEntries([pair]));
const headers = weighted([5, fc.constant({})], [1, header]);
const requests = fc.record({
  // The stream of updates has no end.
  path: mutatedText(PATHS)
    .map((path) => `/${path.replace(/^\/+/, '')}`)
    .filter((path) => !/updates/i.test(path)),
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
  headers,
  body: mutatedBody(BODIES),
});
type Request = AskOptions & { readonly path: string; readonly method: string };

class Refused extends Error {}

const ask = async ({ path, method, headers: more, body }: Request) => {
  token ??= changeHeaders(dashboard);
  asked.length = 0;
  const isReading = ['GET', 'HEAD', 'OPTIONS'].includes(method);
  const answer = await dashboard.ask(path, {
    method,
    headers: { ...(await token), ...more },
    ...(isReading || body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (answer.ok || answer.status === 304)
    return { status: answer.status, type: answer.headers.get('content-type'), text };
  if (method === 'HEAD') throw new Refused(`status ${answer.status}`);
  const said: unknown =
    answer.headers.get('content-type')?.startsWith('application/json') === true
      ? JSON.parse(text)
      : { error: text.trim() };
  throw new Refused(answer.status >= 500 ? `a mistake: ${text}` : (said as { error: string }).error);
};

const isTag = (tag: readonly [string, unknown]): boolean =>
  tag[0].length >= 1 && tag[0].length <= 128 && typeof tag[1] === 'string' && tag[1].length <= 256;

describe('the API of the dashboard', () => {
  fuzz({
    parser: 'Dashboard API',
    inputs: requests,
    parse: ask,
    // Nothing that is asked is a mistake of the server.
    isRefusal: (error) => error instanceof Refused && !error.message.includes('mistake'),
    check: ({ type, text }) => {
      if (type?.startsWith('application/json') === true && text !== '') JSON.parse(text);
      for (const [what, given] of asked as [string, unknown][]) {
        if (what === 'tag') expect(Object.entries(given as object).every(isTag)).toBe(true);
        if (what === 'untag') expect((given as string[]).every((key) => isTag([key, '']))).toBe(true);
      }
    },
  });

  const put = (body: string) => () => ask({ path: `/api/jobs/job-1/tags`, method: 'PUT', body });
  const options = { isRefusal: (error: Error) => error instanceof Refused && !error.message.includes('mistake') };
  refuseHuge(
    'a body',
    {
      'lists in 100,000 levels': put('['.repeat(100_000)),
      'tags in 10,000 levels': put(`{"tags":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`),
      '10 MB of tags': put(JSON.stringify({ tags: nested(1, () => ({ a: 'b'.repeat(10_000_000) })) })),
      '10,000 tags': put(
        JSON.stringify({ tags: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, ''])) }),
      ),
    },
    options,
  );
  refuseHuge(
    'an address',
    {
      'a name of 1 MB': () => ask({ path: `/api/jobs/${'a'.repeat(1_000_000)}`, method: 'GET' }),
      'a name of 1 MB of percent signs': () => ask({ path: `/api/jobs/${'%'.repeat(1_000_000)}`, method: 'GET' }),
      'slashes, 1 MB of them': () => ask({ path: `/api/${'/'.repeat(1_000_000)}`, method: 'GET' }),
      '100,000 parameters': () => ask({ path: `/api/jobs?${'status=a&'.repeat(100_000)}`, method: 'GET' }),
    },
    options,
  );
});
