import { DynamoDBClient, GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import type { SweptScopes } from '../../../lambdas/reconcile-jobs/handler.ts';
import { ENV, type SweepKind } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { systemClock, VirtualClock } from '../../../lib/simulator/clock.ts';
import { SimulatedQueue } from '../../../lib/simulator/queue.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../embedded-tables.ts';
import { recordProblems } from '../record-schema.ts';
import { eventually, expectTruth } from './suite.ts';
import { startFunctions, type Functions, type LogLine } from './functions.ts';
import { bedrockOperation, dynamoDbOperation, startProxy, type Proxy } from './http.ts';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { startBedrockSimulator, type BedrockSimulator, type SimulatorOptions } from '../../../lib/simulator/index.ts';
import { DAY } from '../../../lib/domain/time.ts';

/** A message of the queue each time it was handed to track-job. */
interface Delivery {
  readonly body: string;
  readonly receiveCount: number;
  readonly failed: boolean;
}

interface TrackerOptions {
  /** `<account id>#<region>` of each tracked scope. @default ['123456789012#us-east-1'] */
  readonly scopes?: readonly string[];
  /** @default 3 */
  readonly maxReceiveCount?: number;
  /** @default the functions' own */
  readonly tagRefreshDays?: number;
  /** More variables of the functions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the functions print metrics, which then are lines of the log. @default false */
  readonly metrics?: boolean;
}

/** One instance of the functions, as Lambda starts several. */
interface Instance {
  /** Runs reconcile-jobs. Rejects as the function does, with its code and message. */
  readonly sweep: (kind: SweepKind, remainingMs?: number) => Promise<SweptScopes>;
  readonly kill: Functions['kill'];
}

/** The tracker as it is deployed: the built functions, a queue, and tables on an embedded DynamoDB. */
export interface Tracker extends Instance {
  /** What stands between the functions and Bedrock, and between them and DynamoDB. */
  readonly bedrock: Proxy;
  readonly dynamoDb: Proxy;
  readonly tables: EmbeddedTables;
  readonly queue: SimulatedQueue;
  readonly deliveries: readonly Delivery[];
  readonly log: readonly LogLine[];
  /** Puts an event (or any text) into the queue. */
  readonly send: (event: unknown) => void;
  /** Waits until the queue is empty: everything that came is written or dead. */
  readonly drained: () => Promise<void>;
  /** Another instance, which `close` ends too: the same, or deployed with some variables changed. */
  readonly anotherInstance: (environment?: Readonly<Record<string, string>>) => Instance;
  readonly record: (jobArn: string) => Promise<JobRecord | undefined>;
  readonly records: () => Promise<JobRecord[]>;
  /** The item as any AWS client reads it. */
  readonly rawItem: (jobArn: string) => Promise<Record<string, AttributeValue> | undefined>;
  readonly sweepState: (kind: SweepKind) => Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Lets the lease of a run that was killed run out, without waiting for it. */
  readonly expireLease: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const DEFAULT_REMAINING_MS = 60_000;

const queueInto = ({ invoke }: Functions, deliveries: Delivery[], maxReceiveCount: number): SimulatedQueue =>
  new SimulatedQueue({
    clock: systemClock,
    maxConcurrency: 5,
    maxReceiveCount,
    pollMs: 1,
    retryAfterMs: 0,
    invoke: async (event, batch) => {
      const answer = (await invoke('track-job', event, DEFAULT_REMAINING_MS)) as SQSBatchResponse;
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId, body, receiveCount } of batch) {
        deliveries.push({ body, receiveCount, failed: failed.has(messageId) });
      }
      return answer;
    },
  });

/** Whatever the tracker writes has the schema that readers get. */
const valid = (item: object | undefined): JobRecord | undefined => {
  const problems = item === undefined ? [] : recordProblems(item);
  if (problems.length > 0) throw new Error(`The record does not have its schema: ${problems.join('; ')}`);
  return item as JobRecord | undefined;
};

const readersOf = ({ client, url, jobsTable, sweepsTable }: EmbeddedTables, scope: string | undefined) => {
  const raw = new DynamoDBClient({ endpoint: url });
  return {
    record: async (jobArn: string) => {
      const input = { TableName: jobsTable, Key: { job_arn: jobArn }, ConsistentRead: true };
      return valid((await client.send(new GetCommand(input))).Item);
    },
    records: async () => {
      const pages = await Array.fromAsync(paginateScan({ client }, { TableName: jobsTable }));
      return pages.flatMap(({ Items }) => Items ?? []).map((item) => valid(item) as JobRecord);
    },
    rawItem: async (jobArn: string) =>
      (await raw.send(new GetItemCommand({ TableName: jobsTable, Key: { job_arn: { S: jobArn } } }))).Item,
    sweepState: async (sweep: SweepKind) =>
      (await client.send(new GetCommand({ TableName: sweepsTable, Key: { scope, sweep } }))).Item,
    expireLease: async () => {
      await client.send(
        new UpdateCommand({
          TableName: sweepsTable,
          Key: { scope, sweep: 'full' },
          UpdateExpression: 'SET lease_until = :past',
          ExpressionAttributeValues: { ':past': '2000-01-01T00:00:00.000Z' },
        }),
      );
    },
  };
};

