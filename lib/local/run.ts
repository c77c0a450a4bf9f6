import { createAdaptorServer } from '@hono/node-server';
import { createDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamoDbSweepStore } from '../adapters/dynamodb-sweep-store.ts';
import { createJobsClient } from '../client/jobs-client.ts';
import { ENV } from '../contract.ts';
import { formatScope } from '../domain/scope.ts';
import { openBedrockSource, type BedrockSource } from './bedrock-source.ts';
import { setEnvironment } from './environment.ts';
import type { LambdaHandlers } from './lambda.ts';
import { onPort } from './listen.ts';
import type { LocalOptions } from './options.ts';
import { listen } from './loopback-server.ts';
import { LOCAL_TABLES, openLocalTables } from './tables.ts';
import { startTracker } from './tracker.ts';
import { readTrackerStatus } from './tracker-status.ts';
import { followTransitions } from './transitions-feed.ts';
import { createWebApp } from './web/app.ts';

export interface LocalRun {
  readonly webUrl: string;
  readonly dynamoDbUrl: string;
  /** The simulator's endpoint; absent where AWS is tracked. */
  readonly bedrockUrl?: string;
  readonly scopes: readonly string[];
  /** Where the records are kept. */
  readonly dataDir: string;
  /** Ends what is in flight, then everything; the records stay. */
  readonly stop: () => Promise<void>;
}

export interface LocalDependencies {
  /** Loads the functions' entries; called when the environment is set that they read. */
  readonly loadHandlers: () => Promise<LambdaHandlers>;
  /** Writes a line for the person who watches. */
  readonly print: (line: string) => void;
}

type Stops = (() => Promise<void>)[];

/** The variables that the stack would set, and the SDK's own that choose endpoints. */
const environmentOf = (options: LocalOptions, source: BedrockSource, dynamoDbUrl: string) => ({
  AWS_REGION: options.regions[0],
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
  [ENV.jobsTable]: LOCAL_TABLES.jobs,
  [ENV.sweepsTable]: LOCAL_TABLES.sweeps,
  [ENV.scopes]: source.scopes.map(formatScope).join(','),
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

  const tracker = startTracker(options, source, await deps.loadHandlers(), deps.print);
  stops.push(tracker.stop);
  const { scopes } = source;
  const dynamoDb = createDocumentClient();
  const jobs = createJobsClient(dynamoDb, LOCAL_TABLES.jobs);
  const sweeps = dynamoDbSweepStore(dynamoDb, LOCAL_TABLES.sweeps);
  const app = createWebApp({
    jobs,
    scopes,
    clock: () => new Date(),
    trackerStatus: () =>
      readTrackerStatus(sweeps, scopes, source.url === undefined ? undefined : tracker.queueDepths()),
  });
  const web = await onPort(options.webPort, '--port', (port) =>
    listen(createAdaptorServer({ fetch: app.fetch }), port),
  );
  stops.push(web.close);
  stops.push(followTransitions(jobs, scopes, deps.print).stop);
  source.play();
  return {
    webUrl: `http://127.0.0.1:${web.port}`,
    dynamoDbUrl: tables.url,
    ...(source.url === undefined ? {} : { bedrockUrl: source.url }),
    scopes: scopes.map(formatScope),
    dataDir: source.dataDir,
  };
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
