import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobActions } from '../../../lib/dashboard/server/dependencies.ts';
import { serveDashboard } from '../../../lib/dashboard/server/create-dashboard.ts';
import { ANY_PORT, type RunningServer } from '../../../lib/loopback.ts';
import { hostile } from '../../support/hostile.ts';
import {
  aRecord,
  changeHeaders,
  dashboardDependencies,
  fakeJobs,
  jobAddress,
  startDashboard,
  temporaryFolder,
} from '../../support/dashboard-server.ts';

const JOB = aRecord('job');
const STOP = `${jobAddress(JOB.job_arn)}/stop`;

/** A dashboard whose every change is counted. */
const countingDashboard = (change: Parameters<typeof startDashboard>[0] = {}) => {
  let changes = 0;
  const count = () => {
    changes += 1;
    return Promise.resolve();
  };
  const actions: JobActions = { stop: count, tag: count, untag: count };
  const dashboard = startDashboard({ jobs: fakeJobs([JOB]).jobs, actions, ...change });
  return { ...dashboard, changes: () => changes };
};

describe('a Host that is none of this server (DNS rebinding)', () => {
  it.each([
    'evil.example',
    'evil.example:8420',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '127.0.0.2',
    '0.0.0.0',
    '[::2]',
    '::1',
    '[::1',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '127.1',
    '2130706433',
    '0x7f000001',
    'localhost:',
    'localhost:80:80',
    'localhost:8420, evil.example',
    'localhost, evil.example',
    'localhost/evil.example',
    'evil.example#localhost',
    'localhost.',
    ' ',
    '',
  ])('is refused: %j', async (host) => {
    const { ask } = startDashboard();
    for (const path of ['/', '/jobs', '/api/session', '/api/jobs', '/api/updates', '/assets/x.js', '/nothing']) {
      expect((await ask(path, { headers: { host } })).status).toBe(403);
    }
  });

  it.each(['localhost', 'localhost:1', 'LOCALHOST:8420', '127.0.0.1:8420', '[::1]:8420'])('is not %s', async (host) => {
    expect((await startDashboard().ask('/api/session', { headers: { host } })).status).toBe(200);
  });

  it.each(['x-forwarded-host', 'x-host', 'x-original-host', 'forwarded', 'x-forwarded-server'])(
    'is the one of the request itself, whatever %s says',
    async (name) => {
      const { ask } = startDashboard();
      const said = { [name]: name === 'forwarded' ? 'host=localhost' : 'localhost' };
      expect((await ask('/api/session', { headers: { ...said, host: 'evil.example' } })).status).toBe(403);
      const other = { [name]: name === 'forwarded' ? 'host=evil.example' : 'evil.example' };
      expect((await ask('/api/session', { headers: { ...other, host: 'localhost' } })).status).toBe(200);
    },
  );

  it('is not one that was named, on any port, and no other', async () => {
    const { ask } = startDashboard({ allowedHosts: ['DevBox.internal'] });
    const statusOf = async (host: string) => (await ask('/api/session', { headers: { host } })).status;
    expect(await statusOf('devbox.internal:9000')).toBe(200);
    expect(await statusOf('localhost')).toBe(200);
    expect(await statusOf('other.devbox.internal')).toBe(403);
  });
});

