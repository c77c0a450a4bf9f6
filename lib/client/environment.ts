import { ENV, JOBS_TABLE, MODELS_TABLE, type TableSchema } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { readScopes, type Scope } from '../domain/identity.ts';
import type { JobsClientOptions, ModelsClientOptions } from './requests.ts';

/** Environment variables by name, as `process.env` has them. */
type Environment = Readonly<Record<string, string | undefined>>;

/** A table as readers know it. */
export interface Table {
  readonly tableName: string;
  readonly schema: TableSchema;
}

/** A table and scopes that a client reads. */
export interface Source extends Table {
  /** The tracked scopes; empty if unknown. */
  readonly scopes: readonly Scope[];
}

const nameOf = (option: string, variable: string, given: string | undefined, env: Environment, advice: string) => {
  const tableName = given ?? env[variable] ?? '';
  if (tableName !== '') return tableName;
  const what = variable === ENV.modelsTable ? 'models' : 'jobs';
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `No ${what} table is named: give the option ${option}, or set the variable ${variable}. ${advice}`,
  );
};

const scopesOf = (given: readonly Scope[] | undefined, env: Environment): readonly Scope[] =>
  given ?? readScopes(env[ENV.scopes], `The variable ${ENV.scopes}`);

/** The table and scopes that the options name, or the variables that `grantReadJobs` sets on a function. */
export const readSource = (options: JobsClientOptions, env: Environment = process.env): Source => ({
  tableName: nameOf(
    'tableName',
    ENV.jobsTable,
    options.tableName,
    env,
    "The stack's output JobsTableName has the name.",
  ),
  schema: JOBS_TABLE,
  scopes: scopesOf(options.scopes, env),
});

/** The same of the models table; the jobs table is asked for when it is read. */
export const readModelsSource = (options: ModelsClientOptions, env: Environment = process.env) => ({
  models: {
    tableName: nameOf(
      'modelsTableName',
      ENV.modelsTable,
      options.modelsTableName,
      env,
      "The stack's output ModelsTableName has the name. Without that output the tracker was deployed with models: false; with it, let the function read models (docs/library.md).",
    ),
    schema: MODELS_TABLE,
    scopes: scopesOf(options.scopes, env),
  },
  jobs: (): Table => ({
    tableName: nameOf('jobsTableName', ENV.jobsTable, options.jobsTableName, env, 'Lineage reads both tables.'),
    schema: JOBS_TABLE,
  }),
});
