import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobsClient, JobsPage, JobSummary, ListJobsRequest } from '../../../lib/client/requests.ts';
import { JOBS_TABLE } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { loadTable, MANY_MODELS, MANY_SCOPES, manyJob, withMarks } from '../../support/integration/jobs.ts';
import { plainSummary } from './plain-summary.ts';
import { DAY } from '../../../lib/domain/time.ts';

jest.setTimeout(180_000);

const JOBS = 10_000;
/** What reading the index `by-scope` as a whole costs, and the table more: the bounds below are far from both. */
const SCAN_UNITS = 800;
const [EAST, WEST] = MANY_SCOPES;
const AT_EAST = { account: EAST.accountId, region: EAST.region };
const [NOVA] = MANY_MODELS;
const NOVA_EAST = `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`;
const MARCH = { createdAfter: '2026-03-01T00:00:00Z', createdBefore: '2026-03-02T00:00:00Z' };

let tables: EmbeddedTables;
let records: readonly JobRecord[];
let jobs: JobsClient;

beforeAll(async () => {
  tables = await startEmbeddedTables();
  const all = Array.from({ length: JOBS }, (_, n) => manyJob(n));
  records = await loadTable(tables, all, withMarks);
  jobs = createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: MANY_SCOPES });
});
afterAll(() => tables.close());

/** All pages of a request. */
const pagesOf = async (client: JobsClient, request: ListJobsRequest): Promise<JobsPage[]> => {
  const pages: JobsPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listJobs({ ...request, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page);
    cursor = page.cursor;
  } while (cursor !== undefined && pages.length < 1_000);
  return pages;
};

const arnsOf = (all: readonly Pick<JobSummary, 'job_arn'>[]) => all.map((job) => job.job_arn).sort();
const expectOrder = (all: readonly JobSummary[], attribute: 'creation_time' | 'last_modified_time', newest = true) => {
  const times = all.map((job) => job[attribute] ?? '');
  expect(times).toEqual([...times].sort((a, b) => (newest ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0)));
};

const isActive = (job: JobRecord) => job.active_scope !== undefined;
const isEast = (job: JobRecord) => job.scope.endsWith('3#us-east-1');
const isNova = (job: JobRecord) => job.base_model_arn?.endsWith(NOVA) === true;
const inMarch = ({ creation_time: time = '' }: JobRecord) => time >= '2026-03-01' && time < '2026-03-02';
const isIn =
  (...statuses: string[]) =>
  (job: JobRecord) =>
    statuses.includes(job.status ?? '');
const all =
  (...tests: ((job: JobRecord) => boolean)[]) =>
  (job: JobRecord) =>
    tests.every((test) => test(job));
const DISTILLED = { customizationType: 'DISTILLATION', tag: { key: 'team', value: 'ads' }, status: 'Completed' };
const isDistilled = (job: JobRecord) => job.customization_type === 'DISTILLATION' && job.tags['team'] === 'ads';
const SUMMARIES = { tag: [{ key: 'cost center', value: '3' }, { key: 'team' }], nameContains: 'summ' };
const isSummary = (job: JobRecord) => job.tags['cost center'] === '3' && job.job_name?.includes('summ') === true;
const makesModel65 = ({ output_model_name }: JobRecord) => output_model_name?.includes('model-65') === true;
const LATE = '2026-03-30';
const isLate = ({ last_modified_time: time = '', status }: JobRecord) => time >= LATE && status !== 'Paused';

/** A request, the index that answers it, the units that a page of 100 may cost, and the jobs that it means. */
const PATTERNS: readonly (readonly [ListJobsRequest, index: string, units: number, (job: JobRecord) => boolean])[] = [
  [{ ...AT_EAST, ...MARCH }, 'by-scope', 4, all(isEast, inMarch)],
  [MARCH, 'by-scope', 10, inMarch],
  [{ region: WEST.region, ...MARCH }, 'by-scope', 2.5, all(({ region }) => region === WEST.region, inMarch)],
  [{ active: true }, 'active', 9.5, isActive],
  [{ active: true, ...AT_EAST }, 'active', 6, all(isActive, isEast)],
  [{ active: true, sortBy: 'last_modified_time' }, 'by-status', 9, all(isActive, (job) => job.status !== 'Paused')],
  [{ status: 'InProgress' }, 'by-status', 6, isIn('InProgress')],
  [{ status: ['Failed', 'Stopped'] }, 'by-status', 10, isIn('Failed', 'Stopped')],
  [{ status: 'Paused' }, 'by-status', 6, isIn('Paused')],
  [{ status: 'Failed', ...MARCH }, 'by-scope', 10, all(isIn('Failed'), inMarch)],
  [{ active: false, ...MARCH }, 'by-scope', 10, all((job) => !isActive(job), inMarch)],
  [{ modifiedAfter: `${LATE}T00:00:00Z` }, 'by-status', 12, isLate],
  [{ baseModel: NOVA_EAST }, 'by-base-model', 8, (job) => job.base_model_arn === NOVA_EAST],
  [{ baseModel: NOVA }, 'by-base-model', 12, isNova],
  [{ baseModel: NOVA, ...DISTILLED }, 'by-base-model', 190, all(isNova, isDistilled, isIn('Completed'))],
  [{ ...SUMMARIES, ...MARCH }, 'by-scope', 10, all(isSummary, inMarch)],
  [{ search: 'model-65', ...MARCH }, 'by-scope', 10, all(makesModel65, inMarch)],
];

