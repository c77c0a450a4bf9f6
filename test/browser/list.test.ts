import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';
import { eventually } from '../support/integration/suite.ts';

const names = (page: Page): Promise<string[]> => page.locator('.job-row[data-arn] .job-link').allTextContents();
const rows = (page: Page, text: RegExp) => page.getByText(text).last().waitFor();
const search = (page: Page) => new URL(page.url()).search;

describeInBrowser('the list of jobs', () => {
  const { open, job, dashboard, records } = dashboardInBrowser();
  const row = (page: Page) => page.locator('.job-row[data-arn]');
  const named = (filter: (job: (typeof records)[number]) => boolean) =>
    records.filter(filter).map((job) => job.job_name);

  test('the address has the filters, and reloading it shows the same jobs', async () => {
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

  test('a tag may be written with an equals sign, and what cannot be a tag is refused', async () => {
    const page = await open('/jobs');
    const field = page.getByLabel('Tag', { exact: true });
    await field.fill('project:faq-bot, stage:candidate');
    await page.keyboard.press('Enter');
    await page.getByText('A tag cannot contain ",". Give one tag at a time').waitFor();
    expect(search(page)).toBe('');
    await field.fill(' project = invoice-extraction ');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tag=project%3Ainvoice-extraction/);
    await page.getByRole('button', { name: 'Remove the filter for tag project: invoice-extraction' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tag');
  });

  test('a shared address offers all base models', async () => {
    const model = records[0]?.base_model_arn ?? '';
    const page = await open(`/jobs?${new URLSearchParams({ baseModel: model }).toString()}`);
    const all = new Set(records.map((record) => record.base_model_arn));
    const options = page.getByLabel('Base model').locator('option');
    await eventually(async () => expect(await options.count()).toBe(all.size + 1));
    expect(await page.getByLabel('Base model').inputValue()).toBe(model);
    expect(new Set(await options.allTextContents()).size).toBe(all.size + 1);
  });

  test('going back undoes a filter, and returns from a job to the list as it was', async () => {
    const page = await open('/jobs?search=support-triage');
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.waitForURL(/status=Failed/);
    await page.locator('.jobs:not(.jobs-stale) .job-link').first().click();
    await page.waitForURL(/\/jobs\/arn/);
    await page.goBack();
    await row(page).first().waitFor();
    expect(search(page)).toBe('?status=Failed&search=support-triage');
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('status'));
    expect(await page.getByRole('searchbox').inputValue()).toBe('support-triage');
  });

  test('typing searches, and clearing the filters shows all jobs again', async () => {
    const page = await open('/jobs?search=nothing-has-this-name');
    await page.getByText('No matching jobs').waitFor();
    await page.getByRole('link', { name: 'Clear the filters' }).click();
    await row(page).first().waitFor();
    await page.getByRole('searchbox').fill('code-review-0134');
    await page.waitForURL(/search=code-review-0134/);
    await rows(page, /^(1 job|0 jobs)$/);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await rows(page, /jobs so far$/);
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('lists the oldest first, and every job once to the end', async () => {
    const page = await open('/jobs');
    await page.getByLabel('Sort').selectOption({ label: 'Oldest first' });
    await page.waitForURL(/order=oldest/);
    await page.getByText(records.at(-1)?.job_name ?? '').waitFor();
    while ((await page.locator('.jobs-more').count()) > 0) {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForTimeout(50);
    }
    expect(await names(page)).toEqual(named(() => true).reverse());
  });

  test('keys move, select and open', async () => {
    const page = await open('/jobs', NO_LOSSES);
    await row(page).first().waitFor();
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

  test('the slash opens the search from any page, the question mark shows the keys, and they can be turned off', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    await page.keyboard.press('/');
    await page.waitForURL(/\/jobs/);
    await page.waitForFunction(() => document.activeElement?.id === 'search');
    // Past the order's list, which takes letters itself.
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
    await row(page).first().waitFor();
    await page.keyboard.press('j');
    expect(await page.evaluate(() => document.activeElement?.className)).not.toContain('job-link');
  });

  test('selects at most ten jobs', async () => {
    const page = await open('/jobs');
    const boxes = row(page).locator('input');
    await boxes.first().waitFor();
    for (let index = 0; index < 10; index += 1) await boxes.nth(index).check();
    expect([await boxes.nth(9).isDisabled(), await boxes.nth(10).isDisabled()]).toEqual([false, true]);
    await page.getByText('10 jobs selected (maximum)').waitFor();
  });

  const fail = (arn: string) => {
    const now = new Date().toISOString();
    const failed = {
      status: 'Failed',
      end_time: now,
      last_modified_time: now,
      failure_message: 'Could not assume provided IAM role.',
    };
    return dashboard().change(arn, failed);
  };

  test('shows a change in place: position, focus and selection stay', async () => {
    const changing = job('InProgress', 'support-triage');
    const page = await open('/jobs');
    const changed = page.locator(`.job-row[data-arn="${changing.job_arn}"]`);
    await changed.waitFor();
    const other = row(page).nth(30);
    await other.locator('input').check();
    await other.locator('.job-link').focus();
    // A row above may grow by the reason that it shows.
    const place = async () => (await other.boundingBox())?.y ?? NaN;
    const before = await place();
    await fail(changing.job_arn);
    await changed.getByText('Failed').waitFor({ state: 'attached' });
    await changed.getByText('Bedrock cannot assume the role of the job').waitFor({ state: 'attached' });
    expect(Math.abs((await place()) - before)).toBeLessThan(2);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(records[30]?.job_name);
    expect(await page.locator('.job-row-selected .job-link').allTextContents()).toEqual([records[30]?.job_name]);
  });

  test('moves a job on the overview from the active ones to the failures', async () => {
    const { job_arn, job_name = '' } = job('InProgress', 'contract-summaries');
    const page = await open('/');
    const active = page.locator('.active-jobs');
    await active.getByText(job_name).waitFor();
    await fail(job_arn);
    await active.getByText(job_name).waitFor({ state: 'detached' });
    await page.locator('.failed-jobs').getByText(job_name).waitFor();
    await page.locator('#announcer').getByText(`${job_name}: Failed`).waitFor({ state: 'attached' });
  });

  // The last test: the dashboard is gone after it.
  test('stays, with a message, when the server goes away', async () => {
    const page = await open('/jobs', { mayFail: ['/api/'] });
    await row(page).first().waitFor();
    const overview = await open('/', { mayFail: ['/api/'], beside: page });
    await overview.locator('#health').waitFor();
    await dashboard().close();
    await page.getByText('Reconnecting').waitFor();
    await overview.getByText('Unknown: the server does not respond').waitFor();
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.getByText('The dashboard’s server does not respond. Is it still running?').waitFor();
    expect(await page.getByText(job('InProgress').job_name ?? '').count()).toBe(1);
  });
});
