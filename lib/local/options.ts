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

/** Environment variables by name; an undefined value takes one away. */
export type EnvironmentValues = Readonly<Record<string, string | undefined>>;

/** What the person who starts a local run has set. */
export const readEnvironment = (): EnvironmentValues => process.env;

/** The SDK and the functions read their settings here, as they do on Lambda: no code asks where it runs. */
export const setEnvironment = (values: EnvironmentValues): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};