describe('every access pattern, over 10,000 jobs', () => {
  it.each(PATTERNS)('%j by the index %s, at most %d units a page', async (request, index, units, meant) => {
    const expected = arnsOf(records.filter(meant));
    expect(expected.length).toBeGreaterThan(0);
    for (const order of ['newest', 'oldest'] as const) {
      const pages = await pagesOf(jobs, { ...request, order });
      const found = pages.flatMap((page) => page.jobs);
      expect(pages[0]).toMatchObject({
        index,
        sortedBy: index === 'by-status' ? 'last_modified_time' : 'creation_time',
      });
      // Each once, none lost.
      expect(arnsOf(found)).toEqual(expected);
      expectOrder(found, pages[0]?.sortedBy ?? 'creation_time', order === 'newest');
      expect(pages[0]?.readUnits).toBeGreaterThan(0);
      for (const page of pages) expect(page.readUnits).toBeLessThanOrEqual(units);
    }
  });

  it('reads the whole history by pages of any size, by cursors alone', async () => {
    const pages = await pagesOf(jobs, { limit: 1000 });
    expect(pages.length).toBeGreaterThanOrEqual(10);
    const found = pages.flatMap((page) => page.jobs);
    expect(arnsOf(found)).toEqual(arnsOf(records));
    expectOrder(found, 'creation_time');
  });

  it('iterates all jobs for what they cost: nothing is read twice', async () => {
    const all = jobs.iterateJobs();
    const found: JobSummary[] = [];
    let step = await all.next();
    for (; step.done !== true; step = await all.next()) found.push(step.value);
    expect(arnsOf(found)).toEqual(arnsOf(records));
    expectOrder(found, 'creation_time');
    expect(step.value.readUnits).toBeLessThan(SCAN_UNITS);
  });

  it('answers the same of a job from every index, as the record has it', async () => {
    const record = records.find((job) => isActive(job) && job.status === 'InProgress') as JobRecord;
    const of = async (request: ListJobsRequest) => {
      const pages = await pagesOf(jobs, { ...request, limit: 1000, nameContains: record.job_name ?? '' });
      return pages.flatMap((page) => page.jobs).find((job) => job.job_arn === record.job_arn);
    };
    const summary = Object.fromEntries(
      ['job_arn', ...JOBS_TABLE.projected]
        .filter((name) => name in record)
        .map((name) => [name, record[name as keyof JobRecord]]),
    );
    const time = record.creation_time ?? '';
    const around = { createdAfter: time, createdBefore: new Date(Date.parse(time) + 1) };
    for (const request of [
      around,
      { active: true },
      { status: 'InProgress' },
      { baseModel: NOVA },
      { baseModel: record.base_model_arn ?? '' },
    ]) {
      const found = await of(request);
      if (found !== undefined) expect(found).toEqual(summary);
      else expect(request).toEqual({ baseModel: NOVA });
    }
    const noScopes = createJobsClient(tables.client, { tableName: tables.jobsTable });
    const scanned = await pagesOf(noScopes, {
      allowScan: true,
      nameContains: record.job_name ?? '',
      maxReadUnits: 10_000,
      ...around,
    });
    expect(scanned.flatMap((page) => page.jobs)).toEqual([summary]);
  });
});

