import { rememberRequests } from '../operator/aws-errors.ts';
import { createDocumentClient } from '../runtime/dynamodb-stores.ts';
import { createJobsClient } from '../client/jobs-client.ts';
import { createModelsClient } from '../client/models-client.ts';
import { DEFAULT_PRICES } from '../domain/prices.ts';
import { ENV, JOBS_TABLE, MODELS_TABLE } from '../contract.ts';
import { serveDashboard } from '../dashboard/server/create-dashboard.ts';
import type { Invocation } from '../domain/command-text.ts';
import { formatScope } from '../domain/identity.ts';
import { MINUTE } from '../domain/time.ts';
import { type BedrockSource, openBedrockSource } from './bedrock-source.ts';
import { type LocalOptions, periodsOf, setEnvironment } from './options.ts';
import type { LambdaHandlers } from './lambda.ts';
import { removeRunFile, settingsOfRun, writeRunFile } from './run-file.ts';
import { LOCAL_TABLES, openLocalTables } from './tables.ts';
import { startTracker, startTransitions } from './tracker.ts';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createClients } from '../operator/clients.ts';
import { readScopeHealth } from '../operator/tracker-health.ts';
import type { FoundSettings } from '../operator/tracker-settings.ts';
import type { JobsClient } from '../client/requests.ts';
import { builtAssets } from '../dashboard/server/assets.ts';
import type { DashboardDependencies } from '../dashboard/server/dependencies.ts';
import { onAws } from '../dashboard/server/on-aws.ts';
import type { QueueDepths } from '../simulator/queue.ts';

/** Between two looks at the table, in ms: it is on this machine, and its jobs live fast. */
const UPDATE_INTERVAL = 1_000;

/** What the dashboard of a local run is made of: its table, its queue, and its source of jobs as Bedrock and S3. */
const localDashboard = (
  { scopes, url }: Pick<BedrockSource, 'scopes' | 'url'>,
  region: string,
  jobs: JobsClient,
  dynamoDb: DynamoDBDocumentClient,
  queueDepths: () => QueueDepths,
  settings: FoundSettings,
  invocation: Invocation,
): DashboardDependencies => {
  const isSimulated = url !== undefined;
  return {
    jobs,
    scopes,
    tableName: LOCAL_TABLES.jobs,
    region,
    // No events come from AWS, so there is no queue of them. Waiting messages are no trouble: undelivered ones are.
    health: async () => ({
      ...(await readScopeHealth(
        { dynamoDb, sweepsTable: LOCAL_TABLES.sweeps },
        { named: scopes, settings },
        new Date(),
      )),
      queues: isSimulated ? [{ name: 'undelivered events', messages: queueDepths().dead }] : [],
      settings,
    }),
    models: {
      ...createModelsClient(dynamoDb, {
        modelsTableName: LOCAL_TABLES.models,
        jobsTableName: LOCAL_TABLES.jobs,
        scopes,
      }),
      rules: { prices: DEFAULT_PRICES },
    },
    ...onAws({ ...createClients(region, { isSimulated }), dynamoDb }, LOCAL_TABLES.jobs),
    clock: () => new Date(),
    assetsDir: builtAssets(),
    updateInterval: UPDATE_INTERVAL,
    invocation,
    ...(url !== undefined && { bedrockUrl: url }),
  };
};

export interface LocalRun {
  readonly webUrl: string;
  readonly dynamoDbUrl: string;
  /** The simulator's endpoint; absent where AWS is tracked. */
  readonly bedrockUrl?: string;
  /** Where the mails can be read that notify-transition sends. */
  readonly mailsUrl: string;
  readonly scopes: readonly string[];
  /** Where the records are kept. */
  readonly dataDir: string;
  /** Ends what is in flight, then everything; the records stay. */
  readonly stop: () => Promise<void>;
}

export interface LocalDependencies {
  /** Loads the functions' entries; called when the environment is set that they read. */
  readonly loadHandlers: () => Promise<LambdaHandlers>;
  /** How the command line finds this run. */
  readonly invocation: Invocation;
  /** Writes a line for the person who watches. */
  readonly print: (line: string) => void;
  /** Writes a line about a change of a job, which may be cut. @default print */
  readonly printChange?: (line: string) => void;
}

