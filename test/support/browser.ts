import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium as launcher, type Browser, type Page } from 'playwright-core';

const PROJECT = path.resolve(__dirname, '../..');
const CACHE = path.join(PROJECT, '.cache');
const TIME_LIMIT_MS = 60_000;
const STEP_LIMIT_MS = 15_000;
// Not the package's own flags: those switch off what keeps pages of different origins apart.
const FLAGS = ['--no-sandbox', '--headless=shell', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'];

/** The package brings a Chromium for this platform alone. */
export const describeInBrowser = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(folder, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${path.join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;

const run = promisify(execFile);

const unpackInto = async (folder: string): Promise<void> => {
  await run(process.execPath, [path.join(__dirname, 'unpack-chromium.mjs')], {
    env: { ...process.env, TMPDIR: folder },
  });
};

/** The folder of the unpacked browser. Suites that run side by side unpack each, and the first one's is kept. */
const unpacked = async (): Promise<string> => {
  const manifest = JSON.parse(
    await readFile(path.join(PROJECT, 'node_modules/@sparticuz/chromium/package.json'), 'utf8'),
  ) as { version: string };
  const folder = path.join(CACHE, `chromium-${manifest.version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(path.join(CACHE, 'chromium-'));
  await unpackInto(making);
  await writeFile(path.join(making, 'fonts.conf'), fontsConf(folder));
  try {
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
};

const launch = async (): Promise<Browser> => {
  const folder = await unpacked();
  const environment = { ...process.env, FONTCONFIG_FILE: path.join(folder, 'fonts.conf') };
  const start = (env: Record<string, string | undefined>) =>
    launcher.launch({
      executablePath: path.join(folder, 'chromium'),
      headless: true,
      args: FLAGS,
      env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    });
  try {
    return await start(environment);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('shared libraries')) throw error;
    return start({ ...environment, LD_LIBRARY_PATH: path.join(folder, 'al2023/lib') });
  }
};

/** Builds the web application as it is now, into a folder of the test's own. */
const buildApplication = async (): Promise<string> => {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(path.join(CACHE, 'dashboard-'));
  const vite = path.join(PROJECT, 'node_modules/vite/bin/vite.js');
  const config = path.join(PROJECT, 'lib/dashboard/web/vite.config.ts');
  const args = [vite, 'build', '--config', config, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'];
  await run(process.execPath, args, { env: { ...process.env, NODE_ENV: 'production' } });
  return folder;
};

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Parts of addresses that may answer with an error in this test. */
  readonly mayFail?: readonly string[];
}

export interface InBrowser {
  /** Where the built application is. */
  readonly assetsDir: () => string;
  /** A page of its own context. Whatever goes wrong in it fails the test at its end. */
  readonly open: (url: string, options?: PageOptions) => Promise<Page>;
}

/** What a page must not do: errors in the console, what the policy refuses, requests that fail. */
const watch = (page: Page, mayFail: readonly string[], problems: string[]): void => {
  const expected = (text: string) => mayFail.some((part) => text.includes(part));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    if (['error', 'warning'].includes(message.type()) && !expected(url))
      problems.push(`console: ${message.text()} ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !expected(response.url())) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A stream ends with its page.
    const ended = request.failure()?.errorText === 'net::ERR_ABORTED';
    if (!ended && !expected(request.url())) problems.push(`failed: ${request.url()}`);
  });
};

/** A browser for the tests of a file: launched once, with a page for each. Call at the top of a `describeInBrowser`. */
export const inBrowser = (): InBrowser => {
  jest.setTimeout(TIME_LIMIT_MS);
  let browser: Browser | undefined;
  let assetsDir = '';
  let pages: Page[] = [];
  let problems: string[] = [];
  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([launch(), buildApplication()]);
  });
  afterEach(async () => {
    for (const page of pages) await page.context().close();
    const seen = problems;
    pages = [];
    problems = [];
    expect(seen).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(assetsDir, { recursive: true, force: true });
  });
  const open: InBrowser['open'] = async (url, { theme = 'light', width = 1280, height = 900, mayFail = [] } = {}) => {
    if (browser === undefined) throw new Error('The browser did not start.');
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_LIMIT_MS);
    pages.push(page);
    watch(page, mayFail, problems);
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    await page.goto(url);
    return page;
  };
  return { assetsDir: () => assetsDir, open };
};
