import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobActions } from '../../../lib/dashboard/server/dependencies.ts';
import { serveDashboard } from '../../../lib/dashboard/server/create-dashboard.ts';
import { ANY_PORT, type RunningServer } from '../../../lib/loopback.ts';
import { hostile } from '../../support/hostile-record.ts';
import {
  aRecord,
  changeHeaders,
  dashboardDependencies,
  fakeJobs,
  jobAddress,
  startDashboard,
  temporaryFolder,
  type Dashboard,
} from '../../support/dashboard-server.ts';

const JOB = aRecord('job');
const STOP = `${jobAddress(JOB.job_arn)}/stop`;
const TAGS = `${jobAddress(JOB.job_arn)}/tags`;

/** A dashboard whose every change is counted. */
const countingDashboard = (change: Parameters<typeof startDashboard>[0] = {}) => {
  let changes = 0;
  const count = () => {
    changes += 1;
    return Promise.resolve();
  };
  const createLike = () => count().then(() => ({ jobArn: 'arn', jobName: 'new' }));
  const actions: JobActions = { stop: count, tag: count, untag: count, createLike };
  const dashboard = startDashboard({ jobs: fakeJobs([JOB]).jobs, actions, ...change });
  return { ...dashboard, changes: () => changes };
};

describe('the Host of a request (DNS rebinding)', () => {
  const statusOf = async (headers: Record<string, string>, path = '/api/session', deps = {}) =>
    (await startDashboard(deps).ask(path, { headers })).status;

  it.each([
    'evil.example:8420',
    'localhost.evil.example',
    'localhost@evil.example',
    '127.0.0.2',
    '0.0.0.0',
    '[::2]',
    '::1',
    '[::1',
    '[::ffff:127.0.0.1]',
    '2130706433',
    'localhost:',
    'localhost:80:80',
    'localhost:8420, evil.example',
    'localhost/evil.example',
    'evil.example#localhost',
    'localhost.',
    ' ',
    '',
  ])('is refused as %j', async (host) => {
    for (const path of ['/', '/jobs', '/api/session', '/api/updates', '/assets/x.js', '/nothing']) {
      expect([path, await statusOf({ host }, path)]).toEqual([path, 403]);
    }
  });

  it.each(['localhost', 'LOCALHOST:8420', '127.0.0.1:8420', '[::1]:8420'])('is accepted as %s', async (host) => {
    expect(await statusOf({ host })).toBe(200);
  });

  it.each([
    ['x-forwarded-host', ''],
    ['x-original-host', ''],
    ['forwarded', 'host='],
  ])('counts, whatever %s says', async (name, prefix) => {
    expect(await statusOf({ [name]: `${prefix}localhost`, host: 'evil.example' })).toBe(403);
    expect(await statusOf({ [name]: `${prefix}evil.example`, host: 'localhost' })).toBe(200);
  });

  it.each([
    ['devbox.internal:9000', 200],
    ['localhost', 200],
    ['other.devbox.internal', 403],
  ])('%s answers %d where DevBox.internal is allowed', async (host, status) => {
    expect(await statusOf({ host }, '/api/session', { allowedHosts: ['DevBox.internal'] })).toBe(status);
  });
});

