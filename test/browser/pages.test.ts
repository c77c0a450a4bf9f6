import { beforeAll, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { RUNBOOK_URL } from '../../lib/contract.ts';
import { RUN_COLUMNS } from '../../lib/domain/run.ts';
import { comparePath, jobPath, modelPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { dataPath } from '../../lib/dashboard/web/pages/runs/view.ts';
import { axeViolations, dashboardInBrowser, describeInBrowser } from '../support/browser.ts';
import { sampleModels } from '../support/dashboard/models.ts';
import { sampleRecords } from '../support/dashboard/records.ts';
import { hostile, hostileModel } from '../support/hostile-record.ts';

const PROJECT = path.resolve(__dirname, '../..');
/** `UPDATE_SCREENSHOTS=1 npx jest test/browser/pages.test.ts` writes them, and those of the documents. */
const SCREENSHOTS =
  process.env['UPDATE_SCREENSHOTS'] === undefined ? undefined : path.join(PROJECT, 'dist/screenshots');
const IMAGES: Readonly<Record<string, string>> = {
  overview: 'overview',
  'job-failed': 'failed-job',
  compare: 'compare',
  runs: 'runs',
  models: 'models',
};
const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 768],
  ['dark', 360],
] as const;

const MODELS = sampleModels(sampleRecords(Date.now()), Date.now());
const IDLE = MODELS.find(({ transitions }) => transitions.some(({ to }) => to === 'Idle'));

