import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals';
import { source } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { JobRecord } from '../../lib/domain/record.ts';
import { sampleRecords } from './dashboard/records.ts';
import { startSampleDashboard, type SampleDashboard } from './dashboard/sample-dashboard.ts';
import { launchBrowser } from './launch-browser.ts';

const TIMEOUT_MS = 60_000;
const STEP_TIMEOUT_MS = 15_000;
/** The package has a Chromium for this platform only. */
export const describeInBrowser = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

/** What a page must not do: errors in the console, violations of the policy, failed requests. */
const watch = (page: Page, mayFail: readonly string[], problems: string[]): void => {
  const isExpected = (text: string) => mayFail.some((part) => text.includes(part));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    if (['error', 'warning'].includes(message.type()) && !isExpected(url))
      problems.push(`console: ${message.text()} ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !isExpected(response.url()))
      problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A stream ends with its page.
    const isEnd = request.failure()?.errorText === 'net::ERR_ABORTED';
    if (!isEnd && !isExpected(request.url())) problems.push(`failed: ${request.url()}`);
  });
};

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  /** Parts of addresses that may answer with an error in this test. */
  readonly mayFail?: readonly string[];
  /** Opens a tab of the same browser profile as this page. */
  readonly beside?: Page | undefined;
  /** The language that the browser tells, whether or not it is valid. */
  readonly language?: string;
}

/** These jobs have no loss curves, which their pages ask for. */
export const NO_LOSSES: PageOptions = { mayFail: ['/loss'] };

export interface DashboardInBrowser {
  /** What the table held at first, newest first. */
  readonly records: readonly JobRecord[];
  /** The newest job with that status and start of its name, or an older one by number. */
  readonly job: (status: string, project?: string, number?: number) => JobRecord;
  readonly dashboard: () => SampleDashboard;
  /** Opens a page, in a context of its own unless it is beside another, and waits for its updates. Any problem in it fails the test at its end. */
  readonly open: (path: string, options?: PageOptions) => Promise<Page>;
}

/** One browser, and one dashboard over sample jobs, for the tests of a `describeInBrowser`. */
export const dashboardInBrowser = (
  change: (records: JobRecord[]) => JobRecord[] = (records) => records,
  options: Parameters<typeof startSampleDashboard>[1] = {},
): DashboardInBrowser => {
  jest.setTimeout(TIMEOUT_MS);
  const records = change(sampleRecords(Date.now()));
  let browser: Browser;
  let dashboard: SampleDashboard;
  let pages: Page[] = [];
  let problems: string[] = [];
  beforeAll(async () => {
    [browser, dashboard] = await Promise.all([launchBrowser(), startSampleDashboard(records, options)]);
  });
  afterEach(async () => {
    for (const page of pages) await page.context().close();
    const seen = problems;
    pages = [];
    problems = [];
    expect(seen).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await dashboard.close();
  });
  return {
    records,
    job: (status, project = '', number = 0) => {
      const matching = records.filter((job) => job.status === status && job.job_name?.startsWith(project) === true);
      const found = matching[number];
      if (found === undefined) throw new Error(`The sample has no ${status} job ${project}.`);
      return found;
    },
    dashboard: () => dashboard,
    open: async (address, { theme = 'light', mayFail = [], beside, language } = {}) => {
      const context =
        beside?.context() ??
        (await browser.newContext({
          viewport: { width: 1280, height: 900 },
          colorScheme: theme,
          locale: 'en-US',
          timezoneId: 'UTC',
        }));
      const page = await context.newPage();
      page.setDefaultTimeout(STEP_TIMEOUT_MS);
      pages.push(page);
      watch(page, mayFail, problems);
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) =>
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
        );
      });
      if (language !== undefined) {
        await page.addInitScript((told) => {
          Object.defineProperty(Navigator.prototype, 'language', { get: () => told, configurable: true });
        }, language);
      }
      await page.goto(dashboard.url + address);
      await page.locator('.live-live').waitFor();
      return page;
    },
  };
};

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds on a page, one line each. Evaluated, as the page's policy allows no other script. */
export const axeViolations = async (page: Page): Promise<string[]> => {
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } };
    return (await axe.run({ resultTypes: ['violations'] })).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  );
};
