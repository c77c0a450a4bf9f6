import { ENV, JOBS_TABLE, MODELS_TABLE, REGISTERED_SCOPES, type TableSchema } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { readScopes, type Scope } from '../domain/identity.ts';
import { createRegistry, type Registry } from './registry.ts';
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
  /** The tracked scopes; empty if unknown, or if they are registered. */
  readonly scopes: readonly Scope[];
  readonly registry?: Registry;
}

const tableOf = (what: 'jobs' | 'models', option: string, given: string | undefined, env: Environment): Table => {
  const isJobs = what === 'jobs';
  const variable = isJobs ? ENV.jobsTable : ENV.modelsTable;
  const tableName = given ?? env[variable] ?? '';
  if (tableName !== '') return { tableName, schema: isJobs ? JOBS_TABLE : MODELS_TABLE };
  const output = isJobs ? 'JobsTableName' : 'ModelsTableName';
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `No ${what} table is named: give the option ${option}, or set the variable ${variable}. The stack's output ${output} has the name.` +
      (isJobs
        ? ''
        : ' It is missing if the tracker was deployed with models: false. grantReadModels sets the variable.'),
  );
};

const scopesOf = (
  { scopes, sweepsTableName, clock = Date.now }: Omit<JobsClientOptions, 'tableName'>,
  env: Environment,
): Pick<Source, 'scopes' | 'registry'> => {
  const given = scopes ?? env[ENV.scopes]?.trim();
  if (typeof given === 'object') return { scopes: given };
  if (given !== REGISTERED_SCOPES) return { scopes: readScopes(given, `The variable ${ENV.scopes}`) };
  const tableName = sweepsTableName ?? env[ENV.sweepsTable] ?? '';
  if (tableName !== '') return { scopes: [], registry: createRegistry(tableName, clock) };
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `The scopes are ${REGISTERED_SCOPES}, but no sweeps table is named: give the option sweepsTableName, or set the variable ${ENV.sweepsTable}. grantReadJobs and grantReadModels set it.`,
  );
};

/** The table and scopes that the options name, or the variables that `grantReadJobs` sets on a function. */
export const readSource = (options: JobsClientOptions, env: Environment = process.env): Source => ({
  ...tableOf('jobs', 'tableName', options.tableName, env),
  ...scopesOf(options, env),
});

/** The same of the models table. Only lineage needs the jobs table too. */
export const readModelsSource = (options: ModelsClientOptions, env: Environment = process.env) => ({
  models: { ...tableOf('models', 'modelsTableName', options.modelsTableName, env), ...scopesOf(options, env) },
  jobs: (): Table => tableOf('jobs', 'jobsTableName', options.jobsTableName, env),
});
