import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startEmbeddedTables, type EmbeddedTables } from '../embedded-tables.ts';
import { fixtureNames, jobOnWire } from '../fixtures.ts';
import { jsonAnswer, readAll, serve, type HttpAnswer, type HttpServer } from './http.ts';
import { loadTable } from './load-table.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ENTRY = join(ROOT, 'bin', 'bedrock-jobs.ts');

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

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `bedrock-jobs <arguments>` as a process of its own. */
export const runCli = async (args: readonly string[], env: ProcessEnvironment = {}): Promise<Answer> => {
  const child = spawn('node', [ENTRY, ...args], { env: processEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
};

/** The arguments of a shell that starts the same. */
export const CLI = ['node', ENTRY] as const;

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
