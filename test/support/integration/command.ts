import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type EmbeddedTables, startEmbeddedTables } from '../embedded-tables.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { writeRunFile } from '../../../lib/local/run-file.ts';
import { startBedrockSimulator, type BedrockSimulator, type SimulatorOptions } from '../../../lib/simulator/index.ts';
import { fixtureNames, jobOnWire } from '../fixtures.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpServer } from './http.ts';
import { loadTable } from './jobs.ts';

export const ENTRY = join(import.meta.dirname, '../../../bin/bedrock-jobs.ts');

/** The arguments of a shell that starts `bedrock-jobs`. */
export const CLI = ['node', ENTRY] as const;

/** What a process is started with, and nothing of what the person who tests has set. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

const BASE: ProcessEnvironment = {
  PATH: process.env['PATH'],
  HOME: '/none',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/none',
  AWS_SHARED_CREDENTIALS_FILE: '/none',
};

/** The environment of a process, without variables whose value is undefined. */
export const processEnvironment = (change: ProcessEnvironment): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries({ ...BASE, ...change }).filter(([, value]) => value !== undefined));

/** What leads a command to the tables of a test, and to nothing else. */
export const environmentOf = (
  { url, jobsTable, sweepsTable }: Pick<EmbeddedTables, 'url' | 'jobsTable' | 'sweepsTable'>,
  scopes = '123456789012#us-east-1',
): ProcessEnvironment => ({
  ...BASE,
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_DYNAMODB: url,
  JOBS_TABLE_NAME: jobsTable,
  SWEEPS_TABLE_NAME: sweepsTable,
  TRACKED_SCOPES: scopes,
});

/** How a command ended, and what it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a process of its own. */
interface RunningCommand {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it said so far on standard output and standard error. */
  readonly said: () => Omit<CommandResult, 'code'>;
  readonly result: Promise<CommandResult>;
}

/** Starts `bedrock-jobs` as a person would. */
export const startCommand = (argv: readonly string[], env: ProcessEnvironment, cwd?: string): RunningCommand => {
  const child = spawn(process.execPath, [ENTRY, ...argv], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    return () => Buffer.concat(pieces).toString();
  });
  const said = () => ({ stdout: stdout?.() ?? '', stderr: stderr?.() ?? '' });
  return { child, said, result: once(child, 'close').then(() => ({ code: child.exitCode, ...said() })) };
};

/** Runs `bedrock-jobs` to its end. */
export const runCommand = (argv: readonly string[], env: ProcessEnvironment): Promise<CommandResult> =>
  startCommand(argv, env).result;

/** The same with what every process needs. */
export const runCli = (args: readonly string[], env: ProcessEnvironment = {}, cwd?: string): Promise<CommandResult> =>
  startCommand(args, processEnvironment(env), cwd).result;

/** SSM with these parameters under the default prefix. */
export const serveParameters = (parameters: Readonly<Record<string, string>>): Promise<HttpServer> =>
  serve(({ body }): Promise<HttpAnswer> => {
    const { Name } = JSON.parse(body) as { Name: string };
    const Value = parameters[Name.replace('/bedrock-job-tracker/', '')];
    return Promise.resolve(
      Value === undefined
        ? jsonAnswer(400, { __type: 'ParameterNotFound' })
        : jsonAnswer(200, { Parameter: { Name, Value } }),
    );
  });

export interface Tracked {
  readonly tables: EmbeddedTables;
  /** What a process finds this tracker by. */
  readonly env: ProcessEnvironment;
  readonly close: () => Promise<void>;
}

const SCOPES = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => `123456789012#${region}`);

/** A deployed tracker as commands find it: the jobs of the fixtures on an embedded DynamoDB, and SSM with its names. */
export const startTracked = async (): Promise<Tracked> => {
  const tables = await startEmbeddedTables();
  await loadTable(
    tables,
    fixtureNames('jobs').map((name) => ({ job: jobOnWire(name), tags: { team: 'nlp', fixture: name } }) as never),
  );
  const ssm = await serveParameters({
    'jobs-table-name': tables.jobsTable,
    'sweeps-table-name': tables.sweepsTable,
    'tracked-scopes': SCOPES.join(','),
    'watched-queue-urls': '',
  });
  return {
    tables,
    env: { AWS_ENDPOINT_URL_DYNAMODB: tables.url, AWS_ENDPOINT_URL_SSM: ssm.url },
    close: async () => {
      await ssm.close();
      await tables.close();
    },
  };
};

/** The command line as a process, beside a simulated Bedrock and tables that nobody else writes. */
export interface CommandLine {
  readonly simulator: BedrockSimulator;
  readonly client: BedrockClient;
  readonly tables: EmbeddedTables;
  readonly env: ProcessEnvironment;
  /** The data folder of a "local run": commands with `--data-dir <folder>` find both. */
  readonly folder: string;
  readonly run: (...argv: string[]) => Promise<CommandResult>;
  readonly start: (...argv: string[]) => RunningCommand;
  /** Sweeps until a command has ended: nobody else writes records. A job may live and end between two sweeps. */
  readonly sweptUntilEnd: (command: RunningCommand) => Promise<CommandResult>;
  readonly records: () => Promise<JobRecord[]>;
  readonly close: () => Promise<void>;
}

export const startCommandLine = async (options: SimulatorOptions = {}, more: object = {}): Promise<CommandLine> => {
  const simulator = await startBedrockSimulator({ failureRate: 0, speed: 0.01, ...options });
  const tables = await startEmbeddedTables();
  const folder = await mkdtemp(join(tmpdir(), 'bedrock-jobs-'));
  await writeRunFile(folder, {
    pid: process.pid,
    webUrl: 'http://127.0.0.1:9',
    dynamoDbUrl: tables.url,
    bedrockUrl: simulator.url,
    region: 'us-east-1',
    jobsTable: tables.jobsTable,
    sweepsTable: tables.sweepsTable,
    scopes: ['123456789012#us-east-1'],
  });
  const env = { ...environmentOf(tables), AWS_ENDPOINT_URL_BEDROCK: simulator.url, ...more };
  const client = new BedrockClient({ endpoint: simulator.url, region: 'us-east-1', maxAttempts: 1 });
  const run: CommandLine['run'] = (...argv) => runCommand(argv, env);
  const sweptUntilEnd: CommandLine['sweptUntilEnd'] = async ({ child, result }) => {
    while (child.exitCode === null && child.signalCode === null) await run('sweep', 'full', '--data-dir', folder);
    return result;
  };
  return {
    simulator,
    client,
    tables,
    env,
    folder,
    run,
    sweptUntilEnd,
    start: (...argv) => startCommand(argv, env),
    records: async () => {
      const pages = await Array.fromAsync(paginateScan({ client: tables.client }, { TableName: tables.jobsTable }));
      return pages.flatMap(({ Items }) => (Items ?? []) as JobRecord[]);
    },
    close: async () => {
      client.destroy();
      await simulator.close();
      await tables.close();
      await rm(folder, { recursive: true });
    },
  };
};