describe('every answer', () => {
  it.each(['/', '/api/session', '/api/nothing', '/nothing', '/api/jobs?limit=0', 'a refused Host'])(
    'has strict headers: %s',
    async (path) => {
      const isRefused = !path.startsWith('/');
      const host = isRefused ? 'evil.example' : 'localhost';
      const { headers } = await startDashboard().ask(isRefused ? '/' : path, { headers: { host } });
      const own = ['connect', 'img', 'script', 'style'].map((kind) => `${kind}-src 'self'`);
      const none = ['base-uri', 'default-src', 'form-action', 'frame-ancestors'].map((kind) => `${kind} 'none'`);
      expect((headers.get('content-security-policy') ?? '').split('; ').sort()).toEqual([...own, ...none].sort());
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it.each(['/api/session', '/api/jobs', '/api/nothing', '/api/jobs/none'])('of %s is not cached', async (path) => {
    expect((await startDashboard().ask(path)).headers.get('cache-control')).toBe('no-store');
  });

  it('allows no other site in answer to a preflight request', async () => {
    const answer = await startDashboard().ask(STOP, {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-dashboard-token' },
    });
    expect(answer.status).toBe(403);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe("another site's page", () => {
  const stop = async (headers: Record<string, string>) => {
    const dashboard = countingDashboard();
    const given = { ...(await changeHeaders(dashboard)), ...headers };
    return [(await dashboard.ask(STOP, { method: 'POST', headers: given })).status, dashboard.changes()];
  };

  it.each([
    [{ origin: 'http://evil.example' }],
    [{ origin: 'http://localhost:3000' }],
    [{ origin: 'null' }],
    [{ origin: 'chrome-extension://localhost:8420' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('changes nothing, even with the token: %j', async (headers) => {
    expect(await stop(headers)).toEqual([403, 0]);
  });

  it.each([{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])(
    'reads nothing: %j',
    async (headers) => {
      const { ask } = startDashboard();
      for (const path of ['/api/session', '/api/jobs', '/api/updates']) {
        expect((await ask(path, { headers })).status).toBe(403);
      }
    },
  );

  it('may link to the dashboard', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await startDashboard().ask('/api/jobs', { headers })).status).toBe(200);
  });

  it.each([[{ origin: 'http://localhost:8420', 'sec-fetch-site': 'same-origin' }], [{}]])(
    "differs from the dashboard's own pages and from other programs: %j",
    async (headers) => {
      expect(await stop(headers)).toEqual([204, 1]);
    },
  );
});

describe('a call that changes something', () => {
  const attempt = async (
    options: Parameters<Dashboard['ask']>[1] = {},
    { path = STOP, change = {} }: { path?: string; change?: Parameters<typeof startDashboard>[0] } = {},
  ) => {
    const dashboard = countingDashboard(change);
    const headers = Object.entries({ ...(await changeHeaders(dashboard)), ...options.headers });
    const given = Object.fromEntries(headers.filter(([, value]) => value !== ABSENT));
    const { status, headers: answered } = await dashboard.ask(path, { method: 'POST', ...options, headers: given });
    expect(dashboard.changes()).toBe(0);
    return { status, allow: answered.get('allow') };
  };
  const ABSENT = 'absent';

  it.each([
    ['no token', { 'x-dashboard-token': ABSENT }, 403],
    ['an empty token', { 'x-dashboard-token': '' }, 403],
    ['a wrong token', { 'x-dashboard-token': 'a'.repeat(43) }, 403],
    ['no content type', { 'content-type': ABSENT }, 415],
    ['the content type of a form', { 'content-type': 'text/plain' }, 415],
    ['that of a form by default', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['that of a form with files', { 'content-type': 'multipart/form-data; boundary=application/json' }, 415],
    ['one that has JSON in it', { 'content-type': 'text/plain, application/json' }, 415],
    ['one that only begins like JSON', { 'content-type': 'application/jsonp' }, 415],
  ])('is refused with %s', async (_what, headers, status) => {
    expect(await attempt({ headers })).toMatchObject({ status });
  });

  it.each([
    ['the address', (token: string) => [`?x-dashboard-token=${token}&token=${token}`, {}, '{}'] as const],
    ['a cookie', (token: string) => ['', { cookie: `x-dashboard-token=${token}` }, '{}'] as const],
    ['the body', (token: string) => ['', {}, JSON.stringify({ token, 'x-dashboard-token': token })] as const],
    ['Authorization', (token: string) => ['', { authorization: `Bearer ${token}` }, '{}'] as const],
  ])('is refused with its token in %s, which browsers send by themselves or keep', async (_where, place) => {
    const dashboard = countingDashboard();
    const { 'x-dashboard-token': token = '', ...headers } = await changeHeaders(dashboard);
    const [query, more, body] = place(token);
    const answer = await dashboard.ask(STOP + query, { method: 'POST', headers: { ...headers, ...more }, body });
    expect([answer.status, dashboard.changes()]).toEqual([403, 0]);
  });

  it('is refused with the token of another process', async () => {
    const headers = await changeHeaders(startDashboard());
    expect(await attempt({ headers })).toMatchObject({ status: 403 });
  });

  it.each(['', 'undefined', 'a'])('is refused by a read-only dashboard, with the token "%s"', async (token) => {
    const headers = { 'x-dashboard-token': token, 'content-type': 'application/json' };
    expect(await attempt({ headers }, { change: { readOnly: true } })).toMatchObject({ status: 403 });
  });

  it.each(['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'])(
    'is not made by %s, whatever headers or the address say',
    async (method) => {
      const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' };
      const answer = await attempt({ method, headers }, { path: `${STOP}?_method=POST` });
      expect(answer).toEqual({ status: 405, allow: 'POST' });
    },
  );

  it('is refused with a body of more than 64 KB', async () => {
    const body = JSON.stringify({ tags: { a: 'b' }, more: 'x'.repeat(64 * 1024) });
    expect(await attempt({ method: 'PUT', body }, { path: TAGS })).toMatchObject({ status: 413 });
  });
});

describe('text of a record', () => {
  /** What an answer may say in its head: nothing of it is other people's words. */
  const HEADERS =
    /^(content-(type|length|security-policy|encoding)|cache-control|etag|vary|allow|date|connection|origin-agent-cluster|referrer-policy|transfer-encoding|cross-origin-\w+-policy|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection))$/;
  const WORDS = 'word\r\nset-cookie: a=b\r\n\r\n<script>';

  it('never reaches the headers of an answer', async () => {
    const record = hostile(JOB, { id: 'hostileheade', text: WORDS });
    const { ask } = startDashboard({ jobs: fakeJobs([record]).jobs });
    const asked = encodeURIComponent(WORDS);
    for (const path of [
      ...['/', '/jobs', '/api/jobs', '/api/overview', '/api/session'],
      ...['', '/loss', '/stop', '/nothing'].map((part) => jobAddress(record.job_arn) + part),
      ...[
        `/api/jobs/${asked}`,
        `/api/jobs?search=${asked}&status=${asked}&cursor=${asked}`,
        `/jobs/${asked}`,
        `/${asked}`,
      ],
    ]) {
      const { headers } = await ask(path);
      for (const [name, value] of headers) {
        expect([path, name]).toEqual([path, expect.stringMatching(HEADERS)]);
        expect(value).not.toMatch(/word|cookie|script>/);
      }
    }
  });

  it('comes as JSON or plain text, which no browser takes for a page', async () => {
    const { ask } = startDashboard();
    for (const path of ['/api/jobs/%3Cscript%3E', '/api/%3Cscript%3E', '/%3Cscript%3E', '/assets/%3Cscript%3E.html']) {
      const { status, headers } = await ask(path);
      expect([path, status]).toEqual([path, 404]);
      expect(headers.get('content-type')).toMatch(/^(application\/json|text\/plain)/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

describe('an error', () => {
  it('without a known code answers its message, never a stack', async () => {
    const jobs = { ...fakeJobs().jobs, listJobs: () => Promise.reject(new TypeError('no table')) };
    const answer = await startDashboard({ jobs }).ask('/api/jobs');
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ error: expect.stringContaining('no table') as unknown });
  });
});

describe('over a socket', () => {
  const { folder, remove } = temporaryFolder();
  let server: RunningServer;
  beforeAll(async () => {
    mkdirSync(join(folder, 'dashboard', 'assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.json'), 'SECRET');
    writeFileSync(join(folder, 'dashboard', 'index.html'), '<!doctype html>INDEX');
    writeFileSync(join(folder, 'dashboard', 'assets', 'index-abc.js'), 'export {};');
    const deps = dashboardDependencies({ jobs: fakeJobs([JOB]).jobs, assetsDir: join(folder, 'dashboard') });
    server = await serveDashboard(deps, ANY_PORT);
  });
  afterAll(async () => {
    await server.close();
    remove();
  });

  /** Asks for a path as it is written: `fetch` would tidy it up. */
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
      request({ port: server.port, host: '127.0.0.1', path, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
      })
        .on('error', reject)
        .end();
    });

  /** Sends these bytes and answers all that comes back. */
  const send = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });

  it.each([
    '/assets/../../secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '/assets/..%5c..%5csecret.json',
    '/assets//../../secret.json',
    '//secret.json',
    '/%00../secret.json',
    '/assets/%252e%252e/%252e%252e/secret.json',
    '/assets/%c0%ae%c0%ae/%c0%ae%c0%ae/secret.json',
    '/assets/..\\..\\secret.json',
    '/assets/..;/..;/secret.json',
    '/assets/file:%2f%2f%2fsecret.json',
    '/assets/%zz',
    '/assets/__proto__',
    '/constructor',
    '/dashboard/index.html',
  ])('serves no other file at %s', async (path) => {
    const answer = await get(path);
    expect(answer.text).not.toContain('SECRET');
    // What is no address at all is refused before anything looks for it.
    expect([400, 404]).toContain(answer.status);
  });

  it.each([
    ['no Host at all', 'GET /api/session HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['no Host in the old protocol', 'GET /api/session HTTP/1.0\r\n\r\n'],
    ['two Hosts', 'GET /api/session HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    [
      'an address of this host, and a Host of another',
      'GET http://localhost/api/session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    ],
    [
      'a Host that goes on in the next line',
      'GET /api/session HTTP/1.1\r\nHost: localhost\r\n .evil.example\r\nConnection: close\r\n\r\n',
    ],
    [
      'two lengths',
      'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
    ],
    [
      'a length and pieces',
      'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
    ],
  ])('refuses a request with %s', async (_what, bytes) => {
    const answer = await send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|403) /);
    expect(answer).not.toContain('token');
    expect(answer).not.toMatch(/\n\s+at /);
  });

  it('keeps line breaks of parameters out of the headers', async () => {
    const answer = await send(
      'GET /api/jobs/x%0d%0aset-cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    const [head = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 404 /);
    expect(head.toLowerCase()).not.toContain('set-cookie');
  });

  it('stops reading a chunked body after 64 KB', async () => {
    const { token } = JSON.parse((await get('/api/session')).text) as { token: string };
    const body = `{"tags":{"a":"${'b'.repeat(70_000)}"}}`;
    const answer = await send(
      `PUT ${TAGS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `x-dashboard-token: ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});
