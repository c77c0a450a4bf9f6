import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { widthOf } from '../../../lib/cli/output/table.ts';
import { writeRunFile } from '../../../lib/local/run-file.ts';
import {
  CLI,
  processEnvironment,
  type ProcessEnvironment,
  runCli,
  startTracked,
  type Tracked,
} from '../../support/integration/command.ts';
import { readAll } from '../../support/integration/http.ts';

// Each process takes most of a second, and several of a busy machine.
jest.setTimeout(60_000);

let tracked: Tracked;
beforeAll(async () => {
  tracked = await startTracked();
});
afterAll(() => tracked.close());

const run = (line: string, env: ProcessEnvironment = {}) => runCli(line.split(' '), { ...tracked.env, ...env });

/** What a terminal of so many columns shows, and the exit code. */
const onTerminal = (args: readonly string[], cols: number, env: ProcessEnvironment = {}) =>
  new Promise<{ code: number; shown: string }>((resolve) => {
    const [node, ...entry] = CLI;
    const terminal = spawnTerminal(node, [...entry, ...args], {
      cols,
      rows: 40,
      env: processEnvironment({ ...tracked.env, TERM: 'xterm-256color', ...env }),
    });
    let shown = '';
    terminal.onData((data) => (shown += data));
    terminal.onExit(({ exitCode }) => {
      resolve({ code: exitCode, shown });
    });
  });

const lines = (shown: string): string[] => stripVTControlCharacters(shown).split(/\r?\n/);

