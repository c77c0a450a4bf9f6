import { ENV } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { readScopes, type Scope } from '../domain/identity.ts';
import type { JobsClientOptions } from './requests.ts';

/** Environment variables by name, as `process.env` has them. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The table and scopes that a client reads. */
export interface Source {
  readonly tableName: string;
  /** The tracked scopes; empty if unknown. */
  readonly scopes: readonly Scope[];
}

/** The table and scopes that the options name, or the variables that `grantReadJobs` sets on a function. */
export const readSource = (options: JobsClientOptions, env: Environment = process.env): Source => {
  const tableName = options.tableName ?? env[ENV.jobsTable] ?? '';
  if (tableName === '') {
    throw new TrackerError(
      'BAD_CONFIGURATION',
      `No jobs table is named: give the option tableName, or set the variable ${ENV.jobsTable}. The stack's output JobsTableName has the name.`,
    );
  }
  return { tableName, scopes: options.scopes ?? readScopes(env[ENV.scopes], `The variable ${ENV.scopes}`) };
};
