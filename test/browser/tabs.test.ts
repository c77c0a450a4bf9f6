import { afterAll, beforeAll, expect, test } from '@jest/globals';
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { jobPath } from '../../lib/dashboard/web/logic/addresses.ts';
import { dashboardInBrowser, describeInBrowser, NO_LOSSES } from '../support/browser.ts';
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
});