describe('what a call may cost', () => {
  it('is a few units for a page, whatever the history', async () => {
    const pages = await Promise.all([
      jobs.listJobs({ ...AT_EAST }),
      jobs.listJobs(),
      jobs.listJobs({ limit: 10 }),
      jobs.listJobs({ limit: 1, ...AT_EAST }),
    ]);
    const [one, all, ten, single] = pages.map(({ readUnits }) => readUnits);
    expect(one).toBeLessThanOrEqual(11);
    expect(all).toBeLessThanOrEqual(17);
    expect(ten).toBeLessThanOrEqual(3);
    expect(single).toBe(0.5);
  });

  it('stops where a filter finds little, and goes on from there', async () => {
    const request = { ...AT_EAST, nameContains: '-77', maxReadUnits: 20 };
    const pages = await pagesOf(jobs, request);
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) expect(page.readUnits).toBeLessThanOrEqual(25);
    const expected = records.filter((job) => job.scope.endsWith('3#us-east-1') && job.job_name?.includes('-77'));
    expect(arnsOf(pages.flatMap((page) => page.jobs))).toEqual(arnsOf(expected));
  });

  it('is that of the table for an allowed scan, which finds every job', async () => {
    const noScopes = createJobsClient(tables.client, { tableName: tables.jobsTable });
    const pages = await pagesOf(noScopes, {
      allowScan: true,
      active: true,
      sortBy: 'creation_time',
      maxReadUnits: 500,
    } as const);
    expect(arnsOf(pages.flatMap((page) => page.jobs))).toEqual(arnsOf(records.filter(isActive)));
    const cost = pages.reduce((sum, page) => sum + page.readUnits, 0);
    expect(pages[0]).toMatchObject({ index: 'table' });
    expect(cost).toBeGreaterThan(SCAN_UNITS);
  });
});

describe('single jobs', () => {
  it('are found by ARN, short ARN, id and name, each for a unit or two', async () => {
    const record = records[4321] as JobRecord;
    const { job_arn: arn, job_id: id, job_name: name = '' } = record;
    const short = `arn:aws:bedrock:${record.region}:${record.account_id}:model-customization-job/${id}`;
    const found = await Promise.all([arn, short, id, name].map((text) => jobs.getJob(text)));
    expect(found.map(({ job }) => job)).toEqual([record, record, record, record]);
    expect(found.map(({ readUnits }) => readUnits)).toEqual([1, 1.5, 1.5, 1.5]);
    expect(await jobs.getJob('nobody')).toMatchObject({ job: undefined });
    expect(await jobs.transitions(id)).toMatchObject({ transitions: record.transitions, folded: 0 });
  });

  it('are found by the model that they made', async () => {
    const record = records.find((job) => job.output_model_arn !== undefined) as JobRecord;
    expect(await jobs.jobThatMade(record.output_model_arn ?? '')).toEqual({ job: record, readUnits: 1.5, requests: 2 });
    const none = (record.output_model_arn ?? '').replace(/\w{4}$/, 'none');
    expect((await jobs.jobThatMade(none)).job).toBeUndefined();
  });

  it('are waited for', async () => {
    const record = records.find((job) => job.status === 'InProgress' && isActive(job)) as JobRecord;
    const { active_scope: _scope, ...rest } = record;
    const ended = { ...rest, status: 'Stopped', end_time: '2026-06-01T00:00:00.000Z', revision: 2 };
    const seen: (string | undefined)[] = [];
    const answer = jobs.waitForJob(record.job_name ?? '', {
      interval: 20,
      timeout: 60_000,
      onChange: ({ status }) => {
        seen.push(status);
        if (seen.length === 1) void tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: ended }));
      },
    });
    expect((await answer).job).toEqual(ended);
    expect(seen).toEqual(['InProgress', 'Stopped']);
    await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: record }));
  });
});

describe('a summary', () => {
  it('of a month is what a plain computation over its records says, and costs the month alone', async () => {
    const window = { createdAfter: '2026-02-10T12:00:00Z', createdBefore: '2026-03-12T12:00:00Z' };
    const { readUnits, requests, ...summary } = await jobs.summarize(window);
    expect(summary).toEqual(plainSummary(records, Date.parse(window.createdAfter), Date.parse(window.createdBefore)));
    expect(summary.jobs).toBe(3323);
    expect(summary.byDay).toHaveLength(31);
    expect(readUnits).toBeLessThanOrEqual(summary.jobs / 8);
    expect(requests).toBeLessThanOrEqual(12);
  });

  it('has 30 days by default, and filters', async () => {
    const now = Date.parse('2026-02-01T00:00:00Z');
    const client = createJobsClient(tables.client, {
      tableName: tables.jobsTable,
      scopes: MANY_SCOPES,
      clock: () => now,
    });
    const {
      readUnits: _units,
      requests: _requests,
      ...summary
    } = await client.summarize({ ...AT_EAST, baseModel: NOVA });
    const meant = records.filter((job) => job.scope.endsWith('3#us-east-1') && job.base_model_arn === NOVA_EAST);
    expect(summary).toEqual(plainSummary(meant, now - 30 * DAY, now));
    expect(summary.byModel.length).toBeGreaterThan(2);
  });
});