describe('what every answer says to the browser', () => {
  it.each(['/', '/api/session', '/api/nothing', '/nothing', '/api/jobs?limit=0'])('is strict at %s', async (path) => {
    const { headers } = await startDashboard().ask(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is strict where the Host is refused, too', async () => {
    const { headers } = await startDashboard().ask('/', { headers: { host: 'evil.example' } });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it.each(['/api/session', '/api/jobs', '/api/nothing', '/api/jobs/none'])(
    'is that nothing of %s may be kept',
    async (path) => {
      expect((await startDashboard().ask(path)).headers.get('cache-control')).toBe('no-store');
    },
  );

  it('allows no other site, whatever is asked before a call', async () => {
    const answer = await startDashboard().ask(STOP, {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-dashboard-token' },
    });
    expect(answer.status).toBe(403);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe("another site's page", () => {
  it.each([
    ['Origin', { origin: 'http://evil.example' }],
    ['an Origin of another port', { origin: 'http://localhost:3000' }],
    ['the Origin null', { origin: 'null' }],
    ['an Origin of another kind', { origin: 'chrome-extension://localhost:8420' }],
    ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
    ['a form that it sends', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('known by %s changes nothing, even with the token', async (_by, headers) => {
    const dashboard = countingDashboard();
    const answer = await dashboard.ask(STOP, {
      method: 'POST',
      headers: { ...(await changeHeaders(dashboard)), ...headers },
    });
    expect(answer.status).toBe(403);
    expect(dashboard.changes()).toBe(0);
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

  it('may link here', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await startDashboard().ask('/api/jobs', { headers })).status).toBe(200);
  });

  it("is told from this server's own, and from a program that is no browser", async () => {
    const own = { origin: 'http://localhost:8420', 'sec-fetch-site': 'same-origin' };
    for (const headers of [own, {}]) {
      const dashboard = countingDashboard();
      const answer = await dashboard.ask(STOP, {
        method: 'POST',
        headers: { ...(await changeHeaders(dashboard)), ...headers },
      });
      expect(answer.status).toBe(204);
      expect(dashboard.changes()).toBe(1);
    }
  });
});

describe('a call that changes something', () => {
  it.each([
    ['no token', { 'x-dashboard-token': undefined }, 403],
    ['an empty token', { 'x-dashboard-token': '' }, 403],
    ['a wrong token', { 'x-dashboard-token': 'a'.repeat(43) }, 403],
    ['no content type', { 'content-type': undefined }, 415],
    ['the content type of a form', { 'content-type': 'text/plain' }, 415],
    ['that of a form by default', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['that of a form with files', { 'content-type': 'multipart/form-data; boundary=application/json' }, 415],
    ['one that has JSON in it', { 'content-type': 'text/plain; application/json' }, 415],
    ['one that a form can have, with JSON behind it', { 'content-type': 'text/plain, application/json' }, 415],
    ['a content type that only begins like JSON', { 'content-type': 'application/jsonp' }, 415],
  ])('with %s is refused', async (_what, change, status) => {
    const dashboard = countingDashboard();
    const headers = { ...(await changeHeaders(dashboard)), ...change };
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const answer = await dashboard.ask(STOP, { method: 'POST', headers: given as Record<string, string> });
    expect(answer.status).toBe(status);
    expect(dashboard.changes()).toBe(0);
  });

  it.each([
    ['the address', (token: string) => [`?x-dashboard-token=${token}&token=${token}`, {}, '{}'] as const],
    ['a cookie', (token: string) => ['', { cookie: `x-dashboard-token=${token}` }, '{}'] as const],
    ['the body', (token: string) => ['', {}, JSON.stringify({ token, 'x-dashboard-token': token })] as const],
    ['Authorization', (token: string) => ['', { authorization: `Bearer ${token}` }, '{}'] as const],
  ])('with its token in %s is refused: browsers send those by themselves, or keep them', async (_where, place) => {
    const dashboard = countingDashboard();
    const { 'x-dashboard-token': token = '', ...headers } = await changeHeaders(dashboard);
    const [query, more, body] = place(token);
    const answer = await dashboard.ask(STOP + query, { method: 'POST', headers: { ...headers, ...more }, body });
    expect(answer.status).toBe(403);
    expect(dashboard.changes()).toBe(0);
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'is none by GET, whatever %s says',
    async (name) => {
      const dashboard = countingDashboard();
      const headers = { ...(await changeHeaders(dashboard)), [name]: 'POST' };
      expect((await dashboard.ask(`${STOP}?_method=POST`, { headers })).status).toBe(405);
      expect(dashboard.changes()).toBe(0);
    },
  );

  it('with the token of another process is refused', async () => {
    const dashboard = countingDashboard();
    const headers = await changeHeaders(startDashboard());
    expect((await dashboard.ask(STOP, { method: 'POST', headers })).status).toBe(403);
  });

  it('is refused where the dashboard only reads, whatever token comes with it', async () => {
    const dashboard = countingDashboard({ readOnly: true });
    for (const token of ['', 'undefined', 'a']) {
      const headers = { 'x-dashboard-token': token, 'content-type': 'application/json' };
      expect((await dashboard.ask(STOP, { method: 'POST', headers })).status).toBe(403);
    }
    expect(dashboard.changes()).toBe(0);
  });

  it.each(['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'])('is none by %s where it takes POST', async (method) => {
    const dashboard = countingDashboard();
    const answer = await dashboard.ask(STOP, { method, headers: await changeHeaders(dashboard) });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(dashboard.changes()).toBe(0);
  });

  it('is refused where its body is larger than 64 KB', async () => {
    const dashboard = countingDashboard();
    const body = JSON.stringify({ tags: { a: 'b' }, more: 'x'.repeat(64 * 1024) });
    const answer = await dashboard.ask(`${jobAddress(JOB.job_arn)}/tags`, {
      method: 'PUT',
      headers: await changeHeaders(dashboard),
      body,
    });
    expect(answer.status).toBe(413);
    expect(dashboard.changes()).toBe(0);
  });
});

describe('what a record holds', () => {
  /** What an answer may say in its head: nothing of it is other people's words. */
  const HEADERS =
    /^(content-(type|length|security-policy|encoding)|cache-control|etag|vary|allow|date|connection|origin-agent-cluster|referrer-policy|transfer-encoding|cross-origin-\w+-policy|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection))$/;
  const WORDS = 'word\r\nset-cookie: a=b\r\n\r\n<script>';

  it('never gets into the headers of an answer', async () => {
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

  it('is told in JSON or as plain text, which no browser takes for a page', async () => {
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
  it('that nobody foresaw is told by its message, never by a stack', async () => {
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

  it('hands out the application', async () => {
    expect(await get('/')).toMatchObject({ status: 200, text: '<!doctype html>INDEX' });
    expect(await get('/assets/index-abc.js')).toMatchObject({ status: 200, text: 'export {};' });
  });

  it.each([
    '/assets/../../secret.json',
    '/../secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '/assets/..%5c..%5csecret.json',
    '/assets/....//....//secret.json',
    '/assets//../../secret.json',
    '//secret.json',
    '/assets/index-abc.js%00.html',
    '/assets/%00',
    '/%00../secret.json',
    '/assets/%252e%252e/%252e%252e/secret.json',
    '/assets/%25252e%25252e%25252fsecret.json',
    '/assets/..%252f..%252fsecret.json',
    '/assets/%c0%ae%c0%ae/%c0%ae%c0%ae/secret.json',
    '/assets/..\\..\\secret.json',
    '/assets/..;/..;/secret.json',
    '/assets/%2e%2e%5csecret.json',
    '/assets/C:%5csecret.json',
    '/assets/file:%2f%2f%2fsecret.json',
    '/assets/%',
    '/assets/%zz',
    '/assets/__proto__',
    '/constructor',
    '/.env',
    '/.git/config',
    '/dashboard/index.html',
    '/%2e%2e%2fsecret.json',
    '/.built',
  ])('reaches no other file by %s', async (path) => {
    const answer = await get(path);
    expect(answer.text).not.toContain('SECRET');
    // What is no address at all is refused before anything looks for it.
    expect([400, 404]).toContain(answer.status);
  });

  it('refuses a rebound Host', async () => {
    expect(await get('/api/session', { host: 'evil.example' })).toMatchObject({ status: 403 });
  });

  it.each([
    ['no Host at all', 'GET /api/session HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['no Host in the old protocol', 'GET /api/session HTTP/1.0\r\n\r\n'],
    ['two Hosts', 'GET /api/session HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    [
      'an address of another host',
      'GET http://evil.example/api/session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    ],
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
    ['a Host with a path in it', 'GET /session HTTP/1.1\r\nHost: localhost/api\r\nConnection: close\r\n\r\n'],
    [
      'a Host with a user in it',
      'GET /api/session HTTP/1.1\r\nHost: localhost:80@evil.example\r\nConnection: close\r\n\r\n',
    ],
  ])('gives nothing away to a request with %s', async (_what, bytes) => {
    const answer = await send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|403) /);
    expect(answer).not.toContain('token');
    expect(answer).not.toMatch(/\n\s+at /);
  });

  it('lets no line break of a parameter into the headers of the answer', async () => {
    const answer = await send(
      'GET /api/jobs/x%0d%0aset-cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    const [head = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 404 /);
    expect(head.toLowerCase()).not.toContain('set-cookie');
  });

  it('stops reading a body that says too little of its length', async () => {
    const { token } = JSON.parse((await get('/api/session')).text) as { token: string };
    const body = `{"tags":{"a":"${'b'.repeat(70_000)}"}}`;
    const answer = await send(
      `PUT ${jobAddress(JOB.job_arn)}/tags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `x-dashboard-token: ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});
