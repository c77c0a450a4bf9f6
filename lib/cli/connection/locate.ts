import { resolve } from 'node:path';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ENV, PARAMETER, parameterUnder } from '../../contract.ts';
import { TrackerError } from '../../domain/errors.ts';
import { parseScope, type Scope } from '../../domain/identity.ts';
import { readEnvironment, setEnvironment } from '../../local/environment.ts';
import { readRunFile, type RunFile } from '../../local/run-file.ts';
import type { TrackerFlags } from './flags.ts';

/** The data folder of a local run where none is named. */
const DEFAULT_FOLDER = '.local';
/** The account of the simulator. */
const SIMULATED_ACCOUNT = '123456789012';

/** Where a tracker's jobs are. */
export interface Location {
  readonly tableName: string;
  readonly scopes: readonly Scope[];
  /** Known without asking SSM. */
  readonly sweepsTable?: string;
}

/** The scopes of a text such as `111122223333#us-east-1,111122223333#us-west-2`. */
export const scopesOf = (text: string | undefined): Scope[] =>
  (text ?? '').split(',').flatMap((each) => parseScope(each.trim()) ?? []);

/** The SDK's own variables choose the endpoints of a local run: no code asks where it runs. */
const useLocalRun = (run: RunFile): void => {
  setEnvironment({
    AWS_REGION: run.region,
    AWS_ENDPOINT_URL_DYNAMODB: run.dynamoDbUrl,
    ...(run.bedrockUrl !== undefined && {
      AWS_ENDPOINT_URL_BEDROCK: run.bedrockUrl,
      AWS_ENDPOINT_URL_S3: run.bedrockUrl,
      AWS_ACCESS_KEY_ID: SIMULATED_ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    }),
  });
};

/** The tracker of a local run. Sets the environment that the SDK finds it by. */
export const locateLocalRun = async (
  folder: string = DEFAULT_FOLDER,
): Promise<Location & { readonly run: RunFile }> => {
  const run = await readRunFile(folder === DEFAULT_FOLDER ? folder : resolve(folder));
  useLocalRun(run);
  return { tableName: run.jobsTable, sweepsTable: run.sweepsTable, scopes: scopesOf(run.scopes.join(',')), run };
};

/** The name of one of the tracker's parameters under the prefix that was asked for. */
export const parameterName = ({ parameterPrefix }: Pick<TrackerFlags, 'parameterPrefix'>, name: string): string =>
  parameterUnder(parameterPrefix, name);

/** The value of one of the tracker's parameters. */
export const readParameter = async (ssm: SSMClient, flags: TrackerFlags, name: string): Promise<string> => {
  const Name = parameterName(flags, name);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  if (Parameter?.Value !== undefined) return Parameter.Value;
  throw new TrackerError('TRACKER_NOT_FOUND', `The SSM parameter ${Name} has no value. Deploy the tracker again.`);
};

/** The scopes of a table that was named: those of the parameters, where these are of the same tracker. */
const scopesOfTable = async (ssm: SSMClient, flags: TrackerFlags, tableName: string): Promise<readonly Scope[]> => {
  try {
    const [found, scopes] = await Promise.all([
      readParameter(ssm, flags, PARAMETER.jobsTableName),
      readParameter(ssm, flags, PARAMETER.trackedScopes),
    ]);
    return found === tableName ? scopesOf(scopes) : [];
  } catch {
    // Who names a table may do without parameters, and without the permission to read them.
    return [];
  }
};

/** The scopes of a deployed tracker; none where it is older than this parameter, or where the table is not found either. */
const trackedScopes = (ssm: SSMClient, flags: TrackerFlags): Promise<string> =>
  readParameter(ssm, flags, PARAMETER.trackedScopes).catch(() => '');

/** The deployed tracker: by `--table`, by the variables of a function that reads it, or by SSM. */
export const locateDeployed = async (flags: TrackerFlags, ssm: () => SSMClient): Promise<Location> => {
  const env = readEnvironment();
  const named = flags.table ?? env[ENV.jobsTable];
  const known = env[ENV.scopes];
  if (named !== undefined && named !== '') {
    const sweepsTable = flags.table === undefined ? env[ENV.sweepsTable] : undefined;
    return {
      tableName: named,
      scopes: known === undefined ? await scopesOfTable(ssm(), flags, named) : scopesOf(known),
      ...(sweepsTable !== undefined && { sweepsTable }),
    };
  }
  const scopes = known ?? trackedScopes(ssm(), flags);
  const tableName = await readParameter(ssm(), flags, PARAMETER.jobsTableName);
  return { tableName, scopes: scopesOf(await scopes) };
};
