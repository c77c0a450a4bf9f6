import { expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.ts';
import { dashboardInBrowser } from '../support/dashboard/dashboard-in-browser.ts';

const LOSS = { mayFail: ['/loss'] };

describeInBrowser('what changes', () => {
  const { open, job, dashboard, records } = dashboardInBrowser();
  const fail = (arn: string) => {
    const now = new Date().toISOString();
    return dashboard().change(arn, {
      status: 'Failed',
      end_time: now,
      last_modified_time: now,
      failure_message: 'The subnet is gone',
    });
  };

  test('shows in the list without losing place, focus or selection', async () => {
    const changing = job('InProgress', 'support-triage');
    const page = await open('/jobs');
    const row = page.locator(`.job-row[data-arn="${changing.job_arn}"]`);
    await row.waitFor();
    const other = page.locator('.job-row[data-arn]').nth(30);
    await other.locator('input').check();
    await other.locator('.job-link').focus();
    // A row above may grow by the reason that it shows: what is looked at stays where it is.
    const place = async () => (await other.boundingBox())?.y ?? NaN;
    const before = await place();
    await fail(changing.job_arn);
    await row.getByText('Failed').waitFor({ state: 'attached' });
    await row.getByText('The VPC configuration cannot be used').waitFor({ state: 'attached' });
    expect(Math.abs((await place()) - before)).toBeLessThan(2);
    expect({
      focus: await page.evaluate(() => document.activeElement?.textContent),
      selected: await page.locator('.job-row-selected .job-link').allTextContents(),
    }).toEqual({ focus: records[30]?.job_name, selected: [records[30]?.job_name] });
  });

  test('shows on the page of the job, which says so', async () => {
    const changing = job('InProgress', 'invoice-extraction');
    // By its name, as a person may type it.
    const page = await open(`/jobs/${changing.job_name ?? ''}`, LOSS);
    await page.locator('.lanes').waitFor();
    await fail(changing.job_arn);
    await page.getByRole('heading', { name: 'The VPC configuration cannot be used' }).waitFor();
    await page.locator('#announcer').getByText('This job is now: Failed').waitFor({ state: 'attached' });
    expect(await page.getByRole('button', { name: 'Stop job' }).count()).toBe(0);
  });

  test('leaves the overview’s running jobs, and joins its failures', async () => {
    const changing = job('InProgress', 'contract-summaries');
    const page = await open('/');
    const active = page.locator('.active-jobs');
    await active.getByText(changing.job_name ?? '').waitFor();
    await fail(changing.job_arn);
    await active.getByText(changing.job_name ?? '').waitFor({ state: 'detached' });
    await page
      .locator('.failed-jobs')
      .getByText(changing.job_name ?? '')
      .waitFor();
    await page
      .locator('#announcer')
      .getByText(`${changing.job_name ?? ''}: Failed`)
      .waitFor({ state: 'attached' });
  });
});

describeInBrowser('a server that goes away', () => {
  const { open, job, dashboard } = dashboardInBrowser();

  test('is told, and what is shown stays', async () => {
    const page = await open('/jobs', { mayFail: ['/api/'] });
    await page.locator('.job-row[data-arn]').first().waitFor();
    await dashboard().close();
    await page.getByText('Reconnecting').waitFor();
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.getByText('The dashboard’s server does not respond. Is it still running?').waitFor();
    expect(await page.getByText(job('InProgress').job_name ?? '').count()).toBe(1);
  });
});
