import { DynamoDBClient, GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import type { ReconcileAnswer } from '../../../lambdas/reconcile-jobs/handler.ts';
import { ENV, type SweepKind } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { systemClock } from '../../../lib/simulator/clock.ts';
import { SimulatedQueue } from '../../../lib/simulator/queue.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../embedded-tables.ts';
import { eventually } from './eventually.ts';
import { startFunctions, type Functions, type LogLine } from './functions.ts';
import { bedrockOperation, dynamoDbOperation, startProxy, type Proxy } from './proxy.ts';

/** A message of the queue each time it was handed to track-job. */
export interface Delivery {
  readonly body: string;
  readonly receiveCount: number;
  readonly failed: boolean;
}

export interface TrackerOptions {
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
export interface Instance {
  /** Runs reconcile-jobs. Rejects as the function does, with its code and message. */
  readonly sweep: (kind: SweepKind, remainingMs?: number) => Promise<ReconcileAnswer>;
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

const readersOf = ({ client, url, jobsTable, sweepsTable }: EmbeddedTables, scope: string | undefined) => {
  const raw = new DynamoDBClient({ endpoint: url });
  return {
    record: async (jobArn: string) => {
      const input = { TableName: jobsTable, Key: { job_arn: jobArn }, ConsistentRead: true };
      return (await client.send(new GetCommand(input))).Item as JobRecord | undefined;
    },
    records: async () => {
      const pages = await Array.fromAsync(paginateScan({ client }, { TableName: jobsTable }));
      return pages.flatMap(({ Items }) => (Items ?? []) as JobRecord[]);
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
      (await invoke('reconcile-jobs', { sweep }, remainingMs)) as ReconcileAnswer,
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
