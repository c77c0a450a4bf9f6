import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { EmbeddedTables } from '../embedded-tables.ts';

export const ENTRY = join(import.meta.dirname, '../../../bin/bedrock-jobs.ts');

/** How a command ended, and what it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a process of its own. */
export interface RunningCommand {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it said so far on standard output and standard error. */
  readonly said: () => Omit<CommandResult, 'code'>;
  readonly result: Promise<CommandResult>;
}

/** What leads a command to the tables of a test, and to nothing else. */
export const environmentOf = (
  { url, jobsTable, sweepsTable }: Pick<EmbeddedTables, 'url' | 'jobsTable' | 'sweepsTable'>,
  scopes = '123456789012#us-east-1',
) => ({
  PATH: process.env['PATH'],
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_DYNAMODB: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  JOBS_TABLE_NAME: jobsTable,
  SWEEPS_TABLE_NAME: sweepsTable,
  TRACKED_SCOPES: scopes,
});

const textOf = (stream: Readable): (() => string) => {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
};

/** Starts `bedrock-jobs` as a person would. */
export const startCommand = (
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RunningCommand => {
  const child = spawn(process.execPath, [ENTRY, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const said = () => ({ stdout: stdout(), stderr: stderr() });
  const finished = async (): Promise<CommandResult> => {
    await once(child, 'close');
    return { code: child.exitCode, ...said() };
  };
  return { child, said, result: finished() };
};

/** Runs `bedrock-jobs` to its end. */
export const runCommand = (
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<CommandResult> => startCommand(argv, env).result;
