import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { comparePath, jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { eventually } from '../support/integration/suite.ts';
import { dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';

/** The number of different colours of the chart: it has more with each line. */
const countColours = (page: Page): Promise<number> =>
  page.locator('.uplot canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return new Set(Array.from({ length: data.length / 4 }, (_, at) => data.slice(at * 4, at * 4 + 3).join())).size;
  });

describeInBrowser('the page of a job', () => {
  const { open, job, dashboard } = dashboardInBrowser();

  test('says why a job failed, where, and what to do next', async () => {
    const failed = job('Failed', 'faq-distillation-0140');
    const page = await open(jobPath(failed.job_arn));
    const failure = page.locator('.failure');
    await failure.getByRole('heading', { name: 'Bedrock cannot read or write an S3 object' }).waitFor();
    expect(await failure.locator('.failure-message').textContent()).toBe(failed.failure_message);
    await failure.getByText('s3://acme-ml-training/faq-distillation-0140/train.jsonl').waitFor();
    expect(await failure.locator('.failure-steps li').count()).toBeGreaterThan(1);
  });

  test('draws losses, shows them at the pointer, and overlays those of a sibling', async () => {
    const page = await open(jobPath(job('Completed', 'support-triage').job_arn), NO_LOSSES);
    await page.locator('.u-over').waitFor();
    const last = await page.locator('.loss-legend').textContent();
    await page.locator('.u-over').hover({ position: { x: 100, y: 50 } });
    await page.getByText(/^Step \d+$/).waitFor();
    expect(await page.locator('.loss-legend').textContent()).not.toBe(last);
    const before = await countColours(page);
    await page.locator('.siblings tr:has-text("Completed") input').first().check();
    await page.locator('.loss-legend .letter').nth(1).waitFor();
    await page.locator('.u-over').waitFor();
    await eventually(async () => expect(await countColours(page)).toBeGreaterThan(before / 2), 5_000);
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

  test('draws rewards of reinforcement fine-tuning, which have no logarithmic scale', async () => {
    const page = await open(jobPath(job('Completed', 'code-review').job_arn), NO_LOSSES);
    await page.getByRole('heading', { name: 'Mean reward' }).waitFor();
    await page.locator('.u-over').waitFor();
    expect(await page.locator('.loss-legend').textContent()).toMatch(/Last values.*training0\.\d+.*validation0\.\d+/);
    expect(await page.getByRole('button', { name: 'Log scale' }).count()).toBe(0);
    expect(await page.getByRole('img', { name: /^Mean reward curves: / }).count()).toBe(1);
    await page.getByRole('button', { name: 'As a table' }).click();
    expect(await page.locator('.loss-table thead th').allTextContents()).toEqual(['Step', 'training', 'validation']);
  });

  test('draws losses where the language of the browser is not a valid tag', async () => {
    const page = await open(jobPath(job('Completed', 'support-triage').job_arn), {
      ...NO_LOSSES,
      language: 'en-US@posix',
    });
    await page.locator('.u-over').waitFor();
  });

  test('links to the console of its Region, and has local times in the titles of times', async () => {
    const { job_arn, creation_time = '' } = job('Completed', 'support-triage');
    const page = await open(jobPath(job_arn), NO_LOSSES);
    expect(await page.getByRole('link', { name: 'AWS console' }).getAttribute('href')).toBe(
      'https://us-east-1.console.aws.amazon.com/bedrock/home?region=us-east-1#/custom-models',
    );
    const times = page.locator(`time[datetime="${creation_time}"]`);
    await times.first().waitFor();
    for (const time of await times.all()) expect(await time.getAttribute('title')).toMatch(/ UTC\n.* \(local time\)$/);
  });

  test.each([
    [
      'has not started yet',
      'InProgress',
      'contract-summaries',
      { training_details: { status: 'NotStarted' } },
      /^Training has not started yet/,
    ],
    [
      'never started',
      'Failed',
      'code-review',
      { training_details: { status: 'NotStarted' } },
      /^The job ended before its training/,
    ],
  ])('says why it has no curve while its training %s', async (_what, status, project, status_details, sentence) => {
    const { job_arn } = job(status, project);
    await dashboard().change(job_arn, { status_details });
    const page = await open(jobPath(job_arn), NO_LOSSES);
    await page.locator('section[aria-labelledby=loss]').getByText(sentence).waitFor();
  });

  test('draws the curve of an old job, whose training has no status', async () => {
    const { job_arn } = job('Completed', 'support-triage', 1);
    await dashboard().change(job_arn, { status_details: {} });
    const page = await open(jobPath(job_arn), NO_LOSSES);
    await page.locator('.u-over').waitFor();
  });

  test('calls a job stalled whose training does not start, in its page, the list and the overview', async () => {
    const { job_arn, job_name = '' } = job('InProgress', '', 1);
    const ended = new Date(Date.now() - 5 * 3_600_000).toISOString();
    const status_details = {
      validation_details: { status: 'Completed', creation_time: ended, last_modified_time: ended },
      training_details: { status: 'NotStarted' },
    };
    await dashboard().change(job_arn, { status_details });
    const page = await open(jobPath(job_arn), NO_LOSSES);
    await page.getByText(/^Stalled: Training has not started 5 h.* after the phase before it ended\.$/).waitFor();
    await page.locator('.job-facts .badge', { hasText: 'stalled' }).waitFor();
    await page.goto(`${dashboard().url}/jobs?search=${job_name}`);
    await page.locator('.badge', { hasText: 'stalled' }).waitFor();
    await page.goto(dashboard().url);
    await page.locator('.figure', { hasText: '1 stalled' }).waitFor();
  });

  test('copies commands as they are', async () => {
    const completed = job('Completed', 'support-triage');
    const page = await open(jobPath(completed.job_arn), NO_LOSSES);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the command: Describe the job' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(
      `aws bedrock get-model-customization-job --job-identifier ${completed.job_arn} --region us-east-1`,
    );
  });

  test('changes tags', async () => {
    const page = await open(jobPath(job('InProgress', 'clinical-notes').job_arn), NO_LOSSES);
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
    await page.waitForFunction(() => document.activeElement?.ariaLabel === 'Key of a new tag');
  });

  test('stops a running job after a question', async () => {
    const running = job('InProgress', 'support-triage');
    const page = await open(jobPath(running.job_arn), NO_LOSSES);
    await page.getByRole('button', { name: 'Stop job' }).click();
    await page.getByRole('dialog', { name: 'Stop this job?' }).waitFor();
    await page.getByRole('button', { name: 'Keep running' }).click();
    expect(await page.locator('.job-facts').getByText('In progress').count()).toBe(1);
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await eventually(async () => expect(await focused()).toBe('Stop job'));
    await page.getByRole('button', { name: 'Stop job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.locator('.job-facts').getByText('Stopping').waitFor();
    // The button is gone.
    await eventually(async () => expect(await focused()).toBe(running.job_name));
  });

  test('compares jobs, and remembers to show only differences', async () => {
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

  test('follows the job, opened by its name, and announces its end', async () => {
    const { job_arn, job_name = '' } = job('InProgress', 'invoice-extraction');
    const page = await open(`/jobs/${job_name}`, NO_LOSSES);
    await page.locator('.lanes').waitFor();
    const now = new Date().toISOString();
    const failed = {
      status: 'Failed',
      end_time: now,
      last_modified_time: now,
      failure_message: 'Could not assume provided IAM role.',
    };
    await dashboard().change(job_arn, failed);
    await page.getByRole('heading', { name: 'Bedrock cannot assume the role of the job' }).waitFor();
    await page.locator('#announcer').getByText('This job is now: Failed').waitFor({ state: 'attached' });
    expect(await page.getByRole('button', { name: 'Stop job' }).count()).toBe(0);
  });
});

describeInBrowser('a read-only dashboard', () => {
  const { open, job } = dashboardInBrowser(undefined, { readOnly: true });

  test('offers no changes', async () => {
    const page = await open(jobPath(job('InProgress').job_arn), NO_LOSSES);
    await page.locator('.tags').waitFor();
    expect(await page.getByRole('button', { name: /^(Stop|Add|Remove)/ }).count()).toBe(0);
  });
});
