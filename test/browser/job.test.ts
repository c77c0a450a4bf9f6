import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { comparePath, jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { describeInBrowser } from '../support/browser.ts';
import { dashboardInBrowser } from '../support/dashboard/dashboard-in-browser.ts';
import { hostileRecord } from '../support/dashboard/records.ts';

const LOSS = { mayFail: ['/loss'] };
/** How many different colours the chart has: lines are there once it has several. */
const colours = (page: Page): Promise<number> =>
  page.locator('.uplot canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    const seen = new Set<string>();
    for (let at = 0; at < data.length; at += 4)
      if ((data[at + 3] ?? 0) > 250) seen.add(`${data[at] ?? 0} ${data[at + 1] ?? 0} ${data[at + 2] ?? 0}`);
    return seen.size;
  });

describeInBrowser('the page of a job', () => {
  const { open, job } = dashboardInBrowser((records) => {
    const [sample] = records.filter((record) => record.status === 'Failed');
    return sample === undefined ? records : [...records, hostileRecord(sample)];
  });

  test('says why a job failed, where, and what to do', async () => {
    const failed = job('Failed', 'faq-distillation-0140');
    const page = await open(jobPath(failed.job_arn));
    const failure = page.locator('.failure');
    await failure.getByRole('heading', { name: 'Bedrock may not read or write an S3 object' }).waitFor();
    expect(await failure.locator('.failure-message').textContent()).toBe(failed.failure_message);
    await failure.getByText('s3://acme-ml-training/faq-distillation-0140/train.jsonl').waitFor();
    expect(await failure.locator('.failure-steps li').count()).toBeGreaterThan(1);
  });

  test('draws both losses, reads them at the pointer, and overlays a sibling’s', async () => {
    const page = await open(jobPath(job('Completed', 'support-triage').job_arn), LOSS);
    await page.locator('.u-over').waitFor();
    const last = await page.locator('.loss-legend').textContent();
    await page.locator('.u-over').hover({ position: { x: 100, y: 50 } });
    await page.getByText(/^Step \d+$/).waitFor();
    expect(await page.locator('.loss-legend').textContent()).not.toBe(last);
    const before = await colours(page);
    await page.locator('.siblings tr:has-text("Completed") input').first().check();
    await page.locator('.loss-legend .letter').nth(1).waitFor();
    await page.locator('.u-over').waitFor();
    await page.waitForFunction((fewer) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.uplot canvas');
      const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return (
        new Set(Array.from({ length: data.length / 4 }, (_, at) => data.slice(at * 4, at * 4 + 3).join())).size > fewer
      );
    }, before / 2);
    await page.getByRole('button', { name: 'Log scale' }).click();
    await page.getByRole('button', { name: 'As a table' }).click();
    expect(await page.locator('.loss-table thead th').allTextContents()).toEqual([
      'Step',
      'A training',
      'A validation',
      'B training',
      'B validation',
    ]);
    expect(await page.getByRole('link', { name: 'Compare side by side' }).getAttribute('href')).toContain(
      '/compare?job=',
    );
  });

  test('copies commands as they are', async () => {
    const completed = job('Completed', 'support-triage');
    const page = await open(jobPath(completed.job_arn), LOSS);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the command: Describe the job' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(
      `aws bedrock get-model-customization-job --job-identifier ${completed.job_arn} --region us-east-1`,
    );
  });

  test('shows text that would be HTML as text', async () => {
    const page = await open('/jobs/' + encodeURIComponent(job('Failed', '<img').job_arn));
    await page.getByRole('heading', { level: 1, name: '<img src=x onerror="window.hacked=1">' }).waitFor();
    await page.getByText('</p><script>window.hacked=1</script>').waitFor();
    await page.getByText('<i>key</i>').waitFor();
    await page.getByText('<a href="javascript:window.hacked=1">x</a>').waitFor();
    expect(await page.title()).toContain('<img src=x');
    await page.goto(new URL('/', page.url()).href);
    await page.locator('.failed-jobs').waitFor();
    await page.goto(new URL('/jobs?status=Failed', page.url()).href);
    await page.getByText('<img src=x onerror="window.hacked=1">').waitFor();
    expect(
      await page.evaluate(() => ({
        hacked: 'hacked' in window,
        images: document.images.length,
        scripts: document.querySelectorAll('#app script, #app b:not([class])').length,
      })),
    ).toEqual({ hacked: false, images: 0, scripts: 0 });
  });

  test('changes tags', async () => {
    const page = await open(jobPath(job('InProgress', 'clinical-notes').job_arn), LOSS);
    await page.getByLabel('Key of a new tag').fill('aws:team');
    await page.getByLabel('Value of a new tag').fill('nlp');
    await page.getByRole('button', { name: 'Add' }).click();
    const tag = page.locator('.tag:not(.tag-pending)', { hasText: 'aws:team' });
    await tag.waitFor();
    await tag.getByRole('link').click();
    await page.locator('.job-row[data-arn]').waitFor();
    expect(await page.locator('.job-row[data-arn]').count()).toBe(1);
    await page.goBack();
    await page.getByRole('button', { name: 'Remove tag aws:team' }).click();
    await tag.waitFor({ state: 'detached' });
  });

  test('stops a running job, after asking', async () => {
    const running = job('InProgress', 'support-triage');
    const page = await open(jobPath(running.job_arn), LOSS);
    await page.getByRole('button', { name: 'Stop job' }).click();
    await page.getByRole('dialog', { name: 'Stop this job?' }).waitFor();
    await page.getByRole('button', { name: 'Keep running' }).click();
    expect(await page.locator('.job-facts').getByText('In progress').count()).toBe(1);
    await page.getByRole('button', { name: 'Stop job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.locator('.job-facts').getByText('Stopping').waitFor();
  });

  test('compares jobs, and shows what differs alone when asked to', async () => {
    const arns = [0, 1, 2].map((number) => job('Completed', 'support-triage', number).job_arn);
    const page = await open(comparePath(arns));
    await page.locator('.u-over').waitFor();
    expect(await page.locator('.loss-legend .letter').allTextContents()).toEqual(['A', 'B', 'C']);
    expect(await page.locator('.compare-best').count()).toBeGreaterThan(1);
    const all = await page.locator('.compare tbody tr').count();
    await page.getByLabel('Only differences').check();
    expect(await page.locator('.compare tbody tr:not(.differs)').count()).toBeLessThan(4);
    expect(await page.locator('.compare tbody tr').count()).toBeLessThan(all);
    await page
      .getByRole('link', { name: /^Remove/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Compare 2 jobs' }).waitFor();
    await page.reload();
    await page.getByLabel('Only differences').waitFor();
    expect(await page.getByLabel('Only differences').isChecked()).toBe(true);
  });
});

describeInBrowser('a dashboard that may only read', () => {
  const { open, job } = dashboardInBrowser(undefined, { readOnly: true });

  test('offers no change', async () => {
    const page = await open(jobPath(job('InProgress').job_arn), LOSS);
    await page.locator('.tags').waitFor();
    expect(await page.getByRole('button', { name: /^(Stop|Add|Remove)/ }).count()).toBe(0);
  });
});
