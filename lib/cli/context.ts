import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AwsClients } from '../operator/clients.ts';
import type { ScopesTable } from '../operator/scopes.ts';
import type { TrackerHealth } from '../operator/tracker-health.ts';
import type { FoundSettings } from '../operator/tracker-settings.ts';
import type { Invocation } from '../domain/command-text.ts';
import type { JobsClient, ModelsClient } from '../client/requests.ts';
import type { Scope } from '../domain/identity.ts';
import type { TrackerFlags } from './flags.ts';
import type { ErrorCode, TrackerError } from '../domain/errors.ts';

/** Where a command speaks. What is asked for goes to standard output, everything else to standard error. */
export interface Terminal {
  /** A line of what was asked for. */
  readonly print: (line: string) => void;
  /** Text of what was asked for as it is, for streams; resolves when there is room for more. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
  /** A line about the work: progress, hints, warnings. */
  readonly tell: (line: string) => void;
  /** Rings the bell of the terminal, if there is one. */
  readonly ring: () => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether standard error is a terminal: then progress may be drawn on it. */
  readonly showsProgress: boolean;
  /** Columns of the terminal; undefined where output goes elsewhere, and lines may be as long as they are. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /** Whether colours may be used on standard output. */
  readonly colour: boolean;
}

/** The tracker that a command works with, found by flags, environment or SSM. Clients are made when they are first used. */
export interface Connection extends AwsClients {
  readonly tableName: string;
  readonly region: string;
  readonly isLocal: boolean;
  /** Where the simulator answers in Bedrock's place. */
  readonly bedrockUrl?: string;
  /** How a person reaches the same tracker by another command. */
  readonly invocation: Invocation;
  readonly jobs: JobsClient;
  /** Reads models. This and the next reject where the tracker does not follow models. */
  readonly models: () => Promise<ModelsClient>;
  readonly modelsTableName: () => Promise<string>;
  readonly dynamoDb: DynamoDBDocumentClient;
  /** The scopes that the tracker follows; empty of a hub (see `trackedScopes`), and where they are not known. */
  readonly scopes: readonly Scope[];
  readonly isHub: boolean;
  /** Where scopes are registered. */
  readonly scopesTable: () => Promise<ScopesTable>;
  readonly health: () => Promise<TrackerHealth>;
  readonly settings: () => Promise<FoundSettings>;
  /** The value of one of the tracker's SSM parameters, by its name in `PARAMETER`. */
  readonly parameter: (name: string) => Promise<string>;
  /** Invokes functions: it waits as long as one may run. */
  readonly lambda: () => LambdaClient;
}

export interface CommandContext {
  /** How a person calls the command line: `bedrock-jobs`, or `npx bedrock-job-tracker-cli`. */
  readonly program: string;
  readonly terminal: Terminal;
  readonly connect: (flags: TrackerFlags) => Promise<Connection>;
  readonly clock: () => Date;
  /**
   * Aborts when the person asks the command to end (Ctrl-C, or the reader of a pipe went away), with an `Ended` as its
   * reason. Who reads it takes over Ctrl-C, which otherwise ends the process: read it where the command heeds it.
   */
  readonly signal: AbortSignal;
}

/** Exit codes. 130 is what shells answer for a command that Ctrl-C ended. */
export const EXIT = { done: 0, failed: 1, misuse: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Ends a command with an exit code when all that is to be said was said: the awaited job failed, the tracker is not
 * well, or the person asked for the end. It is also the reason of the context's signal.
 */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super('The command ended early.');
    this.exitCode = exitCode;
  }
}

/** The end that was asked for, where an error is one: also when a timer or a stream of Node wraps the signal's reason. */
export const endOf = (error: unknown): Ended | undefined => {
  if (error instanceof Ended) return error;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return isAbort && error.cause instanceof Ended ? error.cause : undefined;
};

/** What the person has to write or set differently; whatever else fails was asked for rightly and did not come about. */
const MISUSE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_CURSOR',
  'BAD_SPEC',
  'BAD_CONFIGURATION',
  'SCAN_NEEDED',
  'AMBIGUOUS_JOB',
  'AMBIGUOUS_MODEL',
  'NO_CREDENTIALS',
  'LOCAL_RUN_REFUSED',
]);

export const exitCodeOf = (error: TrackerError): ExitCode => (MISUSE.has(error.code) ? EXIT.misuse : EXIT.failed);
