import { createJobsClient } from '../../lib/client/jobs-client.ts';
import type { JobsClient, ReadCost } from '../../lib/client/requests.ts';
import { DAY } from '../../lib/domain/time.ts';
import { startEmbeddedTables } from '../../test/support/embedded-tables.ts';
import {
  loadTable,
  MANY_MODELS,
  MANY_SCOPES,
  MANY_SINCE,
  MANY_STEP_MS,
  manyJob,
  withMarks,
} from '../../test/support/integration/jobs.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';

/** More requests or read units than this, from the middle table to the largest, would be growth. */
const GROWTH = 1.25;
/** A page that a small table does not fill costs less there: the cost of a full one is the measure. */
const FLOOR_UNITS = 1.5;
const BATCH = 10_000;

const newestOf = (size: number): number => MANY_SINCE + size * MANY_STEP_MS;
const daysBefore = (size: number, days: number): Date => new Date(newestOf(size) - days * DAY);

/** A completed job in the middle of the history: neither the newest nor the oldest is what people look up. */
const completedJob = (size: number) => {
  for (let n = Math.floor(size / 2); n < size; n += 1) {
    const { job } = manyJob(n);
    if (job.outputModelArn !== undefined && n % 101 !== 0 && n % 103 !== 0) return { ...job, made: job.outputModelArn };
  }
  throw new Error(`None of ${size} jobs is completed.`);
};

const [{ accountId: account, region }] = MANY_SCOPES;
const weekOfLastYear = (size: number) => {
  const from = Math.max(MANY_SINCE, newestOf(size) - 365 * DAY);
  return { createdAfter: new Date(from), createdBefore: new Date(from + 7 * DAY) };
};

/** The questions of docs/querying.md, a page of 100 jobs each. The size of the table says where its newest jobs are. */
const PATTERNS: Readonly<Record<string, (client: JobsClient, size: number) => Promise<ReadCost>>> = {
  'a job by ARN': (client, size) => client.getJob(completedJob(size).jobArn),
  'a job by name': (client, size) => client.getJob(completedJob(size).jobName),
  'a job by id': (client, size) => client.getJob(completedJob(size).jobArn.split('/').at(-1) ?? ''),
  'the job that made a model': (client, size) => client.jobThatMade(completedJob(size).made),
  'the newest jobs of one scope': (client) => client.listJobs({ account, region }),
  'the newest jobs of three scopes': (client) => client.listJobs({}),
  'jobs of one week, a year ago': (client, size) => client.listJobs(weekOfLastYear(size)),
  'active jobs': (client) => client.listJobs({ active: true }),
  'failed jobs': (client) => client.listJobs({ status: 'Failed' }),
  'jobs changed in the last day': (client, size) => client.listJobs({ modifiedAfter: daysBefore(size, 1) }),
  'jobs of a base model': (client) => client.listJobs({ baseModel: MANY_MODELS[0] }),
  'failed jobs with a tag': (client) => client.listJobs({ status: 'Failed', tag: { key: 'team', value: 'ads' } }),
  'a search without a match': (client) => client.listJobs({ nameContains: 'no job is called this' }),
  // The newest of many jobs are of the future.
  'sums over 7 days': (client, size) =>
    client.summarize({ createdAfter: daysBefore(size, 7), createdBefore: daysBefore(size, 0) }),
};

const grows = (costs: readonly ReadCost[], of: 'requests' | 'readUnits'): boolean => {
  const [middle, largest] = costs.slice(-2);
  return largest !== undefined && largest[of] > Math.max((middle?.[of] ?? 0) * GROWTH, FLOOR_UNITS);
};

const costResult = (what: string, costs: readonly ReadCost[]): Result => {
  const each = (of: keyof ReadCost): string => costs.map((cost) => formatNumber(cost[of])).join(' / ');
  return { what, measured: `${each('readUnits')} read units` };
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const sizes = quick ? [100, 200, 400] : [1_000, 10_000, 100_000];
  const tables = await startEmbeddedTables();
  const client = createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: MANY_SCOPES });
  const costs = new Map(Object.keys(PATTERNS).map((name) => [name, [] as ReadCost[]]));
  let loaded = 0;
  for (const size of sizes) {
    for (; loaded < size; loaded = Math.min(size, loaded + BATCH)) {
      const from = loaded;
      const jobs = Array.from({ length: Math.min(BATCH, size - from) }, (_, n) => manyJob(from + n));
      await loadTable(tables, jobs, (record, n) => withMarks(record, from + n));
    }
    say(`${size} records loaded`);
    for (const [name, read] of Object.entries(PATTERNS)) costs.get(name)?.push(await read(client, size));
  }
  await tables.close();
  const growing = [...costs].filter(([, found]) => grows(found, 'requests') || grows(found, 'readUnits'));
  return [
    {
      what: 'Access patterns whose requests or read units grow with the table',
      target: '0',
      measured: `${growing.length} of ${costs.size}${growing.map(([name]) => `, ${name}`).join('')}`,
      met: growing.length === 0,
    },
    ...['a job by name', 'the newest jobs of three scopes', 'a search without a match'].map((name) =>
      costResult(`A page of 100: ${name}`, costs.get(name) ?? []),
    ),
  ];
};

export const section: Section = {
  title: 'Queries',
  text: 'The typed client against dynalite over 1,000, 10,000 and 100,000 jobs of three scopes and four models. Dynalite counts read units as DynamoDB does, but without projection lookups. "Grow" means more than 1.25 times from 10,000 to 100,000 records. A search without a match stops at 250 read units and returns a cursor.',
  measure,
};
