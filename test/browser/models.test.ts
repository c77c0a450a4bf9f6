import { expect, test } from '@jest/globals';
import { jobPath, modelPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { sampleModels } from '../support/dashboard/models.ts';
import { sampleRecords } from '../support/dashboard/records.ts';
import { dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';
import { manyModel } from '../support/models.ts';

const MODELS = sampleModels(sampleRecords(Date.now()), Date.now());
const modelWith = (what: (model: (typeof MODELS)[number]) => boolean) => {
  const found = MODELS.find(what);
  if (found === undefined) throw new Error('The sample has no such model.');
  return found;
};
const IDLE = modelWith(({ provisioned_throughputs: [first] }) => first?.commitment_duration !== undefined);
const USED = modelWith(
  ({ provisioned_throughputs: [first], last_used_at: used }) => first !== undefined && used !== undefined,
);
const REMOVED = modelWith(({ status }) => status === 'Removed');

describeInBrowser('the models', () => {
  const { open, dashboard } = dashboardInBrowser(undefined, { models: MODELS });

  test('are in groups that say their rule, and each group is a filter', async () => {
    const page = await open('/models');
    const rows = page.locator('.models tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(MODELS.length - 1);
    const figures = page.getByRole('list', { name: 'Filters' }).getByRole('listitem');
    expect(await figures.allInnerTexts()).toEqual([
      expect.stringContaining('7\na deployment or throughput serves it'),
      expect.stringMatching(/2\nserves, without use for 14 days: 72 unit hours a day; 1,2\d\d\.?\d? since last use$/),
      expect.stringMatching(/2\nstored, and nothing served it for 14 days: \d\.\d months$/),
      expect.stringContaining('1\na commitment ends within 30 days'),
    ]);
    await page.getByRole('link', { name: 'Idle: 2' }).press('Enter');
    await page.waitForURL('**/models?show=idle');
    await page.getByRole('status').getByText('2 models.').waitFor();
    // Most unit hours first.
    expect(await rows.locator('th').allInnerTexts()).toEqual(['imported-11', IDLE.model_name]);
    expect(await page.locator('[aria-current=true]').innerText()).toContain('2');
    await page.getByRole('link', { name: 'Idle: 2' }).click();
    await page.waitForFunction(() => !location.search.includes('show'));
  });

  test('show what serves them, their use, and what they cost without it', async () => {
    const page = await open('/models');
    const cellsOf = (name = '') =>
      page.locator('.models tr', { hasText: name }).first().locator('th, td').allInnerTexts();
    await page.locator('.models tbody tr').first().waitFor();
    expect(await cellsOf(IDLE.model_name)).toEqual([
      IDLE.model_name,
      'nova-lite',
      expect.stringMatching(/-pt\s+1 unit, idle$/),
      '0 / 0 / 0',
      'never',
      expect.stringMatching(/^47\d(\.\d)? unit hours\s+24 a day$/),
      'in 10 d',
    ]);
    expect(await cellsOf(USED.model_name)).toEqual(
      expect.arrayContaining(['1,840 / 12,880 / 53,360', expect.stringMatching(/ago|just now/), '–']),
    );
    const unknown = modelWith(({ deployments, usage }) => deployments.length > 0 && usage === undefined);
    expect((await cellsOf(unknown.model_name)).slice(2)).toEqual([
      expect.stringMatching(/deployment, use unknown$/),
      'unknown',
      'unknown',
      '–',
      '–',
    ]);
    expect(await page.locator('main').innerText()).not.toContain('$');
  });

  test('are found by name, also removed ones, and opened by keys', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.locator('.models tbody tr').first().waitFor();
    await page.getByText('A search shows 1 removed model too.').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(REMOVED.model_name ?? '');
    await page.getByRole('status').getByText('1 model.').waitFor();
    expect(await page.locator('.models tbody .status').innerText()).toContain('Removed');
    await page.locator('h1').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: REMOVED.model_name ?? '' }).waitFor();
    await page.getByText('missing').first().waitFor();
  });

  test('lead to their jobs and back, with what serves them', async () => {
    const page = await open(modelPath(IDLE.model_arn), NO_LOSSES);
    const lineage = page.locator('section[aria-labelledby=lineage]');
    await lineage.getByRole('link', { name: IDLE.job_name ?? '' }).click();
    await page.waitForURL(`**${jobPath(IDLE.job_arn ?? '')}`);
    await lineage.getByText('1 unit, idle').waitFor();
    await lineage.getByRole('link', { name: IDLE.model_name ?? '', exact: true }).click();
    await page.waitForURL(`**${modelPath(IDLE.model_arn)}`);
    await page
      .locator('.lanes')
      .getByText(IDLE.provisioned_throughputs[0]?.name ?? '')
      .waitFor();
  });

  test('have a page by the ARN of what serves them, with their history', async () => {
    const page = await open(modelPath(IDLE.provisioned_throughputs[0]?.arn ?? ''));
    await page.getByRole('heading', { level: 1, name: IDLE.model_name ?? '' }).waitFor();
    expect(await page.locator('.transitions tbody tr').last().innerText()).toMatch(/-pt\s+Used →\s+Idle/);
    expect(await page.locator('.lane-segment[title^=Idle]').count()).toBe(1);
    await page.locator('section[aria-labelledby=serving]').getByText('In service').waitFor();
  });

  test('follow the table by themselves', async () => {
    const page = await open('/models');
    await page.getByRole('link', { name: 'Idle: 2' }).waitFor();
    const unused = Object.fromEntries(
      Object.entries(IDLE.usage ?? {}).map(([arn, usage]) => [
        arn,
        { ...usage, unused_since: usage.measured_at, last_used_at: usage.measured_at },
      ]),
    );
    await dashboard().putModel({ ...IDLE, usage: unused });
    await page.getByRole('link', { name: 'Idle: 1' }).waitFor();
    await dashboard().putModel(IDLE);
    await page.getByRole('link', { name: 'Idle: 2' }).waitFor();
  });

  test('say what went wrong, and are there when it is over', async () => {
    const page = await open('/models', { mayFail: ['/api/models'] });
    await page.locator('.models tbody tr').first().waitFor();
    await page.route('**/api/models', (route) =>
      route.fulfill({ status: 403, contentType: 'application/json', body: '{"error":"You may not read it."}' }),
    );
    await page.getByRole('alert').getByText('You may not read it.').waitFor();
    expect(await page.locator('.models tbody tr').count()).toBeGreaterThan(1);
    await page.unroute('**/api/models');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('say that a model is not there', async () => {
    const page = await open('/models/nothing', { mayFail: ['/api/models/nothing'] });
    await page
      .getByRole('alert')
      .getByText(/nothing/)
      .waitFor();
  });
});

describeInBrowser('a tracker without models', () => {
  const { open, dashboard } = dashboardInBrowser();

  test('says why, and shows jobs as before', async () => {
    const page = await open('/models');
    await page.getByText('No models are tracked').waitFor();
    await page.getByText('Deploy it again with models.').waitFor();
    const made = [...dashboard().jobs.values()].find(({ output_model_arn: arn }) => arn !== undefined);
    await page.goto(dashboard().url + jobPath(made?.job_arn ?? ''));
    const lineage = page.locator('section[aria-labelledby=lineage]');
    await lineage.getByText(made?.output_model_name ?? '', { exact: true }).waitFor();
    expect(await lineage.getByText('Served by').count()).toBe(0);
  });
});

describeInBrowser('an account without models', () => {
  const { open } = dashboardInBrowser(undefined, { models: [] });

  test('says when models appear', async () => {
    const page = await open('/models');
    await page.getByText('No models yet').waitFor();
    expect(await page.locator('.figures').count()).toBe(0);
  });
});

describeInBrowser('a thousand models with prices', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => manyModel(n, { scope: '123456789012#us-east-1' }));
  const price = { model: '*', region: '*', usd: 2, source: 'the price list', date: '2026-11-01' };
  const prices = { model_unit_hour: [], stored_model_month: [price] };
  const { open } = dashboardInBrowser(undefined, { models: many, prices });

  test('show a hundred at a time, with dollars and where they come from', async () => {
    const page = await open('/models?show=orphaned');
    const rows = page.locator('.models tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(100);
    expect(await rows.first().innerText()).toMatch(/[\d,.]+ months stored, \$[\d,.]+/);
    await page.getByText(/Dollars by the price list \(2026-11-01\)\./).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(/^Rows 101 to 200 of/).waitFor();
  });
});