type Stops = (() => Promise<void>)[];

/** A scope that has no active job is swept as often as one that has: here nothing is paid for a call. */
const sweepMinutesOf = ({ active, ...others }: ReturnType<typeof periodsOf>): string =>
  Object.entries({ active, idle: active, empty: active, ...others })
    .map(([name, ms]) => `${name}=${String(ms / MINUTE)}`)
    .join(',');

/** The variables that the stack would set, and the SDK's own that choose endpoints. */
const environmentOf = (options: LocalOptions, source: BedrockSource, dynamoDbUrl: string) => ({
  AWS_REGION: options.regions[0],
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
  [ENV.jobsTable]: LOCAL_TABLES.jobs,
  [ENV.modelsTable]: LOCAL_TABLES.models,
  [ENV.idleAfterDays]: '14',
  [ENV.sweepsTable]: LOCAL_TABLES.sweeps,
  [ENV.scopes]: source.scopes.map(formatScope).join(','),
  // Nothing sends heartbeats here.
  [ENV.releaseAfterHours]: '8760',
  [ENV.sweepMinutes]: sweepMinutesOf(periodsOf(options)),
  [ENV.transitionsBus]: 'default',
  [ENV.notificationsTopic]: source.messaging.topicArn,
  // The functions' own log lines would drown what a person reads here; failures are printed in a sentence.
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  ...source.environment,
});

const start = async (options: LocalOptions, deps: LocalDependencies, stops: Stops): Promise<Omit<LocalRun, 'stop'>> => {
  const source = await openBedrockSource(options);
  stops.push(source.close);
  const tables = await openLocalTables(source.tablesDir, options.dynamoDbPort);
  stops.push(tables.close);
  setEnvironment(environmentOf(options, source, tables.url));

  const writes = [
    await tables.logWrites(LOCAL_TABLES.jobs, [JOBS_TABLE.partitionKey]),
    await tables.logWrites(LOCAL_TABLES.models, [MODELS_TABLE.partitionKey]),
  ];
  const handlers = await deps.loadHandlers();
  stops.push(startTransitions(writes, source.messaging, handlers, deps).stop);
  const tracker = startTracker(options, source, handlers, deps.print);
  stops.push(tracker.stop);
  const { scopes } = source;
  const dynamoDb = rememberRequests(createDocumentClient());
  const jobs = createJobsClient(dynamoDb, { tableName: LOCAL_TABLES.jobs, scopes });
  const region = options.regions[0] ?? 'us-east-1';
  const sweepEvery = { active: options.activeSweepEvery, full: options.fullSweepEvery };
  const settings = settingsOfRun({ sweepEvery });
  const dashboard = localDashboard(source, region, jobs, dynamoDb, tracker.queueDepths, settings, deps.invocation);
  const web = await serveDashboard(dashboard, options.webPort);
  stops.push(web.close);
  source.play();
  const addresses = {
    webUrl: `http://127.0.0.1:${web.port}`,
    dynamoDbUrl: tables.url,
    ...(source.url === undefined ? {} : { bedrockUrl: source.url }),
    scopes: scopes.map(formatScope),
  };
  const { jobs: jobsTable, models: modelsTable, sweeps: sweepsTable } = LOCAL_TABLES;
  const { pid } = process;
  await writeRunFile(options.dataDir, { pid, ...addresses, region, sweepEvery, jobsTable, modelsTable, sweepsTable });
  stops.push(() => removeRunFile(options.dataDir, pid));
  return { ...addresses, mailsUrl: source.mailsUrl, dataDir: source.dataDir };
};

/**
 * Runs the tracker on this machine: the functions as they are deployed, on an embedded DynamoDB that keeps its records
 * on disk, with the simulator or AWS as Bedrock. Rejects with a TrackerError in a sentence where it cannot start, and
 * leaves nothing running then.
 */
export const startLocalRun = async (options: LocalOptions, deps: LocalDependencies): Promise<LocalRun> => {
  const stops: Stops = [];
  // The last that was started stops first: nothing is taken from under what uses it.
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    return { ...(await start(options, deps, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
