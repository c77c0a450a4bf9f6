import { afterAll, beforeAll } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { inBrowser, type PageOptions } from '../browser.ts';
import { sampleRecords } from './records.ts';
import { startSampleDashboard, type SampleDashboard } from './sample-dashboard.ts';

export interface DashboardInBrowser {
  /** What the table held at first, newest first. */
  readonly records: readonly JobRecord[];
  /** The newest job of that status whose name begins so. */
  readonly job: (status: string, project?: string, number?: number) => JobRecord;
  readonly dashboard: () => SampleDashboard;
  readonly url: () => string;
  /** Opens a page of the dashboard, and waits until it hears of changes. */
  readonly open: (path: string, options?: PageOptions) => Promise<Page>;
}

/** The dashboard on a sample of jobs and a browser to look at it, for the tests of a file. */
export const dashboardInBrowser = (
  change: (records: JobRecord[]) => JobRecord[] = (records) => records,
  options: { readonly readOnly?: boolean } = {},
): DashboardInBrowser => {
  const browser = inBrowser();
  const records = change(sampleRecords(Date.now()));
  let dashboard: SampleDashboard | undefined;
  const running = (): SampleDashboard => {
    if (dashboard === undefined) throw new Error('The dashboard did not start.');
    return dashboard;
  };
  beforeAll(async () => {
    dashboard = await startSampleDashboard(records, { ...options, assetsDir: browser.assetsDir() });
  });
  afterAll(() => dashboard?.close());
  return {
    records,
    job: (status, project = '', number = 0) => {
      const found = records.filter((job) => job.status === status && job.job_name?.startsWith(project) === true)[
        number
      ];
      if (found === undefined) throw new Error(`The sample has no ${status} job ${project}.`);
      return found;
    },
    dashboard: running,
    url: () => running().url,
    open: async (path, pageOptions) => {
      const page = await browser.open(running().url + path, pageOptions);
      await page.locator('.live-live').waitFor();
      return page;
    },
  };
};
