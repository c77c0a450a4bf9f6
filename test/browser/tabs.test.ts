import { afterAll, beforeAll, expect, test } from '@jest/globals';
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { axeViolations, dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';
import { eventually } from '../support/integration/suite.ts';

/** Streams of updates that the server has open. */
const openStreams = () => {
  const open = new Set<ServerResponse>();
  const count = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.url !== '/api/updates') return;
    open.add(response);
    response.once('close', () => open.delete(response));
  };
  beforeAll(() => diagnostics.subscribe('http.server.request.start', count));
  afterAll(() => void diagnostics.unsubscribe('http.server.request.start', count));
  return () => open.size;
};

/** Tells the page what browsers tell it, as a tab of a headless browser is always visible. */
const setHidden = async (tab: Page, hidden: boolean): Promise<void> => {
  await tab.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value });
    Object.defineProperty(document, 'hasFocus', { configurable: true, value: () => !value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
};
const show = (tab: Page) => setHidden(tab, false);
/** Hides it for long enough to rest. */
const hide = async (tab: Page): Promise<void> => {
  await tab.clock.install();
  await setHidden(tab, true);
  await tab.clock.fastForward('01:00');
  await tab.clock.resume();
};

describeInBrowser('many tabs of one browser', () => {
  const { open, job, dashboard } = dashboardInBrowser();
  const streams = openStreams();
  const running = job('InProgress', 'support-triage');
  const PATHS = ['/', '/jobs', jobPath(running.job_arn), '/jobs?active=true'];

  const openTabs = async (count: number): Promise<Page[]> => {
    const tabs: Page[] = [];
    for (let n = 0; n < count; n += 1) {
      tabs.push(await open(PATHS[n % PATHS.length] ?? '/', { ...NO_LOSSES, beside: tabs[0] }));
    }
    return tabs;
  };
  let changes = 0;
  const change = async () => {
    changes += 1;
    const job_name = `renamed-${changes}`;
    await dashboard().change(running.job_arn, { job_name, last_modified_time: new Date().toISOString() });
    return job_name;
  };
  const allShow = async (tabs: readonly Page[], name: string) => {
    await Promise.all(tabs.map((tab) => tab.getByText(name).first().waitFor()));
  };

  test('eight load, see each change, and share one stream', async () => {
    const tabs = await openTabs(8);
    expect(streams()).toBe(1);
    await allShow(tabs, await change());
    expect(streams()).toBe(1);
  });

  test.each([
    ['is closed', (tab: Page) => tab.close()],
    [
      'crashes',
      async (tab: Page) => {
        const session = await tab.context().newCDPSession(tab);
        const crashed = tab.waitForEvent('crash');
        void session.send('Page.crash').catch(() => undefined);
        await crashed;
      },
    ],
  ])('the next tab takes over when the connected one %s', async (_what, end) => {
    const [first, ...others] = await openTabs(4);
    if (first === undefined) throw new Error('No tab.');
    await end(first);
    await eventually(() => expect(streams()).toBe(1));
    await allShow(others, await change());
  });

  test('a tab takes the connection from one that hangs', async () => {
    const hanging = await open('/jobs');
    const session = await hanging.context().newCDPSession(hanging);
    await session.send('Debugger.enable');
    const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
    void session.send('Runtime.evaluate', { expression: 'debugger' });
    await paused;
    const tab = await open('/jobs', { beside: hanging });
    await allShow([tab], await change());
    await session.send('Debugger.resume');
    await allShow([hanging, tab], await change());
    await eventually(() => expect(streams()).toBe(1));
  });

  test('hidden ones rest, and catch up when they are shown', async () => {
    const [first, second] = await openTabs(2);
    if (first === undefined || second === undefined) throw new Error('No tab.');
    await hide(first);
    // The other one took over.
    await eventually(() => expect(streams()).toBe(1));
    await hide(second);
    await eventually(() => expect(streams()).toBe(0));
    const name = await change();
    expect(await first.getByText(name).count()).toBe(0);
    await show(first);
    await allShow([first], name);
    await eventually(() => expect(streams()).toBe(1));
    expect(await second.getByText(name).count()).toBe(0);
    await show(second);
    await allShow([second], name);
  });

  test('one that is shown again soon stays connected, and catches up', async () => {
    const [first, second] = await openTabs(2);
    if (first === undefined || second === undefined) throw new Error('No tab.');
    await setHidden(first, true);
    const name = await change();
    await allShow([second], name);
    expect(await first.getByText(name).count()).toBe(0);
    await show(first);
    await allShow([first], name);
  });

  test('have a stream each while they are visible, where the browser has no locks', async () => {
    const first = await open('/jobs');
    await first.context().addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'));
    await first.reload();
    const second = await open(jobPath(running.job_arn), { ...NO_LOSSES, beside: first });
    await eventually(() => expect(streams()).toBe(2));
    await allShow([first, second], await change());
    // A hidden tab would need a stream of its own to hear of the end.
    expect(await second.getByRole('button', { name: 'Notify me' }).count()).toBe(0);
    await hide(first);
    await eventually(() => expect(streams()).toBe(1));
    const name = await change();
    await show(first);
    await allShow([first, second], name);
  });
});

/** Headless browsers show no notifications: gives the titles of those that pages ask for. The person answers as told. */
const fakeNotifications = async (page: Page, answer: NotificationPermission): Promise<string[]> => {
  const told: string[] = [];
  await page.context().exposeFunction('tellTest', (title: string) => void told.push(title));
  await page.context().addInitScript((permission) => {
    class FakeNotification extends EventTarget {
      static get permission() {
        return localStorage.getItem('answered') ?? 'default';
      }
      static requestPermission() {
        localStorage.setItem('answered', permission);
        return Promise.resolve(permission);
      }
      constructor(title: string) {
        super();
        (window as unknown as { tellTest: (title: string) => void }).tellTest(title);
      }
    }
    Object.defineProperty(window, 'Notification', { value: FakeNotification });
  }, answer);
  await page.reload();
  return told;
};

describeInBrowser('a followed job', () => {
  const { open, job, dashboard } = dashboardInBrowser();
  const streams = openStreams();
  const end = (arn: string, status: string) => {
    const now = new Date().toISOString();
    return dashboard().change(arn, { status, end_time: now, last_modified_time: now });
  };
  const button = (page: Page) => page.getByRole('button', { name: 'Notify me' });
  const title = (page: Page, start: string) =>
    eventually(async () => expect((await page.title()).slice(0, start.length)).toBe(start));

  test('that ends while all tabs are hidden is told once, and in the title of each tab until it is seen', async () => {
    const { job_arn, job_name = '' } = job('InProgress', 'support-triage');
    const first = await open(jobPath(job_arn), NO_LOSSES);
    const told = await fakeNotifications(first, 'granted');
    await button(first).click();
    await first.reload();
    await eventually(async () => expect(await button(first).getAttribute('aria-pressed')).toBe('true'));
    const second = await open('/jobs', { beside: first });
    for (const tab of [first, second]) await hide(tab);
    expect(streams()).toBe(1);
    await end(job_arn, 'Completed');
    for (const tab of [first, second]) await title(tab, `✓ Completed: ${job_name} · `);
    expect(told).toEqual([`Completed: ${job_name}`]);
    // Nobody waits for anything now.
    await second.clock.fastForward('01:00');
    await first.clock.fastForward('01:00');
    await eventually(() => expect(streams()).toBe(0));
    await show(second);
    await second.getByRole('status').getByText(`Completed: ${job_name}`).waitFor();
    await second.getByRole('button', { name: `Dismiss: ${job_name}` }).click();
    await title(second, 'Jobs · ');
    await title(first, `${job_name} · `);
  });

  test('that ended while no tab was open is told by the next one', async () => {
    const { job_arn, job_name = '' } = job('InProgress', 'invoice-extraction');
    const first = await open(jobPath(job_arn), NO_LOSSES);
    const told = await fakeNotifications(first, 'granted');
    await button(first).click();
    await first.goto('about:blank');
    await end(job_arn, 'Failed');
    const next = await open('/', { ...NO_LOSSES, beside: first });
    await title(next, `✗ Failed: ${job_name} · `);
    expect(told).toEqual([`Failed: ${job_name}`]);
    expect(await axeViolations(next)).toEqual([]);
    // Looking at the job's page is seeing it.
    await next.getByRole('status').getByRole('link', { name: job_name }).click();
    await title(next, `${job_name} · `);
  });

  test('is told in the title alone where the person refuses notifications', async () => {
    const { job_arn, job_name = '' } = job('InProgress', 'clinical-notes');
    const page = await open(jobPath(job_arn), NO_LOSSES);
    const told = await fakeNotifications(page, 'denied');
    await button(page).click();
    await page.getByText('Notifications are blocked. The tab’s title will tell.').waitFor();
    const other = await open('/jobs', { beside: page });
    await hide(page);
    await end(job_arn, 'Stopped');
    await title(other, `■ Stopped: ${job_name} · `);
    expect(told).toEqual([]);
  });
});
