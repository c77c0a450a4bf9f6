import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { DataFindings } from '../../lib/dashboard/api.ts';
import { jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { eventually } from '../support/integration/suite.ts';
import { axeViolations, dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';

const openDialog = async (page: Page) => {
  await page.getByRole('button', { name: 'Create like this one' }).click();
  const dialog = page.getByRole('dialog', { name: /^Create a job like / });
  await dialog.getByLabel('Differences').waitFor();
  return dialog;
};

describeInBrowser('a job like this one', () => {
  const { open, job, dashboard } = dashboardInBrowser();

  test('is created with what a person changes, and its page waits for the tracker', async () => {
    const { job_arn, job_name = '' } = job('Completed', 'support-triage');
    const page = await open(jobPath(job_arn), { mayFail: ['/loss', '/api/jobs/'] });
    const dialog = await openDialog(page);
    await dialog.getByLabel('Value of epochCount').fill('7');
    await dialog.getByRole('button', { name: 'Add a tag' }).click();
    const tag = dialog.getByRole('group', { name: 'Tags' }).locator('.again-pair').last().locator('input');
    await tag.first().fill('trial');
    await tag.last().fill('second');
    await dialog.getByText('jobTags.trial').waitFor();
    await dialog.getByText('Command', { exact: true }).click();
    const command = await dialog.getByLabel('Command', { exact: true }).textContent();
    expect(command).toContain(`create --like ${job_arn} --job-name ${job_name}-2 `);
    expect(command).toContain('--hyper-parameter epochCount=7 --tag trial=second');
    await dialog.getByText('Spec', { exact: true }).click();
    expect(await dialog.getByLabel('Spec', { exact: true }).textContent()).toContain('epochCount: "7"');
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create job' }).click();
    await page.getByText('The tracker has not seen it yet').waitFor();
    await page.getByRole('heading', { name: `${job_name}-2` }).waitFor();
    await dashboard().track();
    await page.locator('.job-facts').getByText('In progress').waitFor();
  });

  test('is not created while something is wrong, which the dialog says', async () => {
    const page = await open(jobPath(job('Completed', 'support-triage', 1).job_arn), NO_LOSSES);
    const dialog = await openDialog(page);
    await dialog.getByLabel('Job name').fill('a b');
    await dialog.getByText('Job name: must hold only letters').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await dialog.getByRole('button', { name: 'Create job' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Job name').fill('ab');
    await dialog.getByLabel('Differences').waitFor();
    expect(await dialog.getByRole('button', { name: 'Create job' }).isEnabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });
});

describeInBrowser('a job like this one, whose data are wrong', () => {
  let checked: AbortSignal | undefined;
  let answer: () => Promise<DataFindings>;
  const { open, job } = dashboardInBrowser(undefined, {
    checkData: (_request, { signal }) => {
      checked = signal;
      return answer();
    },
  });
  const openJob = () =>
    open(jobPath(job('Completed', 'support-triage').job_arn), { mayFail: ['/loss', '/again', '/api/jobs/'] });

  test('is created only when it is asked for once more', async () => {
    const told = Array.from({ length: 5 }, (_, line) => `s3://acme/train.jsonl, line ${line + 1}: is empty: remove it`);
    const command = ['check', 's3://acme/train.jsonl', '--base-model', 'amazon.nova-lite-v1:0:300k'];
    answer = () => Promise.resolve({ ok: false, told, more: 12, command });
    const page = await openJob();
    const dialog = await openDialog(page);
    await dialog.getByRole('button', { name: 'Create job' }).click();
    await dialog.getByText('line 5: is empty').waitFor();
    await dialog.getByText('… and 12 more').waitFor();
    await dialog.getByText('Command that checks the data', { exact: true }).click();
    expect(await dialog.getByLabel('Command that checks the data', { exact: true }).textContent()).toMatch(
      /^bedrock-jobs check s3:\/\/acme\/train\.jsonl --base-model amazon\.nova-lite-v1:0:300k --region [\w-]+$/,
    );
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByLabel('Value of epochCount').fill('7');
    await dialog.getByRole('button', { name: 'Create job' }).click();
    await dialog.getByRole('button', { name: 'Create anyway' }).click();
    await page.getByText('The tracker has not seen it yet').waitFor();
  });

  test('tells what was not checked once it is created', async () => {
    answer = () => Promise.resolve({ ok: true, told: ['Could not check s3://acme/train.jsonl.'], more: 0 });
    const page = await openJob();
    await (await openDialog(page)).getByRole('button', { name: 'Create job' }).click();
    const dialog = page.getByRole('dialog', { name: /^Created / });
    await dialog.getByText('Could not check s3://acme/train.jsonl.').waitFor();
    await dialog.getByRole('button', { name: 'Open the job' }).click();
    await page.getByText('The tracker has not seen it yet').waitFor();
  });

  test('is not created when the dialog closes during the check, which ends', async () => {
    answer = () => new Promise(() => undefined);
    const page = await openJob();
    const dialog = await openDialog(page);
    await dialog.getByRole('button', { name: 'Create job' }).click();
    await dialog.getByText('Checking the data …').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await eventually(() => expect(checked?.aborted).toBe(true));
  });
});

describeInBrowser('a job like this one, read-only', () => {
  const { open, job } = dashboardInBrowser(undefined, { readOnly: true });

  test('is a command and a spec to copy', async () => {
    const page = await open(jobPath(job('Completed').job_arn), NO_LOSSES);
    const dialog = await openDialog(page);
    await dialog.getByText('This dashboard is read-only: use the command.').waitFor();
    await dialog.getByText('Command', { exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Create job' }).count()).toBe(0);
  });
});
