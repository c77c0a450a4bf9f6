import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { shellWord } from '../domain/command-text.ts';
import type { PortChoice } from '../loopback.ts';

/** What a local run is told. Times in seconds. */
export interface LocalOptions {
  readonly bedrock: 'simulator' | 'aws';
  readonly regions: readonly string[];
  /** Folder of the tables and of the simulator's state. */
  readonly dataDir: string;
  readonly webPort: PortChoice;
  readonly dynamoDbPort: PortChoice;
  readonly bedrockPort: PortChoice;
  /** How many times faster than in reality the simulator's jobs live. */
  readonly speed: number;
  /** How many jobs the simulated teams keep running; 0 for none. */
  readonly activeJobs: number;
  /** Whether the simulator sends events at all; some are lost even then. */
  readonly events: boolean;
  readonly activeSweepEvery: number;
  readonly fullSweepEvery: number;
}

const AWS_SECONDS = { models: 3_600, usage: 86_400 };
/** At the pace of the simulator. */
const SIMULATED_SECONDS = { models: 5, usage: 10 };

/** Milliseconds between two sweeps of each kind. */
export const periodsOf = ({ bedrock, activeSweepEvery, fullSweepEvery }: LocalOptions) => {
  const { models, usage } = bedrock === 'aws' ? AWS_SECONDS : SIMULATED_SECONDS;
  return {
    active: activeSweepEvery * 1_000,
    full: fullSweepEvery * 1_000,
    models: models * 1_000,
    usage: usage * 1_000,
  };
};

/** Environment variables by name; an undefined value takes one away. */
export type EnvironmentValues = Readonly<Record<string, string | undefined>>;

/** What the person who starts a local run has set. */
export const readEnvironment = (): EnvironmentValues => process.env;

/** The clone that a script belongs to: one of its sources, its link, or the link that npm's scripts find. */
const cloneOf = (script: string): string | undefined => {
  const folder = dirname(script);
  if (/\.(?:ts|mjs)$/.test(script)) return dirname(folder);
  return [folder, dirname(dirname(folder))].find((each) => existsSync(join(each, 'bin', 'bedrock-jobs.mjs')));
};

/**
 * How a person calls the command line, for commands to print: by the link in a clone's folder, with npx where npm has put
 * the command into the PATH for this one run, else by its name. npx is given the name of the package: it would install
 * what another package calls `bedrock-jobs`.
 */
export const programName = (
  script = process.argv[1] ?? '',
  env: EnvironmentValues = process.env,
  { platform, cwd } = { platform: process.platform as string, cwd: process.cwd() },
): string => {
  const clone = cloneOf(script);
  if (clone === undefined) return env['npm_command'] === undefined ? 'bedrock-jobs' : 'npx bedrock-job-tracker-cli';
  if (platform === 'win32') return 'npx bedrock-jobs';
  const program = relative(cwd, join(clone, 'bedrock-jobs'));
  return shellWord(program.includes('/') ? program : `./${program}`);
};

/** The SDK and the functions read their settings here, as they do on Lambda: no code asks where it runs. */
export const setEnvironment = (values: EnvironmentValues): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};
