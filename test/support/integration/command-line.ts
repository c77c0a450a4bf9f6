import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { writeRunFile } from '../../../lib/local/run-file.ts';
import { startBedrockSimulator, type BedrockSimulator, type SimulatorOptions } from '../../../lib/simulator/index.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../embedded-tables.ts';
import { environmentOf, runCommand, startCommand, type CommandResult, type RunningCommand } from './command.ts';

/** The command line as a process, beside a simulated Bedrock and tables that nobody else writes. */
export interface CommandLine {
  readonly simulator: BedrockSimulator;
  readonly client: BedrockClient;
  readonly tables: EmbeddedTables;
  readonly env: Readonly<Record<string, string | undefined>>;
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
