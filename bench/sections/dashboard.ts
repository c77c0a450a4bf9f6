import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Browser } from 'playwright-core';
import { createJobsClient } from '../../lib/client/jobs-client.ts';
import { builtAssets } from '../../lib/dashboard/server/assets.ts';
import { serveDashboard } from '../../lib/dashboard/server/create-dashboard.ts';
import { recordReader } from '../../lib/dashboard/server/on-aws.ts';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import { dashboardDependencies } from '../../test/support/dashboard-server.ts';
import { loadTable } from '../../test/support/integration/jobs.ts';
import { launchBrowser } from '../../test/support/launch-browser.ts';
import { HISTORY_SCOPE, historyJobs } from '../support/history.ts';
import { startDynamoDb } from '../support/dynamodb.ts';
import { formatNumber, median, type MeasureOptions, type Result, type Section } from '../section.ts';

const BATCH = 10_000;
const TARGET_MS = 1_000;
const LOAD_ALL_TIMEOUT_MS = 600_000;
/** What people open: all runs, a group of them, and the runs of one of forty data sets. */
const PAGES: Readonly<Record<string, string>> = {
  'all runs': '/runs',
  'runs grouped by data set, sorted by loss, with a chart': '/runs?group=data&sort=training_loss&chart=scatter',
  'runs of a data set': '/runs?data=s3%3A%2F%2Facme-training%2F7.jsonl',
};

/** Milliseconds from the request of a page to its first row, without a cache. */
const firstRow = async (browser: Browser, address: string): Promise<number> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  await page.locator('.runs [data-arn]').first().waitFor();
  const ms = performance.now() - began;
  await context.close();
  return ms;
};

/** Loads all runs, then sorts them: milliseconds of each. */
const loadAndSort = async (browser: Browser, url: string, size: number): Promise<readonly [number, number]> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  page.setDefaultTimeout(LOAD_ALL_TIMEOUT_MS);
  await page.goto(`${url}/runs`);
  const began = performance.now();
  await page.getByRole('button', { name: 'Load all' }).click();
  await page.getByText(`${size.toLocaleString('en')} runs.`).waitFor();
  const loaded = performance.now();
  await page.getByRole('columnheader', { name: 'Training loss' }).getByRole('button').click();
  await page.locator('[aria-sort=ascending]').waitFor();
  const sorted = performance.now();
  await page.close();
  return [loaded - began, sorted - loaded];
};

/** DynamoDB is another machine: dynalite gets a process of its own. */
const startTables = async () => {
  const { url, close } = await startDynamoDb();
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: url }), {
    marshallOptions: MARSHALL_OPTIONS,
  });
  return { client, jobsTable: 'jobs', close };
};

const startDashboard = async (size: number, say: MeasureOptions['say']) => {
  const tables = await startTables();
  const until = Date.now();
  for (let from = 0; from < size; from += BATCH) {
    await loadTable(tables, [...historyJobs(Math.min(size, from + BATCH), { until }, from)]);
    say(`${Math.min(size, from + BATCH)} records loaded`);
  }
  const deps = dashboardDependencies({
    jobs: createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: [HISTORY_SCOPE] }),
    scopes: [HISTORY_SCOPE],
    readRecords: recordReader(tables.client, tables.jobsTable),
    assetsDir: builtAssets(),
    // No polls come between.
    updateInterval: 600_000,
  });
  const server = await serveDashboard(deps, { port: 0, asked: false });
  return {
    url: `http://127.0.0.1:${server.port}`,
    close: async () => {
      await server.close();
      tables.close();
    },
  };
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const [size, rounds] = quick ? [400, 2] : [100_000, 15];
  const dashboard = await startDashboard(size, say);
  const browser = await launchBrowser();
  const results: Result[] = [];
  // The first page of a new browser compiles everything.
  await firstRow(browser, `${dashboard.url}/runs`);
  for (const [name, path] of Object.entries(PAGES)) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push(await firstRow(browser, dashboard.url + path));
      await sleep(100);
    }
    const [middle, worst] = [median(times), Math.max(...times)];
    results.push({
      what: `First row, ${formatNumber(size)} records: ${name}`,
      target: `≤ ${formatNumber(TARGET_MS)} ms`,
      measured: `${formatNumber(middle)} ms (slowest of ${rounds}: ${formatNumber(worst)})`,
      met: middle <= TARGET_MS,
    });
  }
  const [load, sort] = await loadAndSort(browser, dashboard.url, size);
  await browser.close();
  await dashboard.close();
  return [
    ...results,
    { what: `All ${formatNumber(size)} runs loaded in the page`, measured: `${formatNumber(load / 1000)} s` },
    { what: 'These sorted by loss, and drawn', measured: `${formatNumber(sort)} ms` },
  ];
};

export const section: Section = {
  title: 'Dashboard',
  text: 'The runs page in headless Chromium with an empty cache, from the request of the page to its first row. The table is dynalite in a process of its own. The first answer has the newest 50 jobs, the second 200 more; order, groups and best values are among what is loaded, which the page says.',
  measure,
};
