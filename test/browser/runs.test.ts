import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { axeViolations, dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';

const search = (page: Page) => new URL(page.url()).search;
const names = (page: Page): Promise<string[]> => page.locator('.runs [data-arn] .job-link').allTextContents();
const heading = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true });

describeInBrowser('the runs page', () => {
  const { open, job, records } = dashboardInBrowser();
  const { job_arn: arn, job_name: jobName = '', training_data_config: trained } = job('Completed', 'support-triage');
  const data = trained?.s3_uri ?? '';
  const ofData = records.filter(({ training_data_config: config }) => config?.s3_uri === data);
  const loss = (record: (typeof records)[number]) =>
    Number(record.validation_metrics?.[0]?.validation_loss ?? Infinity);
  const best = ofData.toSorted((a, b) => loss(a) - loss(b))[0];

  test('finds the best run of a data set in three steps from its job: data set, sort, read', async () => {
    const page = await open(`/jobs/${encodeURIComponent(arn)}`, NO_LOSSES);
    await page.getByRole('link', { name: data, exact: false }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Runs of a data set' }).waitFor();
    await page.getByText(`${ofData.length} runs on this data set, among ${records.length} jobs read.`).waitFor();
    await heading(page, 'Validation loss').getByRole('button').click();
    expect(await heading(page, 'Validation loss').getAttribute('aria-sort')).toBe('ascending');
    expect((await names(page))[0]).toBe(best?.job_name);
    const first = page.locator('.runs [data-arn]').first();
    await first
      .getByTitle(/^Best of \d+ completed runs of nova-lite on support-triage/)
      .first()
      .waitFor();
    // The models that were made from it, and by which jobs.
    const made = ofData.filter(({ output_model_arn: model }) => model !== undefined);
    await page.getByText(`${made.length} models made from this data set`).waitFor();
    await page.getByText(made[0]?.output_model_name ?? '').waitFor();
  });

  test('keeps columns, order and groups in the address and in the browser', async () => {
    const page = await open('/runs');
    await page.getByRole('button', { name: /^Columns/ }).click();
    await page.getByRole('checkbox', { name: 'tag owner' }).check();
    await page.getByRole('checkbox', { name: 'Created' }).uncheck();
    await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'Base model' });
    await heading(page, 'learningRate').getByRole('button').click();
    await heading(page, 'learningRate').getByRole('button').click();
    await page.waitForURL(/order=descending/);
    const chosen = search(page);
    expect(chosen).toMatch(/column=tag.owner.*sort=hp.learningRate&order=descending&group=model/);
    expect(await heading(page, 'tag owner').count()).toBe(1);
    const groups = page.locator('.runs-group');
    expect(await groups.count()).toBeGreaterThan(3);
    await groups.first().getByRole('button', { expanded: true }).click();
    await page.getByRole('button', { name: 'Unfold all' }).waitFor();

    await page.goto(new URL('/runs', page.url()).href);
    await page.waitForURL((url) => url.search === chosen);
    await groups.first().waitFor();
    await page.goto(new URL(`/runs?status=Failed`, page.url()).href);
    await page.waitForURL((url) => url.search.includes('status=Failed') && url.search.includes('group=model'));
    await page.goBack();
  });

  test('draws a group as scatter plot and as parallel coordinates, by keys and as a table', async () => {
    const page = await open(`/runs?group=data&sort=validation_loss&chart=scatter`);
    // Of all runs the learning rates span more than a factor of 20.
    await page.getByText('learningRate (log scale)').waitFor();
    const group = page.locator('.runs-group', { hasText: 'support-triage/v4' });
    await group.getByRole('button', { name: /^Chart/ }).click();
    const completed = ofData.filter((record) => loss(record) < Infinity);
    await page.locator('.plot-run').nth(completed.length).waitFor({ state: 'detached' });
    expect(await page.locator('.plot-run').count()).toBe(completed.length);
    expect(await page.locator('.plot-best').getAttribute('aria-label')).toMatch(
      new RegExp(
        `^${best?.job_name ?? ''}: learningRate .*, Validation loss .*\\. Best of ${completed.length} completed runs`,
      ),
    );
    await page.getByRole('button', { name: 'Parallel coordinates' }).click();
    await page.locator('.plot-line').first().waitFor();
    expect(search(page)).toContain('chart=parallel');
    await page.locator('.plot-run[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    const second = await page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.split(':')[0]);
    await page
      .locator('.plot-words')
      .getByText(second ?? 'none', { exact: true })
      .waitFor();
    await page.getByRole('button', { name: 'As a table' }).click();
    const values = page.getByRole('group', { name: 'Values of the chart' });
    expect(await values.getByRole('row').count()).toBe(completed.length + 1);
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.locator('.plot-run[tabindex="0"]').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs\/arn/);
  });

  test('charts and compares selected runs', async () => {
    const page = await open('/runs?status=Completed', NO_LOSSES);
    const boxes = page.locator('.runs [data-arn] input');
    for (let index = 0; index < 3; index += 1) await boxes.nth(index).check();
    const bar = page.getByRole('group', { name: 'Selected jobs' });
    await bar.getByRole('button', { name: 'Chart' }).click();
    expect(await page.getByRole('combobox', { name: 'Runs' }).locator('option:checked').textContent()).toBe(
      '3 selected',
    );
    await bar.getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('heading', { name: 'Compare 3 jobs' }).waitFor();
  });

  test('finds the job of a model by the model’s ARN or name', async () => {
    const made = job('Completed', 'support-triage', 1);
    for (const text of [made.output_model_arn, made.output_model_name]) {
      const page = await open(`/runs?search=${encodeURIComponent(text ?? '')}`);
      await page
        .getByRole('link', { name: made.job_name ?? '' })
        .first()
        .waitFor();
      expect(await names(page)).toEqual([made.job_name]);
    }
  });

  test('says of how many runs the reward is known', async () => {
    const page = await open(
      '/runs?customizationType=REINFORCEMENT_FINE_TUNING&column=reward&column=hp.learning_rate',
      NO_LOSSES,
    );
    await page.getByText(/^Rewards are read from the curve files/).waitFor();
    await page.getByText(/0 not read yet\.$/).waitFor();
  });

  test('says that nothing matches, and how far it read', async () => {
    const page = await open('/runs?data=s3%3A%2F%2Fnowhere%2Ftrain.jsonl');
    await page.getByText(`None of the ${records.length} jobs that were read matches all of these filters.`).waitFor();
    await page.getByRole('link', { name: 'Clear the filters' }).click();
    await page.getByRole('link', { name: jobName }).waitFor();
    expect(search(page)).toBe('');
    // A folder means all data below it.
    const below = records.filter(({ training_data_config: config }) =>
      config?.s3_uri?.startsWith('s3://acme-ml-training/code-review/'),
    );
    await page.getByRole('combobox', { name: 'Data set' }).fill('s3://acme-ml-training/code-review/');
    await page.keyboard.press('Enter');
    await page.getByText(`${below.length} runs on this data set, among ${records.length} jobs read.`).waitFor();
    await page.goBack();
    await page.waitForURL((url) => url.search === '');
  });

  test('says so where the server no longer has its files, and where it cannot read rewards', async () => {
    const page = await open('/', { mayFail: ['/assets/runs', '/loss'] });
    await page.route(/assets\/runs.*js/, (route) => route.abort());
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Could not load this page' }).waitFor();
    await page.unroute(/assets\/runs.*js/);
    await page.route(/\/loss$/, (route) => route.abort());
    await page.goto(new URL('/runs?customizationType=REINFORCEMENT_FINE_TUNING&column=reward', page.url()).href);
    await page.getByText(/: 0 runs of \d+ with a reward, [1-9]\d* not read yet\.$/).waitFor();
  });

  test('has charts that can be used where colours are forced', async () => {
    const page = await open('/runs?chart=parallel');
    await page.emulateMedia({ forcedColors: 'active' });
    await page.locator('.plot-line').first().waitFor();
    const colours = await page.evaluate(() =>
      ['.plot-run:not(.plot-best)', '.plot-best'].map((name) => {
        const element = document.querySelector(name);
        return element === null ? '' : getComputedStyle(element).color;
      }),
    );
    expect(new Set(colours).size).toBe(2);
    expect(await axeViolations(page)).toEqual([]);
  });
});

describeInBrowser('a long list of runs', () => {
  const { open } = dashboardInBrowser((records) =>
    Array.from({ length: 450 }, (_, n) => {
      const record = records[n % records.length];
      if (record === undefined) throw new Error('The sample is empty.');
      const id = n.toString(36).padStart(12, '0');
      return {
        ...record,
        job_arn: record.job_arn.replace(/[^/]+$/, id),
        job_id: id,
        job_name: `${record.job_name ?? ''}-${n}`,
      };
    }),
  );

  test('loads more when asked, says that order and best are among what is loaded, and shows 100 rows at a time', async () => {
    const page = await open('/runs');
    await page.getByText('250 runs so far, newest first. Order, groups and best values are among these.').waitFor();
    expect(await names(page)).toHaveLength(100);
    await page.getByRole('button', { name: 'Load all' }).click();
    await page.getByText('450 runs.').waitFor();
    await page.getByText('Rows 1 to 100 of 450').waitFor();
    const pager = page.getByRole('navigation', { name: 'Rows' });
    for (let index = 0; index < 4; index += 1) await pager.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Rows 401 to 450 of 450').waitFor();
    expect(await names(page)).toHaveLength(50);
    expect(await pager.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
  });
});
