import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import { startEmbeddedTables } from '../../../test/support/embedded-tables.ts';
import { loadTable } from '../../../test/support/integration/load-table.ts';
import { MANY_SCOPES, manyJob, withMarks } from '../../../test/support/integration/many-jobs.ts';
import type { Cell, Measurements, MeasureOptions, Section } from '../../section.ts';
import { formatNumber, formatSpread } from '../../statistics.ts';
import { PATTERNS, type Pattern } from './patterns.ts';

interface Page {
  readonly requests: number;
  readonly readUnits: number;
  readonly times: readonly number[];
}

/** More requests or read units than this, from the smallest table to the largest, would be growth. */
const GROWTH = 1.25;
/** A page that a small table does not fill costs less there: what a full one costs is the measure. */
const FLOOR_UNITS = 1.5;
const BATCH = 10_000;

const pageOf = async ({ read }: Pattern, client: JobsClient, size: number, rounds: number): Promise<Page> => {
  const times: number[] = [];
  let cost = await read(client, size);
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    cost = await read(client, size);
    times.push(performance.now() - started);
  }
  return { requests: cost.requests, readUnits: cost.readUnits, times };
};

const grows = (pages: readonly Page[], of: 'requests' | 'readUnits'): boolean => {
  const [, middle, largest] = pages;
  if (middle === undefined || largest === undefined) return false;
  return largest[of] > Math.max(middle[of] * GROWTH, FLOOR_UNITS);
};

const rowOf = ({ name, index }: Pattern, pages: readonly Page[]): readonly Cell[] => [
  name,
  index,
  pages.map(({ requests }) => requests).join(' / '),
  pages.map(({ readUnits }) => formatNumber(readUnits)).join(' / '),
  ...pages.map(({ times }) => formatSpread(times)),
];

const measure = async ({ quick, say }: MeasureOptions): Promise<Measurements> => {
  const sizes = quick ? [100, 200, 400] : [1_000, 10_000, 100_000];
  const rounds = quick ? 2 : 15;
  const tables = await startEmbeddedTables();
  const client = createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: MANY_SCOPES });
  const pages = PATTERNS.map((): Page[] => []);
  let loaded = 0;
  for (const size of sizes) {
    for (; loaded < size; loaded = Math.min(size, loaded + BATCH)) {
      const from = loaded;
      const jobs = Array.from({ length: Math.min(BATCH, size - from) }, (_, n) => manyJob(from + n));
      await loadTable(tables, jobs, (record, n) => withMarks(record, from + n));
    }
    say(`${size} records loaded`);
    for (const [number, pattern] of PATTERNS.entries()) {
      pages[number]?.push(await pageOf(pattern, client, size, rounds));
    }
  }
  await tables.close();
  const growing = PATTERNS.filter((_, n) => grows(pages[n] ?? [], 'requests') || grows(pages[n] ?? [], 'readUnits'));
  const columns = ['', 'index', 'requests', 'read units', ...sizes.map((size) => `ms at ${formatNumber(size)}`)];
  return {
    targets: [
      {
        what: 'Access patterns whose requests or read units grow with the table',
        target: '0',
        measured: growing.length === 0 ? `0 of ${PATTERNS.length}` : growing.map(({ name }) => name).join(', '),
        met: growing.length === 0,
      },
    ],
    tables: [
      {
        title: `One page of 100 jobs, of ${sizes.map(formatNumber).join(' / ')} records`,
        columns,
        rows: PATTERNS.map((pattern, number) => rowOf(pattern, pages[number] ?? [])),
        note: 'Requests and read units stand for the three sizes in turn. "Grow" means: at the largest size more than 1.25 times what they are at the middle one; at the smallest, few jobs match and many pages are not full. One search whose filter no job meets stops by itself at 250 read units and hands out a cursor.',
      },
    ],
  };
};

export const section: Section = {
  title: 'Queries',
  method:
    'The typed client against dynalite in memory, in one process, over jobs of three scopes and four models that were created 13 minutes apart; about 3% are active. Read units are those that dynalite reports, which counts as DynamoDB does but bills no projection lookups. Times are of this machine and of dynalite, not of DynamoDB: they show whether anything grows.',
  measure,
};
