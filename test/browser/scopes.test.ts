import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { sampleScopes } from '../support/dashboard/scopes.ts';
import { axeViolations, dashboardInBrowser, describeInBrowser } from '../support/browser.ts';

const rowsOf = (page: Page) => page.locator('.scopes tbody tr');
const overhangOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

describeInBrowser("a hub's scopes", () => {
  const registered = sampleScopes(10_000, Date.now());
  const { open } = dashboardInBrowser(undefined, { registered });
  const failing = registered.filter(({ error }) => error !== undefined);

  test('are counted on the overview, which leads to those that fail', async () => {
    const page = await open('/');
    const tracker = page.locator('section[aria-labelledby=health]');
    await tracker
      .getByText('Scopes: 10,000 (200 active, 800 idle, 8,980 empty, 20 released, 34 failing, 20 late).')
      .waitFor();
    expect(await page.locator('.banner p').count()).toBe(5);
    await tracker.getByRole('link', { name: 'All scopes' }).click();
    await page.waitForURL('**/scopes');
    await rowsOf(page).first().waitFor();
    expect(await rowsOf(page).count()).toBe(100);
    expect(await rowsOf(page).first().innerText()).toMatch(/First failed 23 h ago: AccessDeniedException/);
    await page.getByText('And 9,900 more: bedrock-jobs scopes --all --local').waitFor();
  });

  test('are in groups, each a filter', async () => {
    const page = await open('/scopes');
    await page.getByRole('link', { name: `Failing: ${failing.length}` }).click();
    await page.getByRole('status').getByText(`${failing.length} scopes.`).waitFor();
    expect(await rowsOf(page).count()).toBe(failing.length);
    await page.getByRole('link', { name: 'Late: 20' }).click();
    await page.getByRole('status').getByText('20 scopes.').waitFor();
    expect(await rowsOf(page).first().locator('th, td').allInnerTexts()).toEqual([
      'us-west-2 · 300000000020',
      'active, 3 jobs',
      '4 h ago',
      'due 3 h ago',
      expect.stringMatching(/ min ago$/),
      'seen',
    ]);
    await page.getByRole('link', { name: 'Empty: 8,980' }).click();
    await page.getByText('And 8,880 more: bedrock-jobs scopes --all --local').waitFor();
    await page.getByRole('searchbox').fill('300000000002');
    await page.getByRole('status').getByText('5 scopes.').waitFor();
    await page.waitForURL('**/scopes?show=empty&search=300000000002');
    await page.getByRole('searchbox').fill('no such account');
    await page.getByText('No matching scopes').waitFor();
  });

  test('that have jobs filter these, sorted by the last change unless asked otherwise', async () => {
    const page = await open('/jobs');
    const sort = page.locator('.sort select');
    await page.getByText('Changed', { exact: true }).waitFor();
    expect(await sort.inputValue()).toBe('last_modified_time/newest');
    await sort.selectOption({ label: 'Newest first' });
    await page.getByText('Created', { exact: true }).waitFor();
    const scope = page.getByLabel('Scope');
    expect(await scope.locator('option').count()).toBe(1_001);
    await scope.selectOption('300000000020#us-east-1');
    await page.waitForURL('**/jobs?scope=300000000020%23us-east-1&**');
    await page.getByText('No matching jobs').waitFor();
  });

  test.each(['light', 'dark'] as const)('fit windows from 320 to 1280 pixels, %s', async (theme) => {
    const page = await open('/scopes', { theme });
    await rowsOf(page).first().waitFor();
    for (const width of [320, 360, 480, 720, 768, 860, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const [live, switches] = await Promise.all([
        page.locator('.live').boundingBox(),
        page.locator('.header .icon-button').first().boundingBox(),
      ]);
      const isApart = (live?.x ?? 0) + (live?.width ?? 0) <= (switches?.x ?? 0);
      expect({ width, overhang: await overhangOf(page), isApart }).toEqual({ width, overhang: 0, isApart: true });
    }
    expect(await axeViolations(page)).toEqual([]);
  });
});

describeInBrowser('a small hub', () => {
  const hostile = `</p><img src=x onerror="window.hacked='img'">\u202e see https://evil.example/x`;
  const [first, second] = sampleScopes(2, Date.now());
  if (first === undefined || second === undefined) throw new Error('The sample has no scopes.');
  const failing = { ...first, failing_since: new Date().toISOString(), failures: 1, error: hostile };
  const { open } = dashboardInBrowser(undefined, { registered: [failing, second] });

  test.each(['/', '/scopes'])('shows the words of an error as text on %s', async (address) => {
    const page = await open(address);
    await page.getByText('onerror=').first().waitFor();
    expect(await page.locator('main img, a[href*=evil]').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  test('shows its sweeps on the overview as a single tracker does', async () => {
    const page = await open('/');
    const sweeps = page.getByRole('group', { name: 'Sweeps by scope' });
    expect(await sweeps.locator('tbody tr').count()).toBe(2);
  });
});

describeInBrowser('a single tracker', () => {
  const { open } = dashboardInBrowser();

  test('has no page of scopes, and says so at its address', async () => {
    const page = await open('/scopes', { mayFail: ['/api/scopes'] });
    await page.getByRole('alert').getByText('This tracker is not a hub').waitFor();
    expect(await page.getByRole('link', { name: 'Scopes' }).count()).toBe(0);
  });
});
