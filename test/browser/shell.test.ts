import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { dashboardInBrowser } from '../support/dashboard/dashboard-in-browser.ts';

/** The bytes that came over the wire, as the server compressed them. */
const transferred = (page: Page): Promise<number> =>
  page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((entry) => !entry.name.includes('/api/'))
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
  );

describeInBrowser('the application', () => {
  const { open, job } = dashboardInBrowser();
  const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

  test('follows the system’s theme, or the one that was chosen, which it remembers', async () => {
    const page = await open('/', { theme: 'dark' });
    const dark = await ground(page);
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    const light = await ground(page);
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await ground(page)).toBe(light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await ground(page)).toBe(dark);
  });

  test('tells where one is: titles, headings that are focused, the current page in the navigation', async () => {
    const page = await open('/', { mayFail: ['/loss'] });
    expect(await page.title()).toBe('Overview · Bedrock job tracker');
    await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.waitForFunction(
      () => document.title === 'Jobs · Bedrock job tracker' && document.activeElement?.tagName === 'H1',
    );
    expect(await page.getByRole('navigation').locator('[aria-current=page]').textContent()).toBe('Jobs');
    const { job_name: name = '' } = job('Failed');
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForFunction((title) => document.title === title, `${name} · Bedrock job tracker`);
  });

  test('can be used by the keyboard from the first key on', async () => {
    const page = await open('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  test('is loaded with less than 60 kB, and drawn soon', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    const drawn = await page.evaluate(() => performance.now());
    const bytes = await transferred(page);
    process.stdout.write(
      `First load: ${(bytes / 1000).toFixed(1)} kB; the overview is there after ${drawn.toFixed(0)} ms.\n`,
    );
    expect(bytes).toBeLessThan(60_000);
  });

  test('an address that leads nowhere says so', async () => {
    const page = await open('/jobs/' + encodeURIComponent('support-triage-9999'), { mayFail: ['9999'] });
    await page
      .getByRole('alert')
      .getByText(/There is no job support-triage-9999/)
      .waitFor();
    await page.getByRole('alert').getByRole('link').first().waitFor();
  });
});
