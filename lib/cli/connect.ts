import { resolve } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createJobsClient } from '../client/jobs-client.ts';
import type { JobsClientOptions } from '../client/requests.ts';
import { createModelsClient } from '../client/models-client.ts';
import { ENV, PARAMETER, parameterUnder, REGISTERED_SCOPES, VERSION } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { readScopes, type Scope } from '../domain/identity.ts';
import { readEnvironment, setEnvironment } from '../local/options.ts';
import { isRunGoing, readRunFile, type RunFile, settingsOfRun } from '../local/run-file.ts';
import { explain, rememberRequests } from '../operator/aws-errors.ts';
import { createClients, once } from '../operator/clients.ts';
import { readQueueHealth, readScopeHealth, type TrackerHealth } from '../operator/tracker-health.ts';
import { type FoundSettings, HUB_SCHEDULES, readSettings } from '../operator/tracker-settings.ts';
import { createDocumentClient } from '../runtime/dynamodb-stores.ts';
import { clientSettingsOf, COMMAND_TIMEOUTS, INVOKE_TIMEOUTS } from '../runtime/timeouts.ts';
import { askedRegion, DEFAULT_FOLDER, deployedFlags, isLocalRun, localFlags, type TrackerFlags } from './flags.ts';
import type { Connection } from './context.ts';

const SIMULATED_ACCOUNT = '123456789012';

/** Where a tracker's jobs are, and how to find out more about it. */
interface Found {
  readonly region: string;
  readonly tableName: string;
  readonly scopes: readonly Scope[];
  readonly isHub: boolean;
  /** Known without asking SSM. */
  readonly sweepsTable: string | undefined;
  readonly modelsTable: string | undefined;
  readonly isLocal: boolean;
  readonly bedrockUrl?: string;
  readonly trackerFlags: readonly string[];
  readonly parameter: Connection['parameter'];
  readonly settings: () => Promise<FoundSettings>;
}

/** The SDK's own variables choose the endpoints of a local run: no code asks where it runs. */
const useLocalRun = (run: RunFile): void => {
  setEnvironment({
    AWS_REGION: run.region,
    AWS_ENDPOINT_URL_DYNAMODB: run.dynamoDbUrl,
    ...(run.bedrockUrl !== undefined && {
      AWS_ENDPOINT_URL_BEDROCK: run.bedrockUrl,
      AWS_ENDPOINT_URL_CLOUDWATCH: run.bedrockUrl,
      AWS_ENDPOINT_URL_S3: run.bedrockUrl,
      AWS_ACCESS_KEY_ID: SIMULATED_ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    }),
  });
};

/** The tracker of a local run. Sets the environment that the SDK finds it by. */
const findLocal = async (folder: string = DEFAULT_FOLDER): Promise<Found> => {
  const run = await readRunFile(folder === DEFAULT_FOLDER ? folder : resolve(folder));
  useLocalRun(run);
  return {
    region: run.region,
    tableName: run.jobsTable,
    scopes: readScopes(run.scopes.join(','), `The file run.json in ${folder}`),
    isHub: false,
    sweepsTable: run.sweepsTable,
    modelsTable: run.modelsTable,
    isLocal: true,
    ...(run.bedrockUrl !== undefined && { bedrockUrl: run.bedrockUrl }),
    trackerFlags: localFlags(folder),
    parameter: (name) =>
      Promise.reject(new TrackerError('TRACKER_NOT_FOUND', `A local run does not have the SSM parameter ${name}.`)),
    settings: () => Promise.resolve(settingsOfRun(run)),
  };
};

const scopesIn = (text: string, source: string): Pick<Found, 'scopes' | 'isHub'> => {
  const isHub = text.trim() === REGISTERED_SCOPES;
  return { isHub, scopes: isHub ? [] : readScopes(text, source) };
};

const NOTHING: [string, string] = ['', ''];

/** The deployed tracker: by `--table`, by the variables of a function that reads it, or by SSM. */
const findDeployed = async (flags: TrackerFlags): Promise<Found> => {
  const env = readEnvironment();
  const asked = askedRegion(flags, env);
  const ssm = rememberRequests(
    new SSMClient({ ...(asked !== undefined && { region: asked }), ...clientSettingsOf(COMMAND_TIMEOUTS) }),
  );
  const region = asked ?? (await ssm.config.region());
  const nameOf = (parameter: string) => parameterUnder(flags.parameterPrefix, parameter);
  const parameter = async (name: string): Promise<string> => {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: nameOf(name) }));
    if (Parameter?.Value !== undefined) return Parameter.Value;
    throw new TrackerError(
      'TRACKER_NOT_FOUND',
      `The SSM parameter ${nameOf(name)} has no value. Deploy the tracker again.`,
    );
  };
  const named = flags.table ?? env[ENV.jobsTable] ?? '';
  const known = env[ENV.scopes];
  // A stack that is older than the parameter of scopes has none.
  const published = (): Promise<[string, string]> =>
    Promise.all([parameter(PARAMETER.jobsTableName), parameter(PARAMETER.trackedScopes).catch(() => '')]);
  // Whoever names a table may do without parameters, and without the permission to read them.
  const [table, scopes] =
    named === '' ? await published() : known === undefined ? await published().catch(() => NOTHING) : NOTHING;
  const isOfStack = named === '' || named === table;
  return {
    region,
    tableName: named === '' ? table : named,
    ...(known === undefined
      ? scopesIn(isOfStack ? scopes : '', `The SSM parameter ${nameOf(PARAMETER.trackedScopes)}`)
      : scopesIn(known, `The variable ${ENV.scopes}`)),
    sweepsTable: flags.table === undefined && named !== '' ? env[ENV.sweepsTable] : undefined,
    modelsTable: flags.table === undefined && named !== '' ? env[ENV.modelsTable] : undefined,
    isLocal: false,
    trackerFlags: deployedFlags(flags),
    parameter,
    settings: () => readSettings(ssm, nameOf(PARAMETER.settings)),
  };
};

