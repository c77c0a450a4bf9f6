import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDashboard, temporaryFolder, type Dashboard } from '../../support/dashboard-server.ts';

const INDEX = '<!doctype html><title>Index</title>';
const SCRIPT = 'export const answer = 42;\n'.repeat(100);

describe('the web application', () => {
  const { folder, remove } = temporaryFolder();
  let ask: Dashboard['ask'];
  beforeAll(() => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), INDEX);
    writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
    writeFileSync(join(folder, '.built'), 'mark');
    writeFileSync(join(folder, 'assets', 'index-4f3a.js'), SCRIPT);
    writeFileSync(join(folder, 'assets', 'index-9c1e.css'), 'a{}');
    ({ ask } = startDashboard({ assetsDir: folder }));
  });
  afterAll(remove);

  it.each([
    '/',
    '/models',
    '/models/chat',
    '/jobs',
    '/jobs?status=Failed',
    '/jobs/arn%3Aaws%3Abedrock%2Fx',
    '/compare?job=a',
  ])('is served at %s, without caching', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(INDEX);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  it.each([
    ['/assets/index-4f3a.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/index-9c1e.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/favicon.svg', 'image/svg+xml; charset=utf-8', 'no-cache'],
  ])('has %s as %s, cached as %s', async (path, type, kept) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('cache-control')).toBe(kept);
  });

  it('is compressed for browsers', async () => {
    const answer = await ask('/assets/index-4f3a.js', { headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('vary')).toBe('Accept-Encoding');
    expect(bytes.length).toBeLessThan(SCRIPT.length / 10);
    expect(gunzipSync(bytes).toString()).toBe(SCRIPT);
  });

  it('is not sent again to a client that has it', async () => {
    const etag = (await ask('/')).headers.get('etag') ?? '';
    const again = await ask('/', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it.each(['/.built', '/assets', '/assets/', '/index.html/x', '/nothing', '/comparex'])(
    'does not have %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('shows its own page to a person who asks for an unknown address', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const etag = (await ask('/')).headers.get('etag') ?? '';
    const answer = await ask('/nothing', { headers: { ...headers, 'if-none-match': etag } });
    expect([answer.status, await answer.text()]).toEqual([404, INDEX]);
  });

  it('says how to build it', async () => {
    const answer = await startDashboard({ assetsDir: join(folder, 'nowhere') }).ask('/');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build:dashboard');
  });
});
