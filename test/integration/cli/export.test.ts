import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import {
  ENTRY,
  environmentOf,
  runCommand,
  startCommand,
  type CommandResult,
} from '../../support/integration/command.ts';
import { eventually } from '../../support/integration/suite.ts';
import {
  type Around,
  dynamoDbOperation,
  type HttpAnswer,
  jsonAnswer,
  type Proxy,
  startProxy,
} from '../../support/integration/http.ts';
import { activeJob, arnOf, finishedJob, loadTable } from '../../support/integration/jobs.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

// Each test starts a process or two, on a machine that may have other things to do.
jest.setTimeout(60_000);

const FINISHED = 1_030;
const OTHER_SCOPE = '210987654321#eu-west-1';

let tables: EmbeddedTables;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
  tables = await startEmbeddedTables();
  await loadTable(tables, [
    ...Array.from({ length: FINISHED }, (_, number) => finishedJob(number)),
    { ...finishedJob(2_000, { jobName: '=HYPERLINK("http://x")' }), tags: { team: 'größer', a: '1' } },
    activeJob(3_000),
    finishedJob(4_000, { jobArn: arnOf('4000', '210987654321', 'eu-west-1') }),
  ]);
});
afterAll(async () => {
  await tables.close();
  rmSync(folder, { recursive: true });
});

