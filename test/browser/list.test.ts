import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { dashboardInBrowser } from '../support/dashboard/dashboard-in-browser.ts';

const names = (page: Page): Promise<string[]> => page.locator('.job-row[data-arn] .job-link').allTextContents();
const rows = (page: Page, text: RegExp) => page.getByText(text).last().waitFor();
const search = (page: Page) => new URL(page.url()).search;

describeInBrowser('the list of jobs', () => {
  const { open, records } = dashboardInBrowser();
  const named = (filter: (job: (typeof records)[number]) => boolean) =>
    records.filter(filter).map((job) => job.job_name);

  test('filters are in the address, and reloading it shows the same', async () => {
    const page = await open('/jobs');
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.getByRole('button', { name: 'Stopped' }).click();
    await page.getByLabel('Type').selectOption({ label: 'Fine-tuning' });
    await page.getByLabel('Tag').fill('project:invoice-extraction');
    await page.keyboard.press('Enter');
    const expected = named(
      (job) => ['Failed', 'Stopped'].includes(job.status ?? '') && job.tags['project'] === 'invoice-extraction',
    );
    await rows(page, new RegExp(`^${expected.length} jobs$`));
    expect(search(page)).toBe(
      '?status=Failed&status=Stopped&customizationType=FINE_TUNING&tag=project%3Ainvoice-extraction',
    );
    expect(await names(page)).toEqual(expected);

    await page.reload();
    await rows(page, new RegExp(`^${expected.length} jobs$`));
    expect(await names(page)).toEqual(expected);
    expect(await page.getByRole('button', { name: 'Failed' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('going back undoes a filter, and from a job comes back to the list as it was', async () => {
    const page = await open('/jobs?search=support-triage');
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.waitForURL(/status=Failed/);
    await page.locator('.jobs:not(.jobs-stale) .job-link').first().click();
    await page.waitForURL(/\/jobs\/arn/);
    await page.goBack();
    await page.locator('.job-row[data-arn]').first().waitFor();
    expect(search(page)).toBe('?status=Failed&search=support-triage');
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('status'));
    expect(await page.getByRole('searchbox').inputValue()).toBe('support-triage');
  });

  test('what is typed is searched for, and clearing brings everything back', async () => {
    const page = await open('/jobs');
    await page.getByRole('searchbox').fill('code-review-0134');
    await page.waitForURL(/search=code-review-0134/);
    await rows(page, /^(1 job|0 jobs)$/);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await rows(page, /jobs so far$/);
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('nothing that matches is said, with the way out', async () => {
    const page = await open('/jobs?search=nothing-is-called-so');
    await page.getByText('No matching jobs').waitFor();
    await page.getByRole('link', { name: 'Clear the filters' }).click();
    await page.locator('.job-row[data-arn]').first().waitFor();
    expect(search(page)).toBe('');
  });

  test('oldest first is the other way round', async () => {
    const page = await open('/jobs');
    await page.getByLabel('Sort').selectOption({ label: 'Oldest first' });
    await page.waitForURL(/order=oldest/);
    await page.getByText(records.at(-1)?.job_name ?? '').waitFor();
    expect((await names(page))[0]).toBe(records.at(-1)?.job_name);
  });

  test('reading on shows every job once', async () => {
    const page = await open('/jobs');
    await rows(page, /jobs so far$/);
    while ((await page.locator('.jobs-more').count()) > 0) {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForTimeout(50);
    }
    expect(await names(page)).toEqual(named(() => true));
  });

  test('keys move, select and open', async () => {
    // These jobs have no curves, which the pages that it leads to ask for.
    const page = await open('/jobs', { mayFail: ['/loss'] });
    await page.locator('.job-row[data-arn]').first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    expect(await focused()).toBe(records[1]?.job_name);
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Compare 2 jobs' }).waitFor();
    await page.goBack();
    await page.locator('.job-row-selected').first().waitFor();
    expect(await page.locator('.job-row-selected').count()).toBe(2);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: records[0]?.job_name ?? '' }).waitFor();
  });

  test('the slash goes to the search from anywhere, the question mark shows what keys do, and they can be turned off', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    await page.keyboard.press('/');
    await page.waitForURL(/\/jobs/);
    await page.waitForFunction(() => document.activeElement?.id === 'search');
    // Past the choice of an order, which takes letters itself.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('Shortcuts are on').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('j');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.reload();
    await page.locator('.job-row[data-arn]').first().waitFor();
    await page.keyboard.press('j');
    expect(await page.evaluate(() => document.activeElement?.className)).not.toContain('job-link');
  });

  test('at most five jobs can be selected', async () => {
    const page = await open('/jobs');
    const boxes = page.locator('.job-row[data-arn] input');
    await boxes.first().waitFor();
    for (let index = 0; index < 5; index += 1) await boxes.nth(index).check();
    expect([await boxes.nth(4).isDisabled(), await boxes.nth(5).isDisabled()]).toEqual([false, true]);
    await page.getByText('5 jobs selected (maximum)').waitFor();
  });
});