describeInBrowser('the pages', () => {
  const { open, job } = dashboardInBrowser(undefined, { models: MODELS });
  const completed = Array.from({ length: 10 }, (_, number) => job('Completed', 'support-triage', number));
  const ten = completed.map(({ job_arn: arn }) => arn);
  const compared = ten.slice(0, 3);
  beforeAll(async () => {
    if (SCREENSHOTS !== undefined) await mkdir(SCREENSHOTS, { recursive: true });
  });

  const shoot = async (page: Page, name: string, theme: string, width: number): Promise<void> => {
    if (SCREENSHOTS === undefined) return;
    const file = path.join(SCREENSHOTS, `${name}-${theme}-${width}.png`);
    await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
    const image = IMAGES[name];
    if (image === undefined || theme !== 'light' || width !== 1280) return;
    await page.screenshot({ path: path.join(PROJECT, 'docs/images', `${image}.png`), animations: 'disabled' });
  };

  test.each([
    ['overview', '/', '.figures'],
    ['jobs', '/jobs', '.job-row[data-arn]'],
    ['jobs-none', '/jobs?search=nothing-has-this-name&status=Failed', '.empty'],
    ['job-running', jobPath(job('InProgress').job_arn), '.lanes'],
    ['job-failed', jobPath(job('Failed').job_arn), '.failure'],
    ['job-completed', jobPath(job('Completed', 'support-triage').job_arn), '.u-over'],
    ['compare', comparePath(compared), '.u-over'],
    ['compare-ten', comparePath(ten), '.u-over'],
    ['runs', '/runs?group=data&sort=validation_loss&chart=scatter', '.plot-run'],
    ['runs-parallel', '/runs?chart=parallel&tag=project%3Asupport-triage', '.plot-line'],
    ['runs-data', dataPath(completed[0]?.training_data_config?.s3_uri), '.runs-models'],
    ['models', '/models', '.models tbody tr'],
    ['models-idle', '/models?show=idle', '.models tbody tr'],
    ['model', modelPath(IDLE?.model_arn ?? ''), '.lanes'],
    ['not-found', '/jobs/arn%3Aaws%3Abedrock%3Anowhere', '.banner'],
  ] as const)('%s passes axe and fits the window, in both themes and on a phone', async (name, address, drawn) => {
    const page = await open(address, { mayFail: ['/loss', 'nowhere'] });
    await page.locator(drawn).first().waitFor();
    await page.locator('.skeleton').waitFor({ state: 'detached' });
    for (const [theme, width] of LOOKS) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      await shoot(page, name, theme, width);
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      // Between a phone and a desktop only the columns differ.
      const violations = width === 768 ? [] : await axeViolations(page);
      expect({ theme, width, overhang, violations }).toEqual({ theme, width, overhang: 0, violations: [] });
    }
  });

  test('follow the system’s theme, or the chosen one, which the browser remembers', async () => {
    const page = await open('/', { theme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await ground()).toBe(dark);
  });

  test('have titles, headings with the focus, and a marked link in the navigation', async () => {
    const page = await open('/', { mayFail: ['/loss'] });
    expect(await page.title()).toBe('Overview · Bedrock job tracker');
    await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click();
    await page.waitForFunction(
      () => document.title === 'Jobs · Bedrock job tracker' && document.activeElement?.tagName === 'H1',
    );
    expect(await page.getByRole('navigation').locator('[aria-current=page]').textContent()).toBe('Jobs');
    const { job_name: name = '' } = job('Failed');
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForFunction((title) => document.title === title, `${name} · Bedrock job tracker`);
  });

  test("link the tracker's problems to the runbook", async () => {
    const page = await open('/');
    const link = page.locator('.banner-warning').getByRole('link');
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe(`${RUNBOOK_URL}#alarms`);
    expect(await page.locator('.banner-warning').textContent()).toBe(
      `2 messages in undelivered-events: see ${RUNBOOK_URL}#alarms`,
    );
  });

  test('load less than 60 kB, and start at the content for the keyboard', async () => {
    const page = await open('/');
    await page.locator('.figures').waitFor();
    const bytes = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter((entry) => !entry.name.includes('/api/'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    expect(bytes).toBeLessThan(60_000);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  test('lead back from an unknown address', async () => {
    const page = await open('/nothing/here', { mayFail: ['/nothing/here'] });
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'list of jobs' }).click();
    await page.locator('.job-row[data-arn]').first().waitFor();
  });

  test('of a job that does not exist names similar ones', async () => {
    const page = await open('/jobs/support-triage-9999', { mayFail: ['9999'] });
    const alert = page.getByRole('alert');
    await alert.getByText(/There is no job support-triage-9999/).waitFor();
    await alert.getByRole('link').first().waitFor();
  });
});

/** Tries to run as an attribute, an element, a handler, a frame, a style, a template. */
const MARKUP =
  `"'><img src=x onerror="window.hacked='img'"><script>window.hacked='script'</script><svg/onload="window.hacked='svg'">` +
  `<iframe srcdoc="<script>parent.hacked='frame'</script>"></iframe><a href="javascript:window.hacked='a'">b</a>` +
  `<style>body{display:none}</style><base href="https://evil.example/"><form action="https://evil.example">{{7*7}}\${7*7}`;
const HOSTILE = [
  [MARKUP, 'hostilemarku'],
  [`javascript:window.hacked='address'//`, 'hostilescrip'],
  [`data:text/html,<script>opener.hacked='data'</script>`, 'hostiledata0'],
] as const;

/** What must not be on a page, however it shows hostile text. */
const harmOf = (page: Page) =>
  page.evaluate((runbook) => {
    const addresses = [...document.querySelectorAll('[href], [src], [action], [formaction], [xlink\\:href]')].flatMap(
      (element) => [...element.attributes].filter(({ name }) => /href|src|action/.test(name)).map(({ value }) => value),
    );
    const isElsewhere = (address: string) => {
      const url = new URL(address, document.baseURI);
      const isAws = url.protocol === 'https:' && url.hostname.endsWith('.amazon.com');
      return url.origin !== location.origin && !isAws && address.split('#')[0] !== runbook;
    };
    const elements = 'body script, iframe, base, body style, form[action], img, object, embed';
    return [
      ...('hacked' in window ? ['a script ran'] : []),
      ...[...document.querySelectorAll(elements)].map(({ tagName }) => tagName),
      ...[...document.querySelectorAll('*')].flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on')),
      ),
      ...addresses.filter(isElsewhere),
      ...(getComputedStyle(document.body).display === 'none' ? ['the body is hidden'] : []),
    ];
  }, RUNBOOK_URL);

describeInBrowser('hostile text in place of every text of a record', () => {
  const models = HOSTILE.flatMap(([text, id]) => (IDLE === undefined ? [] : [hostileModel(IDLE, id, text)]));
  const { open, records } = dashboardInBrowser(
    (samples) => {
      const [failed, running] = ['Failed', 'InProgress'].map((status) =>
        samples.find((each) => each.status === status),
      );
      if (failed === undefined || running === undefined) throw new Error('The sample has no such job.');
      return [
        ...samples.slice(0, 20),
        ...HOSTILE.flatMap(([text, id]) => [
          hostile(failed, { id, text, kept: ['status'] }),
          hostile(running, { id: `r${id.slice(1)}`, text, kept: ['status'] }),
          // Statuses are open, and a writer of the table can put any text in place of a time.
          hostile(failed, { id: `o${id.slice(1)}`, text, times: true }),
        ]),
      ];
    },
    { models },
  );

  test.each(HOSTILE.map(([text]) => text))('shows as text and does nothing: %j', async (text) => {
    const arns = records.filter(({ job_name }) => job_name === text).map(({ job_arn }) => job_arn);
    expect(arns).toHaveLength(3);
    const filters = { search: text, tag: text, baseModel: text, customizationType: text };
    // The server may refuse invalid addresses and times, in words.
    const page = await open('/', { mayFail: ['/loss', '/api/jobs', encodeURIComponent(text).slice(0, 20)] });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    for (const address of [
      '/',
      '/jobs',
      ...arns.map(jobPath),
      comparePath(arns),
      `/models?${new URLSearchParams({ search: text, show: text }).toString()}`,
      ...models.filter(({ model_name: name }) => name === text).map(({ model_arn: arn }) => modelPath(arn)),
      `/runs?${new URLSearchParams([['group', 'data'], ['chart', 'parallel'], ...RUN_COLUMNS.map((name) => ['column', name])]).toString()}`,
      jobPath(text),
      `/jobs?${new URLSearchParams(filters).toString()}`,
    ]) {
      await page.goto(new URL(address, page.url()).href);
      await page.locator('.page').waitFor();
      await page.locator('.skeleton').waitFor({ state: 'detached' });
      if (!address.startsWith('/jobs?')) {
        await page.waitForFunction(
          (part) => document.body.innerText.replaceAll(/\s+/g, ' ').includes(part),
          text.slice(0, 24),
        );
      }
      // Opens what is folded, such as the record.
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect({ address, harm: await harmOf(page), dialogs }).toEqual({ address, harm: [], dialogs: [] });
    }
  });
});
