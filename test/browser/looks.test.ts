import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { comparePath, jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { axeViolations } from '../support/axe.ts';
import { describeInBrowser, inBrowser } from '../support/browser.ts';
import { sampleRecords } from '../support/dashboard/records.ts';
import { startSampleDashboard, type SampleDashboard } from '../support/dashboard/sample-dashboard.ts';

const PROJECT = path.resolve(__dirname, '../..');
const SCREENSHOTS = path.join(PROJECT, 'dist/screenshots');
/** The README's: `UPDATE_SCREENSHOTS=1 npx jest test/browser/looks.test.ts`. */
const IMAGES = process.env['UPDATE_SCREENSHOTS'] === undefined ? undefined : path.join(PROJECT, 'docs/images');

const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const;

const records = sampleRecords(Date.now());
const of = (status: string, project: string): JobRecord[] =>
  records.filter((job) => job.status === status && job.job_name?.startsWith(project) === true);
const first = (status: string, project = ''): JobRecord => {
  const [job] = of(status, project);
  if (job === undefined) throw new Error(`The sample has no ${status} job.`);
  return job;
};
const compared = of('Completed', 'support-triage')
  .slice(0, 3)
  .map((job) => job.job_arn);

/** Each page, where it is, and what is there once all of it is drawn. */
const PAGES = [
  ['overview', '/', '.figures'],
  ['jobs', '/jobs', '.job-row[data-arn]'],
  ['jobs-none', '/jobs?search=nothing-is-called-so&status=Failed', '.empty'],
  ['job-running', jobPath(first('InProgress').job_arn), '.lanes'],
  ['job-failed', jobPath(first('Failed').job_arn), '.failure'],
  ['job-completed', jobPath(first('Completed', 'support-triage').job_arn), '.u-over'],
  ['compare', comparePath(compared), '.u-over'],
  ['compare-none', '/compare', '.empty'],
  ['not-found', '/jobs/arn%3Aaws%3Abedrock%3Anowhere', '.banner'],
] as const;

const README: Readonly<Record<string, string>> = {
  overview: 'overview',
  'job-failed': 'failed-job',
  compare: 'compare',
};

const shoot = async (page: Page, name: string, theme: string, width: number): Promise<void> => {
  await page.screenshot({
    path: path.join(SCREENSHOTS, `${name}-${theme}-${width}.png`),
    fullPage: true,
    animations: 'disabled',
  });
  const image = README[name];
  if (IMAGES !== undefined && image !== undefined && theme === 'light' && width === 1280) {
    await page.screenshot({ path: path.join(IMAGES, `${image}.png`), animations: 'disabled' });
  }
};

describeInBrowser('each page', () => {
  const { open, assetsDir } = inBrowser();
  let dashboard: SampleDashboard;
  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    if (IMAGES !== undefined) await mkdir(IMAGES, { recursive: true });
    dashboard = await startSampleDashboard(records, { assetsDir: assetsDir() });
  });
  afterAll(() => dashboard.close());

  test.each(PAGES)(
    '%s: axe finds nothing, and nothing hangs over, in either theme and on a phone',
    async (name, address, drawn) => {
      const page = await open(dashboard.url + address, { mayFail: ['/loss', 'nowhere'] });
      await page.locator(drawn).first().waitFor();
      await page.locator('.live-live').waitFor();
      await page.locator('.skeleton').waitFor({ state: 'detached' });
      for (const [theme, width] of LOOKS) {
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height: 900 });
        await shoot(page, name, theme, width);
        const overhang = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect({ theme, width, overhang, violations: await axeViolations(page) }).toEqual({
          theme,
          width,
          overhang: 0,
          violations: [],
        });
      }
    },
  );
});
