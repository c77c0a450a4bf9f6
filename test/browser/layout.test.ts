import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { JobRecord } from '../../lib/domain/record.ts';
import { comparePath, jobPath, modelPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { sampleModels } from '../support/dashboard/models.ts';
import { sampleRecords } from '../support/dashboard/records.ts';
import { dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
const WIDTHS = range(320, 1280, 20);
/** Of a window with a scrollbar, which media queries count as part of the window. */
const SCROLLBAR = 15;

const resize = (page: Page, width: number) => page.setViewportSize({ width, height: 900 });
const addScrollbar = (page: Page) =>
  page.evaluate((width) => (document.documentElement.style.paddingRight = `${width}px`), SCROLLBAR);

/** Few jobs, each odd in another way, and many failures beside them. */
const odd = (records: JobRecord[]): JobRecord[] => {
  const of = (status: string) => records.filter((job) => job.status === status);
  const long = {
    job_name: 'a'.repeat(63),
    base_model_arn: `arn:aws:bedrock:us-east-1::foundation-model/${'b'.repeat(60)}.c`,
  };
  const changes: Partial<JobRecord>[] = [
    { missing_since: '2026-01-01T00:00:00.000Z', untracked_since: '2026-01-01T00:00:00.000Z' },
    { missing_since: '2026-01-01T00:00:00.000Z' },
    { status: 'PartiallyCompletedSomehow' },
    long,
    { creation_time: '2026-01-01T00:00:00.000Z' },
  ];
  const data = { training_data_config: { s3_uri: `s3://acme/${'c'.repeat(90)}/train.jsonl` } };
  const chosen = [...of('InProgress').slice(0, 1), ...of('Failed').slice(0, 9), ...of('Completed').slice(0, 2)];
  return chosen.map((job, index) => ({ ...job, ...data, ...changes[index] }));
};

describeInBrowser('the layout', () => {
  const models = sampleModels(sampleRecords(Date.now()), Date.now()).map((model) => ({
    ...model,
    model_name: 'm'.repeat(63),
    provisioned_throughputs: model.provisioned_throughputs.map((each) => ({ ...each, name: 'p'.repeat(63) })),
  }));
  const { open, records } = dashboardInBrowser(odd, { models });
  const of = (status: string) => records.filter((job) => job.status === status);

  test.each([
    ['the overview', '/', '.figures'],
    ['a failed job', jobPath(of('Failed')[3]?.job_arn ?? ''), '.failure'],
    ['a running job', jobPath(of('InProgress')[0]?.job_arn ?? ''), '.lanes'],
    ['the models', '/models', '.models tbody tr'],
    ['a model', modelPath(models[0]?.model_arn ?? ''), '.lanes'],
    ['compared jobs', comparePath(of('Completed').map(({ job_arn }) => job_arn)), '.compare'],
  ])('of %s fits every window from 320 to 1280 pixels', async (_name, address, drawn) => {
    const page = await open(address, NO_LOSSES);
    await page.locator(drawn).first().waitFor();
    await addScrollbar(page);
    for (const width of WIDTHS) {
      await resize(page, width);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ width, overhang: Math.max(0, overhang) }).toEqual({ width, overhang: 0 });
    }
  });

  test('of the list shows whole columns, and a sort box that can be read, at every width', async () => {
    const page = await open('/jobs');
    await page.locator('.job-row[data-arn]').first().waitFor();
    await addScrollbar(page);
    for (const width of WIDTHS) {
      await resize(page, width);
      const faults = await page.evaluate(() => {
        const holds = (outer: Element, inner: Element) => {
          const [out, within] = [outer.getBoundingClientRect(), inner.getBoundingClientRect()];
          return within.left >= out.left - 1 && within.right <= out.right + 1;
        };
        const cells = [...document.querySelectorAll('.job-row > *')].filter((cell) => cell.clientWidth > 0);
        const isOutside = (cell: Element) => cell.parentElement !== null && !holds(cell.parentElement, cell);
        const isCut = (cell: Element) =>
          !cell.matches('.truncate') && [...cell.querySelectorAll('*')].some((part) => !holds(cell, part));
        const sort = document.querySelector('.sort select')?.clientWidth ?? 0;
        return [
          ...cells.filter((cell) => isOutside(cell) || isCut(cell)).map((cell) => cell.className),
          ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
          ...(sort < 130 ? [`the sort box: ${sort}`] : []),
        ];
      });
      expect({ width, faults }).toEqual({ width, faults: [] });
    }
  });

  test('of the runs keeps the fields of a chart in their card, whatever the names are', async () => {
    const page = await open('/runs?group=data&chart=scatter');
    await page.locator('.plot svg').waitFor();
    for (const width of range(320, 760, 40)) {
      await resize(page, width);
      const beyond = await page.locator('.plot-tools').evaluate((tools) => {
        const ends = [...tools.querySelectorAll('*')].map((part) => part.getBoundingClientRect().right);
        return Math.max(...ends) - tools.getBoundingClientRect().right;
      });
      expect({ width, beyond: Math.max(0, beyond) }).toEqual({ width, beyond: 0 });
    }
  });

  test('has no cards that are taller than what they hold', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    const empty = await page.evaluate(() =>
      [...document.querySelectorAll('.card')].map((card) => {
        const end = card.lastElementChild?.getBoundingClientRect().bottom ?? 0;
        return Math.round(card.getBoundingClientRect().bottom - end);
      }),
    );
    expect(Math.max(...empty)).toBeLessThan(40);
  });
});

describeInBrowser('in forced colours', () => {
  const { open, job } = dashboardInBrowser();

  test.each([
    ['pace bars', '/', '.pace', '.pace-fill'],
    ['the bars of a timeline', jobPath(job('InProgress', 'support-triage').job_arn), '.lane-track', '.lane-segment'],
    ['pressed chips', '/jobs?active=true', '.chip[aria-pressed=false]', '.chip[aria-pressed=true]'],
  ])('%s can be told from their ground', async (_what, address, ground, mark) => {
    const page = await open(address, NO_LOSSES);
    await page.emulateMedia({ forcedColors: 'active' });
    await page.locator(mark).first().waitFor();
    const colour = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await colour(mark)).not.toBe(await colour(ground));
  });
});