const run = (...argv: string[]): Promise<CommandResult> => runCommand(['export', ...argv], environmentOf(tables));
const at = (name: string): string => join(folder, name);
const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('bedrock-jobs export', () => {
  it('says what to do where the jobs of a CSV cannot be kept, which chosen columns do not need', async () => {
    const env = { ...environmentOf(tables), TMPDIR: '/dev/null' };
    const { code, stderr } = await runCommand(['export', '--format', 'csv'], env);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/in a temporary file: ENOTDIR.* Set TMPDIR to a folder with room, or choose --columns\./),
    ]);
    expect((await runCommand(['export', '--columns', 'name'], env)).code).toBe(0);
  });

  it('writes every job of the tracked scopes to standard output, newest first, records entire', async () => {
    const { code, stdout, stderr } = await run();
    const records = linesOf(stdout);
    expect(records).toHaveLength(FINISHED + 2);
    const times = records.map((record) => String(record['creation_time']));
    expect(times).toEqual([...times].sort().reverse());
    const jobArn = arnOf('7');
    const { Item } = await tables.client.send(
      new GetCommand({ TableName: tables.jobsTable, Key: { job_arn: jobArn } }),
    );
    expect(Item).toHaveProperty('transitions');
    expect(records.find((record) => record['job_arn'] === jobArn)).toEqual(Item);
    expect(stderr).toMatch(/^1,032 jobs in \d+(\.\d)? s, [\d,.]+ read units → standard output\n$/);
    expect(code).toBe(0);
  });

  it('writes a spreadsheet that holds no formulas, by the name of the file', async () => {
    const { code, stdout, stderr } = await run('--output', at('jobs.csv'), '--name-contains', 'HYPER');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^1 job in .* → .*jobs\.csv\n$/);
    const text = readFileSync(at('jobs.csv'), 'utf8');
    expect(text.startsWith('\ufeffname,status,model,')).toBe(true);
    const [row] = parse<Record<string, string>>(text, { columns: true, bom: true });
    expect(row).toMatchObject({
      ...{ name: `'=HYPERLINK("http://x")`, 'tag.a': '1', 'tag.team': 'größer', status: 'Completed' },
      ...{ duration_s: '60', arn: arnOf('2000') },
    });
    expect(row).not.toHaveProperty('revision');
    expect(existsSync(`${at('jobs.csv')}.partial`)).toBe(false);
  });

  it('writes CSV for programs to a pipe, and text as it is where raw is asked for', async () => {
    const { stdout } = await run('--format', 'csv', '--name-contains', 'HYPER', '--raw', '--tags', 'map');
    const [row] = parse<Record<string, string>>(stdout, { columns: true });
    expect(row).toMatchObject({ job_name: '=HYPERLINK("http://x")', tags: '{"team":"größer","a":"1"}' });
  });

  it('writes the attributes of a record to CSV where they are asked for', async () => {
    const { stdout } = await run('--format', 'csv', '--name-contains', 'HYPER', '--no-flat');
    const [row] = parse<Record<string, string>>(stdout, { columns: true });
    expect(row).toMatchObject({ job_arn: arnOf('2000'), tags: 'a:1,team:größer', revision: '1' });
  });

  it('writes chosen columns', async () => {
    const { stdout } = await run('--columns', 'name,tag.team,epochCount', '--name-contains', 'HYPER');
    expect(parse(stdout)).toEqual([
      ['name', 'tag.team', 'hp.epochCount'],
      [`'=HYPERLINK("http://x")`, 'größer', expect.stringMatching(/^\d*$/) as unknown],
    ]);
  });

  it('writes Parquet that reads back', async () => {
    const { code } = await run('--output', at('jobs.parquet'));
    expect(code).toBe(0);
    const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(at('jobs.parquet'))).buffer });
    expect(rows).toHaveLength(FINISHED + 2);
    expect(rows.filter((row) => row['status'] === 'InProgress')).toHaveLength(1);
    expect(rows.find((row) => row['job_arn'] === arnOf('2000'))).toMatchObject({
      tags: { team: 'größer', a: '1' },
      creation_time: new Date(Date.UTC(2024, 0, 1) + 2_000 * MINUTE),
    });
  });

  it('takes the filters of list', async () => {
    const { stdout } = await run('--active');
    expect(linesOf(stdout).map((record) => record['job_arn'])).toEqual([arnOf('3000')]);
    const window = await run('--created-after', '2024-01-01T00:10:00Z', '--created-before', '2024-01-01T00:12:00Z');
    expect(linesOf(window.stdout).map((record) => record['job_arn'])).toEqual([arnOf('11'), arnOf('10')]);
  });

  it('reads what the indexes carry alone where a summary is asked for, at less cost', async () => {
    const unitsOf = ({ stderr }: CommandResult) => Number(/([\d.,]+) read units/.exec(stderr)?.[1]?.replace(',', ''));
    const [summary, entire] = [await run('--summary'), await run()];
    const record = linesOf(summary.stdout).at(-1);
    expect(record).toHaveProperty('status_details');
    expect(record).not.toHaveProperty('transitions');
    expect(linesOf(summary.stdout).map((each) => each['job_arn'])).toEqual(
      linesOf(entire.stdout).map((each) => each['job_arn']),
    );
    expect(unitsOf(summary)).toBeGreaterThan(0);
    expect(unitsOf(summary) * 2).toBeLessThan(unitsOf(entire));
  });

  it('has other scopes where they are tracked too, or where the whole table may be read', async () => {
    const both = await runCommand(['export'], environmentOf(tables, `123456789012#us-east-1,${OTHER_SCOPE}`));
    expect(linesOf(both.stdout)).toHaveLength(FINISHED + 3);
    const scanned = await runCommand(['export', '--allow-scan'], environmentOf(tables, ''));
    expect(linesOf(scanned.stdout)).toHaveLength(FINISHED + 3);
  });

  it('says what to add where no index answers', async () => {
    const { code, stdout, stderr } = await runCommand(['export'], environmentOf(tables, ''));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/Add --account and --job-region, .* --allow-scan/);
  });

  it('says as JSON how many jobs a file was given', async () => {
    const { stdout, stderr } = await run('--output', at('counted.csv'), '--active', '--json');
    expect(JSON.parse(stdout)).toEqual({
      jobs: 1,
      read_units: expect.any(Number) as unknown,
      seconds: expect.any(Number) as unknown,
      format: 'csv',
      file: at('counted.csv'),
    });
    expect(stderr).toBe('');
  });

  it('does not replace a file unless it is told to', async () => {
    writeFileSync(at('mine.ndjson'), 'mine');
    const refused = await run('--output', at('mine.ndjson'), '--active');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/exists already.*--force\.\n$/) as unknown,
    });
    expect(readFileSync(at('mine.ndjson'), 'utf8')).toBe('mine');
    expect((await run('--output', at('mine.ndjson'), '--active', '--force')).code).toBe(0);
    expect(linesOf(readFileSync(at('mine.ndjson'), 'utf8'))).toHaveLength(1);
  });

  it.each<[string, string[], number, RegExp]>([
    ['Parquet without a file', ['--format', 'parquet'], 2, /name one, such as --output jobs\.parquet/],
    ['a file whose name says no format', ['--output', 'jobs.xlsx'], 2, /end it in \.csv, \.ndjson or \.parquet/],
    ['JSON about nothing', ['--json'], 2, /name one with --output/],
    ['columns of another format', ['--output', 'jobs.ndjson', '--columns', 'name'], 2, /are for CSV, not ndjson/],
    ['a column of curves', ['--columns', 'name,reward'], 2, /list has it, with --columns reward/],
    ['a column that no index has', ['--columns', 'data', '--summary'], 2, /--summary does not read data/],
    ['columns that are not flat', ['--columns', 'name', '--no-flat', '--format', 'csv'], 2, /leave out --no-flat/],
    ['a format that there is not', ['--format', 'xml'], 2, /Allowed choices are ndjson, csv, parquet/],
    ['a time that is none', ['--created-after', 'tomorrow'], 2, /It must be a day, a month or a year in UTC/],
  ])('answers %s with a sentence', async (_, argv, code, sentence) => {
    const result = await run(...argv);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(sentence);
    expect(result.stderr).not.toContain('    at ');
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const { child, result } = startCommand(['export'], environmentOf(tables));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await result).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('bedrock-jobs export on a terminal', () => {
  let proxy: Proxy;
  beforeAll(async () => {
    proxy = await startProxy(tables.url, dynamoDbOperation);
  });
  afterAll(() => proxy.close());

  /** What a terminal is given while the table is exported, with this answer to how many jobs it has. */
  const seenOf = async (file: string, described: HttpAnswer): Promise<string> => {
    proxy.around = ({ operation }, forward) =>
      operation.startsWith('DescribeTable') ? Promise.resolve(described) : forward();
    const env = environmentOf({ ...tables, url: proxy.url });
    const known = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
    const argv = [ENTRY, 'export', '--output', at(file)];
    const pty = spawnOnTerminal(process.execPath, argv, { cols: 100, rows: 20, env: known });
    let seen = '';
    pty.onData((text) => {
      seen += text;
    });
    expect(await new Promise((resolve) => void pty.onExit(({ exitCode }) => resolve(exitCode)))).toBe(0);
    return seen;
  };

  it('shows how far it is, and leaves one line of what came of it', async () => {
    const seen = await seenOf('shown.ndjson', jsonAnswer(200, { Table: { ItemCount: 1_033 } }));
    expect(seen).toMatch(/[█░]{30} [\d,]+ of about 1,033 jobs/);
    // The bar is taken away before.
    expect(seen.split('\u001b[2K').at(-1)).toMatch(/^1,032 jobs in \S+ s, \S+ read units → \S+shown\.ndjson\r\n$/);
  });

  it.each<[string, HttpAnswer]>([
    ['may not be asked', jsonAnswer(400, { __type: 'com.amazon.coral.service#AccessDeniedException' })],
    ['is not known yet', jsonAnswer(200, { Table: { ItemCount: 0 } })],
  ])('counts where the number of jobs %s', async (what, described) => {
    const seen = await seenOf(`${what}.csv`, described);
    expect(seen).toMatch(/[\d,]+ jobs {2}\d+s/);
    expect(seen).not.toContain('about');
  });
});

describe('bedrock-jobs export that is disturbed', () => {
  let proxy: Proxy;
  beforeEach(async () => {
    proxy = await startProxy(tables.url, dynamoDbOperation);
  });
  afterEach(() => proxy.close());

  const isBatch = (body: string): boolean => body.includes('"RequestItems"');
  /** Handles the reads of records after the first few in its own way. */
  const afterBatches = (count: number, otherwise: Around) => {
    let seen = 0;
    proxy.around = (request, forward) => {
      if (isBatch(request.body)) seen += 1;
      return isBatch(request.body) && seen > count ? otherwise(request, forward) : forward();
    };
    return () => seen;
  };
  const toFile = (file: string) => ['export', '--output', at(file)];
  const proxied = () => environmentOf({ ...tables, url: proxy.url });

  it('leaves no file behind at Ctrl-C, and says so', async () => {
    const held: (() => void)[] = [];
    const seen = afterBatches(5, (_, forward) => new Promise((go) => held.push(() => go(forward()))));
    const { child, result } = startCommand(toFile('stopped.csv'), proxied());
    await eventually(() => expect(seen()).toBeGreaterThan(5));
    expect(existsSync(`${at('stopped.csv')}.partial`)).toBe(true);
    child.kill('SIGINT');
    const { code, stderr } = await result;
    held.forEach((go) => go());
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Stopped after \d+ jobs\. .*stopped\.csv was not written\.\n$/);
    expect([existsSync(at('stopped.csv')), existsSync(`${at('stopped.csv')}.partial`)]).toEqual([false, false]);
  });

  it('asks again for what DynamoDB leaves of a batch, and exports all in order', async () => {
    let cut = 0;
    afterBatches(0, async (_request, forward) => {
      const answer = await forward();
      const { Responses } = JSON.parse(answer.body) as { Responses: Record<string, { job_arn: unknown }[]> };
      const found = Responses[tables.jobsTable] ?? [];
      if (found.length < 40) return answer;
      cut += 1;
      const Keys = found.slice(10).map((item) => ({ job_arn: item.job_arn }));
      const part = { [tables.jobsTable]: found.slice(0, 10) };
      return jsonAnswer(200, { Responses: part, UnprocessedKeys: { [tables.jobsTable]: { Keys } } });
    });
    const { code, stdout } = await runCommand(['export', '--created-before', '2024-01-01T02:30:00Z'], proxied());
    expect(code).toBe(0);
    expect(cut).toBeGreaterThan(5);
    expect(linesOf(stdout).map((record) => record['job_name'])).toEqual(
      Array.from({ length: 150 }, (_, number) => `job-${149 - number}`),
    );
  });
});
