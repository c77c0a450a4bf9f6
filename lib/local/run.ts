import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamoDbSweepStore } from '../adapters/dynamodb-sweep-store.ts';
import { createJobsClient } from '../client/jobs-client.ts';
import { ENV, JOBS_TABLE, SWEEPS_TABLE, type ReconcileRequest } from '../contract.ts';
import { formatScope } from '../domain/scope.ts';
import { openBedrockSource } from './bedrock-source.ts';
import { ensureTable } from './create-table.ts';
import { startEmbeddedDynamoDb } from './embedded-dynamodb.ts';
import { invocationContext, sqsRecord, type LambdaHandlers } from './lambda.ts';
import { onPort } from './listen.ts';
import type { LocalOptions } from './options.ts';
import { LocalQueue } from './queue.ts';
import { repeat } from './repeat.ts';
import { listen } from './simulator/server.ts';
import { followTransitions } from './transitions-feed.ts';
import { createWebApp } from './web/app.ts';

/** The names of the local tables. */
export const LOCAL_TABLES = { jobs: 'bedrock-jobs', sweeps: 'bedrock-job-sweeps' } as const;

export interface LocalRun {
  readonly webUrl: string;
  readonly dynamoDbUrl: string;
  /** The simulator's endpoint; absent where AWS is tracked. */
  readonly bedrockUrl?: string;
  readonly scopes: readonly string[];
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

const TRACK_TIMEOUT_MS = 60_000;
const SWEEP_TIMEOUT_MS = 30_000;
const MAX_RECEIVE_COUNT = 5;
const RETRY_AFTER_MS = 2_000;

const openTables = async (options: LocalOptions, dataName: string) => {
  const path = join(options.dataDir, dataName, 'dynamodb');
  await mkdir(path, { recursive: true });
  return onPort(options.dynamoDbPort, '--dynamodb-port', (port) => startEmbeddedDynamoDb({ path, port }));
};

/** The SDK and the functions read their settings from here, as they do on Lambda: no code asks where it runs. */
const setEnvironment = (values: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Runs the tracker on this machine: the functions as they are deployed, on an embedded DynamoDB that keeps its records
 * on disk, with the simulator or AWS as Bedrock. Rejects with a TrackerError in a sentence where it cannot start.
 */
export const startLocalRun = async (
  options: LocalOptions,
  { loadHandlers, print }: LocalDependencies,
): Promise<LocalRun> => {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    await mkdir(options.dataDir, { recursive: true });
    const source = await openBedrockSource(options);
    stops.push(source.close);
    const tables = await openTables(options, source.dataName);
    stops.push(tables.close);
    setEnvironment({
      AWS_REGION: options.regions[0],
      AWS_ENDPOINT_URL_DYNAMODB: tables.url,
      [ENV.jobsTable]: LOCAL_TABLES.jobs,
      [ENV.sweepsTable]: LOCAL_TABLES.sweeps,
      [ENV.scopes]: source.scopes.map(formatScope).join(','),
      // The functions' own log lines would drown what a person reads here; failures are printed in a sentence.
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      ...source.environment,
    });
    const dynamoDb = createDocumentClient();
    await ensureTable(dynamoDb, LOCAL_TABLES.jobs, JOBS_TABLE);
    await ensureTable(dynamoDb, LOCAL_TABLES.sweeps, SWEEPS_TABLE);

    const handlers = await loadHandlers();
    const queue = new LocalQueue({
      maxReceiveCount: MAX_RECEIVE_COUNT,
      retryAfterMs: RETRY_AFTER_MS,
      handle: async (batch) => {
        const context = invocationContext('track-job', TRACK_TIMEOUT_MS);
        const { batchItemFailures } = await handlers.trackJob({ Records: batch.map(sqsRecord) }, context);
        return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      },
    });
    stops.push(() => queue.close());
    source.onEvent((event) => {
      queue.send(JSON.stringify(event));
    });

    const sweep = async (request: ReconcileRequest) => {
      try {
        await handlers.reconcileJobs(request, invocationContext('reconcile-jobs', SWEEP_TIMEOUT_MS));
      } catch (error) {
        print(`The ${request.sweep} sweep failed: ${messageOf(error)}`);
      }
    };
    const active = repeat(options.activeSweepEvery * 1000, () => sweep({ sweep: 'active' }));
    const full = repeat(options.fullSweepEvery * 1000, () => sweep({ sweep: 'full' }));
    stops.push(async () => {
      await Promise.all([active.stop(), full.stop()]);
    });

    const jobs = createJobsClient(dynamoDb, LOCAL_TABLES.jobs);
    const sweeps = dynamoDbSweepStore(dynamoDb, LOCAL_TABLES.sweeps);
    const app = createWebApp({
      jobs,
      scopes: source.scopes,
      clock: () => new Date(),
      trackerStatus: async () => ({
        queue: source.url === undefined ? undefined : queue.depths(),
        scopes: await Promise.all(
          source.scopes.map(async (scope) => {
            const [activeState, fullState] = await Promise.all([
              sweeps.get(scope, 'active'),
              sweeps.get(scope, 'full'),
            ]);
            return {
              scope: formatScope(scope),
              ...(activeState === undefined ? {} : { active: activeState }),
              ...(fullState === undefined ? {} : { full: fullState }),
            };
          }),
        ),
      }),
    });
    const web = await onPort(options.webPort, '--port', (port) =>
      listen(createAdaptorServer({ fetch: app.fetch }), port),
    );
    stops.push(web.close);
    const feed = followTransitions(jobs, source.scopes, print);
    stops.push(feed.stop);
    source.play();

    return {
      webUrl: `http://127.0.0.1:${String(web.port)}`,
      dynamoDbUrl: tables.url,
      ...(source.url === undefined ? {} : { bedrockUrl: source.url }),
      scopes: source.scopes.map(formatScope),
      dataDir: join(options.dataDir, source.dataName),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