/** The deployed tracker. Where it is not found and a local run is going, the error says how to use that one. */
const findOrHint = async (flags: TrackerFlags): Promise<Found> => {
  try {
    return await findDeployed(flags);
  } catch (thrown) {
    const error = explain(thrown);
    const isAsked = flags.region !== undefined || flags.table !== undefined;
    if (!(error instanceof TrackerError) || isAsked || !(await isRunGoing(DEFAULT_FOLDER))) throw error;
    const hint = 'A local tracker is running here: to use it, add --local or set BEDROCK_JOBS_LOCAL=1.';
    throw new TrackerError(error.code, `${error.message} ${hint}`, { cause: thrown });
  }
};

/** The models table. Where there is none, the error says why, and what to do. */
const findModelsTable = async ({ modelsTable, isLocal, parameter, settings }: Found): Promise<string> => {
  if (modelsTable !== undefined) return modelsTable;
  const none = (why: string, cause?: unknown) =>
    new TrackerError('TRACKER_NOT_FOUND', `The tracker has no models table: ${why}`, { cause });
  if (isLocal) throw none('this local run is of an older version. Stop it and start it again.');
  return parameter(PARAMETER.modelsTableName).catch(async (error: unknown) => {
    if (!(error instanceof Error && error.name === 'ParameterNotFound')) throw error;
    const { version = 'unknown' } = (await settings()).settings ?? {};
    throw version === VERSION
      ? none('it was deployed with models=false. Deploy it without (docs/models.md).', error)
      : none(`its version is ${version}. Deploy version ${VERSION}.`, error);
  });
};

const readHealth = async ({ scopes, settings, ...source }: Omit<Connection, 'health'>): Promise<TrackerHealth> => {
  const queues = async () => {
    // A local run's queue is inside its process.
    if (source.isLocal) return [];
    const urls = (await source.parameter(PARAMETER.watchedQueueUrls)).split(',').map((url) => url.trim());
    return readQueueHealth(
      source.sqs(),
      urls.filter((url) => url !== ''),
    );
  };
  const sweeps = async () => {
    const [table, deployed] = await Promise.all([source.scopesTable(), settings()]);
    return { ...(await readScopeHealth(table, { named: scopes, settings: deployed }, new Date())), settings: deployed };
  };
  const [swept, queueHealth] = await Promise.all([sweeps(), queues()]);
  return { ...swept, queues: queueHealth };
};

/**
 * Finds the tracker that the flags, the environment or SSM name. Two requests to SSM; none for a table that is named
 * together with its scopes, or for a local run; three for a hub.
 */
export const connect = async (flags: TrackerFlags, program = 'bedrock-jobs'): Promise<Connection> => {
  const isLocal = isLocalRun(flags, readEnvironment());
  const all = await (isLocal ? findLocal(flags.dataDir) : findOrHint(flags));
  const { trackerFlags, ...found } = all;
  const { region, tableName, scopes, isHub } = found;
  const dynamoDb = rememberRequests(createDocumentClient(region, COMMAND_TIMEOUTS));
  const scopesTable = once(async () => ({
    dynamoDb,
    sweepsTable: all.sweepsTable ?? (await found.parameter(PARAMETER.sweepsTableName)),
  }));
  const tracked: Omit<JobsClientOptions, 'tableName'> = isHub
    ? { scopes: REGISTERED_SCOPES, sweepsTableName: (await scopesTable()).sweepsTable }
    : { scopes };
  const modelsTableName = once(() => findModelsTable(all));
  const connection = {
    ...found,
    invocation: { program, trackerFlags },
    ...createClients(region, { isSimulated: isLocal }),
    lambda: once(() => rememberRequests(new LambdaClient({ region, ...clientSettingsOf(INVOKE_TIMEOUTS) }))),
    dynamoDb,
    jobs: createJobsClient(dynamoDb, { tableName, ...tracked }),
    modelsTableName,
    models: once(async () =>
      createModelsClient(dynamoDb, { modelsTableName: await modelsTableName(), jobsTableName: tableName, ...tracked }),
    ),
    scopesTable,
    settings: once(async () => {
      const deployed = await found.settings();
      return isHub && deployed.settings === undefined ? { ...deployed, schedules: HUB_SCHEDULES } : deployed;
    }),
  };
  return { ...connection, health: () => readHealth(connection) };
};
