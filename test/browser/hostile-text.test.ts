import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { comparePath, jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { describeInBrowser } from '../support/browser.ts';
import { dashboardInBrowser } from '../support/dashboard/dashboard-in-browser.ts';
import { hostile } from '../support/hostile.ts';

/** Runs in as many ways as one text can: out of an attribute, as an element, a handler, a frame, a style, a template. */
const MARKUP =
  `"'><img src=x onerror="window.hacked='img'"><script>window.hacked='script'</script><svg/onload="window.hacked='svg'">` +
  `<iframe srcdoc="<script>parent.hacked='frame'</script>"></iframe><a href="javascript:window.hacked='a'">b</a>` +
  `<style>body{display:none}</style><base href="https://evil.example/"><form action="https://evil.example">{{7*7}}\${7*7}`;
const SCRIPT_ADDRESS = `javascript:window.hacked='address'//`;
const DATA_ADDRESS = `data:text/html,<script>opener.hacked='data'</script>`;

const TEXTS = { markup: MARKUP, 'a script’s address': SCRIPT_ADDRESS, 'a data address': DATA_ADDRESS };
const IDS = { markup: 'hostilemarku', 'a script’s address': 'hostilescrip', 'a data address': 'hostiledata0' };

/** What must not be there however a page shows such texts. */
const harm = (page: Page, own: string) =>
  page.evaluate((origin) => {
    const addresses = [...document.querySelectorAll('[href], [src], [action], [formaction], [xlink\\:href]')].flatMap(
      (element) => [...element.attributes].filter(({ name }) => /href|src|action/.test(name)).map(({ value }) => value),
    );
    return {
      hacked: 'hacked' in window,
      elements: document.querySelectorAll('body script, iframe, base, body style, form[action], img, object, embed')
        .length,
      handlers: [...document.querySelectorAll('*')].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith('on')),
      ).length,
      elsewhere: addresses.filter((address) => {
        const url = new URL(address, document.baseURI);
        return url.origin !== origin && !(url.protocol === 'https:' && url.hostname.endsWith('.amazon.com'));
      }),
      hidden: getComputedStyle(document.body).display === 'none',
    };
  }, own);
const NONE = { hacked: false, elements: 0, handlers: 0, elsewhere: [], hidden: false };

const shown = async (page: Page): Promise<string> => (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');

describeInBrowser.each(Object.keys(TEXTS) as (keyof typeof TEXTS)[])(
  '%s in place of every text of a record',
  (kind) => {
    const text = TEXTS[kind];
    const id = IDS[kind];
    const { open, records, url } = dashboardInBrowser((samples) => {
      const failed = samples.find(({ status }) => status === 'Failed');
      const running = samples.find(({ status }) => status === 'InProgress');
      if (failed === undefined || running === undefined) throw new Error('The sample has no such job.');
      return [
        ...samples.slice(0, 20),
        hostile(failed, { id, text, kept: ['status'] }),
        hostile(running, { id: `r${id.slice(1)}`, text, kept: ['status'] }),
        // Statuses are open, and whoever may write the table can put anything in place of a time.
        hostile(failed, { id: `o${id.slice(1)}`, text, times: true }),
      ];
    });
    const arns = () => records.filter(({ job_name }) => job_name === text).map(({ job_arn }) => job_arn);

    describe('does nothing, and shows as text', () => {
      test.each([
        ['the overview', () => '/'],
        ['the list', () => '/jobs'],
        [
          'the list, searched and filtered by it',
          () =>
            `/jobs?${new URLSearchParams({ search: text, tag: text, baseModel: text, customizationType: text }).toString()}`,
        ],
        ['the page of a failed job', () => jobPath(arns()[0] ?? '')],
        ['the page of a running job', () => jobPath(arns()[1] ?? '')],
        ['the page of a job of no known status', () => jobPath(arns()[2] ?? '')],
        ['the comparison', () => comparePath(arns())],
        ['the page of a job that there is not', () => jobPath(text)],
      ])('on %s', async (what, path) => {
        expect(arns()).toHaveLength(3);
        // Text that is no address of a job, and times that are none, may be refused by the server: in words.
        const page = await open(path(), { mayFail: ['/loss', '/api/jobs', encodeURIComponent(text).slice(0, 20)] });
        const dialogs: string[] = [];
        page.on('dialog', (dialog) => {
          dialogs.push(dialog.message());
          void dialog.dismiss();
        });
        await page.locator('.skeleton').waitFor({ state: 'detached' });
        if (!what.includes('searched')) {
          await page.waitForFunction(
            (part) => document.body.innerText.replaceAll(/\s+/g, ' ').includes(part),
            text.slice(0, 24),
          );
        }
        // Whatever is folded is opened: the raw record among it.
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect({ ...(await harm(page, url())), dialogs }).toEqual({ ...NONE, dialogs: [] });
        expect((await shown(page)).length).toBeGreaterThan(20);
      });
    });
  },
);
