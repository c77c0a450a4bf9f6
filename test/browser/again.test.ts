import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
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
    expect(await dialog.getByRole('button', { name: 'Create job' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Job name').fill('ab');
    await dialog.getByLabel('Differences').waitFor();
    expect(await dialog.getByRole('button', { name: 'Create job' }).isEnabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
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