/** Starts the tracker beside a Bedrock endpoint. */
export const startTracker = async (bedrockUrl: string, options: TrackerOptions = {}): Promise<Tracker> => {
  const { scopes = ['123456789012#us-east-1'], maxReceiveCount = 3, tagRefreshDays, metrics = false } = options;
  const tables = await startEmbeddedTables();
  const bedrock = await startProxy(bedrockUrl, bedrockOperation);
  const dynamoDb = await startProxy(tables.url, dynamoDbOperation);
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
    POWERTOOLS_METRICS_DISABLED: String(!metrics),
    AWS_ENDPOINT_URL_BEDROCK: bedrock.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    [ENV.jobsTable]: tables.jobsTable,
    [ENV.sweepsTable]: tables.sweepsTable,
    [ENV.scopes]: scopes.join(','),
    [ENV.sweepMinutes]: 'active=5,idle=5,empty=5,full=1440,models=60,usage=1440',
    ...(tagRefreshDays === undefined ? {} : { [ENV.tagRefreshDays]: String(tagRefreshDays) }),
    ...options.environment,
  };
  const log: LogLine[] = [];
  const started: Functions[] = [];
  const start = (change: Readonly<Record<string, string>> = {}): Functions => {
    const functions = startFunctions({ ...environment, ...change }, (line) => log.push(line));
    started.push(functions);
    return functions;
  };
  const instanceOf = ({ invoke, kill }: Functions): Instance => ({
    sweep: async (sweep, remainingMs = DEFAULT_REMAINING_MS) =>
      (await invoke('reconcile-jobs', { sweep }, remainingMs)) as SweptScopes,
    kill,
  });
  const functions = start();
  const deliveries: Delivery[] = [];
  const queue = queueInto(functions, deliveries, maxReceiveCount);
  return {
    ...instanceOf(functions),
    ...readersOf(tables, scopes[0]),
    bedrock,
    dynamoDb,
    tables,
    queue,
    deliveries,
    log,
    send: (event) => {
      queue.send(typeof event === 'string' ? event : JSON.stringify(event));
    },
    drained: () =>
      eventually(() => {
        const { waiting, inFlight } = queue.depths();
        if (waiting + inFlight > 0) throw new Error(`${waiting} messages wait and ${inFlight} are in flight`);
      }, 120_000),
    anotherInstance: (change) => instanceOf(start(change)),
    close: async () => {
      await Promise.all(started.map(({ kill }) => kill()));
      await queue.close();
      await bedrock.close();
      await dynamoDb.close();
      await tables.close();
    },
  };
};

interface SimulatedTrackerOptions extends TrackerOptions {
  readonly simulator?: SimulatorOptions;
  /** Whether the simulator's events reach the queue. @default true */
  readonly events?: boolean;
}

/** The tracker beside a simulated Bedrock whose clock only the test moves. */
export interface SimulatedTracker extends Tracker {
  readonly simulator: BedrockSimulator;
  readonly time: VirtualClock;
  /** Makes, stops and tags jobs: past the proxy, so that only the functions' calls are counted there. */
  readonly client: BedrockClient;
  /** Each job of the simulator has a record that equals it, and there are no others. */
  readonly expectEveryTruth: () => Promise<void>;
}

/** Real speed and no failures by chance: the test decides what happens and when. */
const STILL = { speed: 1, failureRate: 0 } as const;

export const startSimulatedTracker = async (options: SimulatedTrackerOptions = {}): Promise<SimulatedTracker> => {
  // Begins in the past, so that the lives of jobs do not run ahead of the functions' own clock.
  const time = new VirtualClock(Date.now() - 5 * DAY);

  const simulator = await startBedrockSimulator({ ...STILL, clock: time, ...options.simulator });
  const tracker = await startTracker(simulator.url, options);
  if (options.events !== false) simulator.onEvent(tracker.send);
  const client = new BedrockClient({ endpoint: simulator.url, maxAttempts: 1 });
  return {
    ...tracker,
    simulator,
    time,
    client,
    expectEveryTruth: async () => {
      const truths = [...simulator.jobs()];
      const records = new Map((await tracker.records()).map((record) => [record.job_arn, record]));
      for (const truth of truths) expectTruth(records.get(truth.job.jobArn), truth);
      if (records.size !== truths.length) throw new Error(`${records.size} records of ${truths.length} jobs`);
    },
    close: async () => {
      client.destroy();
      await simulator.close();
      await tracker.close();
    },
  };
};