describe('bedrock-jobs as a process', () => {
  it('finds the tracker by SSM, and prints what was asked for on standard output alone', async () => {
    const { code, stdout, stderr } = await run('list --ended --created-after 2026-08-01 --created-before 2026-09-01');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'NAME                    STATUS         LOSS  DURATION    CREATED               REGION     MODEL                                 TYPE         ID',
        'support-triage-ft-0142  Completed  0.026817  1 h 21 min  2026-08-09T23:58:49Z  us-west-2  meta.llama3-3-70b-instruct-v1:0:128k  FINE_TUNING  q7w2e9r4t1y6',
        'marketing-copy-ft-3     Failed            –  1 min 42 s  2026-08-09T21:21:16Z  us-east-1  amazon.nova-micro-v1:0:128k           FINE_TUNING  r5t6y7u8i9o0',
        '',
      ].join('\n'),
    );
  });

  it.each([40, 80])('writes no line that is longer than a terminal of %i columns', async (columns) => {
    const screens = await Promise.all(
      [['list'], ['show', 'p0o9i8u7y6t5'], ['stats', '--since', '2025-01-01']].map((args) => onTerminal(args, columns)),
    );
    for (const { code, shown } of screens) {
      expect(code).toBe(0);
      for (const line of lines(shown)) expect(widthOf([line])).toBeLessThanOrEqual(columns);
    }
    expect(screens[0]?.shown).toContain('\u001b[32mCompleted\u001b[39m');
  });

  it('uses no colour on a terminal with NO_COLOR, and colours in a pipe with FORCE_COLOR', async () => {
    const [plain, forced] = await Promise.all([
      onTerminal(['list'], 80, { NO_COLOR: '1' }),
      run('list --status Failed', { FORCE_COLOR: '1' }),
    ]);
    expect(plain.shown).toMatch(/Completed/);
    expect(plain.shown).not.toContain('\u001b[3');
    expect(forced.stdout).toContain('\u001b[31mFailed\u001b[39m');
  });

  it('heeds COLUMNS where output goes to a pipe', async () => {
    const { stdout } = await run('list', { COLUMNS: '50' });
    for (const line of stdout.split('\n')) expect(widthOf([line])).toBeLessThanOrEqual(50);
  });

  it.each([
    ['has enough', 'head -1', '  name      math-rft-20260618-1781784001\n'],
    ['went away before the first line', 'true', ''],
  ])('ends with 0 and in silence when the reader of a pipe %s', async (_, reader, read) => {
    const command = `${CLI.join(' ')} show p0o9i8u7y6t5 | ${reader}; echo "exit code \${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', command], { env: processEnvironment(tracked.env) });
    const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'exit')]);
    expect([stdout, stderr]).toEqual([`${read}exit code 0\n`, '']);
  });

  it('completes commands and flags', async () => {
    const [commands, flags, script] = await Promise.all([
      runCli(['complete', '--', 'sh']),
      runCli(['complete', '--', 'list', '--created']),
      runCli(['completion', 'bash']),
    ]);
    expect(commands.stdout).toMatch(/^show\t/);
    expect(flags.stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(
      expect.arrayContaining(['--created-after', '--created-before']),
    );
    expect(script.stdout).toContain('complete -o default -F _bedrock_jobs bedrock-jobs');
  });
});

describe('bedrock-jobs --local', () => {
  it('finds the local run of a folder by its file, with credentials of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-local-'));
    const { tables } = tracked;
    await writeRunFile(folder, {
      pid: process.pid,
      webUrl: 'http://127.0.0.1:9',
      dynamoDbUrl: tables.url,
      bedrockUrl: 'http://127.0.0.1:9',
      region: 'us-east-1',
      jobsTable: tables.jobsTable,
      sweepsTable: tables.sweepsTable,
      scopes: ['123456789012#us-east-1'],
    });
    const nobody = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_REGION: undefined };
    const { code, stdout } = await runCli(['list', '--data-dir', folder, '--json'], nobody);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { jobs: unknown[] }).jobs).toHaveLength(6);
  });

  describe('in the folder where a person is', () => {
    const here = async (line: string, env: ProcessEnvironment) => {
      const folder = mkdtempSync(join(tmpdir(), 'here-'));
      await writeRunFile(join(folder, '.local'), {
        pid: process.pid,
        webUrl: 'http://127.0.0.1:9',
        dynamoDbUrl: tracked.tables.url,
        bedrockUrl: 'http://127.0.0.1:9',
        region: 'us-east-1',
        jobsTable: tracked.tables.jobsTable,
        sweepsTable: tracked.tables.sweepsTable,
        scopes: ['123456789012#us-east-1'],
      });
      const result = await runCli(line.split(' '), { ...tracked.env, ...env }, folder);
      rmSync(folder, { recursive: true });
      return result;
    };

    it.each<[string, string, ProcessEnvironment]>([
      ['no Region is set', 'list', { AWS_REGION: undefined }],
      ['no tracker is deployed', 'list --parameter-prefix /x', {}],
    ])('is named where %s', async (_, line, env) => {
      const { code, stderr } = await here(line, env);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /A local tracker is running here: to use it, add --local or set BEDROCK_JOBS_LOCAL=1\.\n$/,
        ),
      ]);
    });

    it.each([
      ['1', 6],
      ['true', 6],
      ['0', 7],
    ])('is used as if by --local with BEDROCK_JOBS_LOCAL=%s, or not', async (value, count) => {
      const { code, stdout } = await here('list --json', { BEDROCK_JOBS_LOCAL: value });
      expect([code, (JSON.parse(stdout) as { jobs: unknown[] }).jobs.length]).toEqual([0, count]);
    });

    it('gives way to a tracker that a flag names', async () => {
      const { stdout } = await here('list --json --region us-east-1', { BEDROCK_JOBS_LOCAL: '1' });
      expect((JSON.parse(stdout) as { jobs: unknown[] }).jobs).toHaveLength(7);
    });
  });

  it('says how to start one where none is going', async () => {
    const { code, stderr } = await runCli(['list', '--data-dir', '/nowhere']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^No local tracker is running in \/nowhere\. Start one with "npm start"/),
    ]);
  });
});

describe('what can go wrong is one sentence with the next step', () => {
  const failing = async (line: string, env: ProcessEnvironment) => {
    const { code, stdout, stderr } = await run(line, env);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return [code, stderr.trim()];
  };
  it.each<[string, string, ProcessEnvironment, number, RegExp]>([
    ['no credentials', 'list', { AWS_ACCESS_KEY_ID: undefined }, 2, /^No AWS credentials were found\. Sign in/],
    ['no Region', 'list', { AWS_REGION: undefined }, 1, /^No Region is set: give one with --region/],
    [
      'no tracker',
      'list --parameter-prefix /x',
      {},
      1,
      /^There is no SSM parameter \/x\/jobs-table-name in us-east-1\./,
    ],
    [
      'no table',
      'list',
      { JOBS_TABLE_NAME: 'gone' },
      2,
      /^No index answers this without the accounts and Regions\. Add/,
    ],
    [
      'no table, with scopes',
      'list',
      { JOBS_TABLE_NAME: 'gone', TRACKED_SCOPES: '123456789012#us-east-1' },
      1,
      /^There is no table gone in us-east-1\. .*--table\.$/,
    ],
    [
      'nobody who answers',
      'show x',
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' },
      1,
      /^DynamoDB could not be reached/,
    ],
  ])('%s', async (_, line, env, code, sentence) => {
    expect(await failing(line, env)).toEqual([code, expect.stringMatching(sentence)]);
  });
});
