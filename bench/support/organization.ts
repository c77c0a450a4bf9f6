/**
 * An organization over a virtual clock: a spoke in each of many scopes, the deployed handler of reconcile-jobs as the
 * schedule and the queue run it, its tables in memory, and the simulator's Bedrock behind the real adapters. A day of it
 * takes minutes.
 */
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler, type ReconcileHandlerDependencies } from '../../lambdas/reconcile-jobs/handler.ts';
import { JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE, type SweepKind } from '../../lib/contract.ts';
import { formatScope, type Scope } from '../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { bedrockModels } from '../../lib/runtime/bedrock-models.ts';
import {
  dynamoDbJobStore,
  dynamoDbModelStore,
  dynamoDbScopeStore,
  dynamoDbSweepStore,
} from '../../lib/runtime/dynamodb-stores.ts';
import { sleep, VirtualClock } from '../../lib/simulator/clock.ts';
import { parseFaults, type OperationName } from '../../lib/simulator/faults.ts';
import { SimulatedJobs } from '../../lib/simulator/jobs.ts';
import { OPERATIONS } from '../../lib/simulator/operations.ts';
import { load, type LoadedJob } from '../../lib/simulator/persistence.ts';
import { SimulatedQueue } from '../../lib/simulator/queue.ts';
import { seededRandom } from '../../lib/simulator/random.ts';
import { documentClient, SimulatedTable, type Item } from '../../lib/simulator/table.ts';
import { hear } from '../../lib/tracking/hear.ts';
import type { SweepPeriods } from '../../lib/tracking/scope.ts';
import { withDates } from '../../test/support/fixtures.ts';
import { HISTORY_SCOPE, historyJob } from './history.ts';

/** As the construct has them by default. */
export const PERIODS = {
  ...{ active: 5 * MINUTE, idle: HOUR, empty: DAY, releaseAfter: DAY },
  ...{ full: DAY, models: HOUR },
} as const satisfies SweepPeriods;
export const CONCURRENCY = 20;
export const VISIBILITY_TIMEOUT = 15 * MINUTE;
const LAMBDA_TIMEOUT = 15 * MINUTE;
const MAX_RECEIVE_COUNT = 3;
/** What each call of another service takes, in ms. */
export const TABLE_MS = 5;
const QUEUE_MS = 10;
const TICK_EVERY = PERIODS.active;
/** All spokes come within this time, as a StackSet deploys them, and beat at that time of each hour. */
const COME_WITHIN = 5 * MINUTE;
const REGIONS_AN_ACCOUNT = 10;

export type Kind = 'active' | 'idle' | 'empty';
/** Of 50 scopes one has active jobs, and nine had some. */
const kindOf = (n: number): Kind => (n % 50 === 0 ? 'active' : n % 50 < 10 ? 'idle' : 'empty');
export const scopeAt = (n: number): Scope => ({
  accountId: String(100_000_000_000 + Math.floor(n / REGIONS_AN_ACCOUNT)),
  region: `us-east-${(n % REGIONS_AN_ACCOUNT) + 1}`,
});

/** Jobs, and how many of the newest are active; the others ended within a week. */
const HISTORIES = { active: { jobs: 12, active: 2, ago: 0 }, idle: { jobs: 5, active: 0, ago: 3 * DAY } } as const;

const jobsOf = (n: number, now: number): LoadedJob[] => {
  const kind = kindOf(n);
  if (kind === 'empty') return [];
  const { jobs, active, ago } = HISTORIES[kind];
  const { accountId, region } = scopeAt(n);
  return Array.from({ length: jobs }, (_, age) => {
    const text = JSON.stringify(historyJob(age, { until: now - ago, active }));
    return JSON.parse(
      text.replaceAll(HISTORY_SCOPE.accountId, accountId).replaceAll(HISTORY_SCOPE.region, region),
    ) as LoadedJob;
  });
};

/** Requests to Bedrock by what they ask for. */
export type Operation = OperationName | 'ListActiveJobs';
/** What goes wrong in one scope. */
export type Trouble = 'denied' | 'hangs';

const NEVER = new Promise<never>(() => undefined);
const denied = () => Object.assign(new Error('User is not authorized'), { name: 'AccessDeniedException' });
const tally = <Key>(counts: Map<Key, number>, key: Key, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};

/** Units of DynamoDB: what a request reads or writes, by the sizes of its items. */
export interface Units {
  read: number;
  write: number;
}

const kb = (items: readonly object[]): number => items.reduce((sum, one) => sum + JSON.stringify(one).length, 0) / 1024;

/** Of a write to the sweeps table: the item, and its entry in the index where that changes. */
const writeUnits = (before: Item | undefined, after: Item): number => {
  const unit = Math.max(1, Math.ceil(kb([after])));
  const { partitionKey, sortKey } = SWEEPS_TABLE.indexes['by-state'];
  if (after[partitionKey] === undefined) return unit;
  if (before === undefined) return unit + 1;
  // An entry whose key changes is deleted and written.
  const isMoved = [partitionKey, sortKey].some((name) => before[name] !== after[name]);
  if (isMoved) return unit + 2;
  return unit + (SWEEPS_TABLE.projected.some((name) => before[name] !== after[name]) ? 1 : 0);
};

/** What the handler logs of a sweep. */
interface SweptLine {
  readonly scope: string;
  readonly sweep: SweepKind;
  readonly listed: number;
  readonly finished: boolean;
}

export class Organization {
  readonly clock = new VirtualClock();
  readonly scopes: readonly Scope[];
  /** Requests to Bedrock since they were cleared. */
  readonly calls = new Map<Operation, number>();
  /** Sweeps that ended, by kind. */
  readonly swept = new Map<SweepKind, number>();
  readonly troubles = new Map<string, Trouble>();
  readonly units: Units = { read: 0, write: 0 };
  /** When the last active sweep of a scope with active jobs ended, and the longest time between two. */
  readonly sweptAt = new Map<string, number>();
  /** Of scopes whose full sweep has ended. */
  readonly backfilled = new Set<string>();
  longestGap = 0;
  ticks = 0;
  isPaused = false;

  readonly #bedrock = new SimulatedJobs(() => undefined);
  readonly #tables: Readonly<Record<'jobs' | 'models' | 'sweeps', SimulatedTable>>;
  readonly #latencyMs: number;
  readonly #queue: SimulatedQueue;
  readonly #handle: ReturnType<typeof makeHandler>;
  readonly #hearing: Parameters<typeof hear>[0];
  readonly #clients = new Map<string, BedrockClient>();

  constructor(count: number, latencyMs: number) {
    this.#latencyMs = latencyMs;
    this.scopes = Array.from({ length: count }, (_, n) => scopeAt(n));
    const now = this.clock.now();
    load(
      this.scopes.flatMap((_, n) => jobsOf(n, now)),
      this.#bedrock,
      now,
    );
    this.#tables = {
      jobs: new SimulatedTable(JOBS_TABLE),
      models: new SimulatedTable(MODELS_TABLE),
      sweeps: new SimulatedTable(SWEEPS_TABLE, {
        onWrite: (before, after) => (this.units.write += writeUnits(before, after)),
      }),
    };
    // A trail has told of the newest job.
    this.scopes.forEach((scope, n) => {
      const [newest] = jobsOf(n, now);
      if (newest === undefined) return;
      this.#tables.sweeps.load({
        scope: formatScope(scope),
        sweep: 'active',
        creation_told_at: newest.job.creationTime,
      });
    });
    const deps = this.#dependencies();
    this.#hearing = { scopes: deps.scopes, clock: deps.clock };
    this.#handle = makeHandler(deps);
    this.#queue = new SimulatedQueue({
      clock: this.clock,
      maxConcurrency: CONCURRENCY,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      batchSize: 1,
      visibilityTimeoutMs: VISIBILITY_TIMEOUT,
      pollMs: 0,
      invoke: async (event) => (await this.#invoke(event)) as { batchItemFailures: [] },
    });
  }

  /** Lets the spokes come, and the schedule fire. */
  start(): void {
    this.scopes.forEach((scope, n) => {
      const beat = (): void => {
        if (!this.isPaused) void hear(this.#hearing, scope, 'heartbeat');
        this.clock.after(HOUR, beat);
      };
      this.clock.after((n * COME_WITHIN) / this.scopes.length, beat);
    });
    const fire = (): void => {
      this.clock.after(TICK_EVERY, fire);
      if (!this.isPaused) void this.tick();
    };
    fire();
  }

  async tick(): Promise<void> {
    await this.#invoke({ sweep: 'due' });
    this.ticks += 1;
  }

  heartbeat(scope: Scope): Promise<unknown> {
    return hear(this.#hearing, scope, 'heartbeat');
  }

  /** Sweeps one scope as a message of the queue asks for. */
  async sweep(scope: Scope): Promise<void> {
    this.#queue.send(JSON.stringify({ scope: formatScope(scope) }));
    await this.#queue.idle();
  }

  /** How old what is known of each active scope is. */
  ages(): number[] {
    return [...this.sweptAt.values()].map((at) => this.clock.now() - at);
  }

  clear(): void {
    this.calls.clear();
    this.swept.clear();
    Object.assign(this.units, { read: 0, write: 0 });
    this.longestGap = 0;
    this.ticks = 0;
  }

  /** One invocation, which Lambda ends after its time. */
  #invoke(event: unknown): Promise<unknown> {
    const end = this.clock.now() + LAMBDA_TIMEOUT;
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(LAMBDA_TIMEOUT, () => reject(new Error('Task timed out')));
      this.#handle(event, { getRemainingTimeInMillis: () => end - this.clock.now() })
        .then(resolve, reject)
        .finally(cancel);
    });
  }

  #dependencies(): ReconcileHandlerDependencies & Required<Pick<ReconcileHandlerDependencies, 'send'>> {
    const dynamoDb = documentClient((command) => this.#dynamoDb(command));
    return {
      bedrockOf: (scope) => bedrockJobs(this.#clientOf(scope), scope),
      models: {
        bedrockModelsOf: (scope) => bedrockModels(this.#clientOf(scope), scope),
        models: dynamoDbModelStore(dynamoDb, 'models'),
      },
      jobs: dynamoDbJobStore(dynamoDb, 'jobs'),
      sweeps: dynamoDbSweepStore(dynamoDb, 'sweeps'),
      scopes: dynamoDbScopeStore(dynamoDb, 'sweeps'),
      clock: () => new Date(this.clock.now()),
      named: [],
      periods: PERIODS,
      send: async (messages) => {
        await sleep(this.clock, QUEUE_MS);
        for (const message of messages) this.#queue.send(JSON.stringify(message));
      },
      log: {
        info: (message, ...fields) => this.#hearLog(message, fields[0]),
        warn: () => undefined,
        error: () => undefined,
      },
      metrics: { add: () => undefined },
    };
  }

  #hearLog(message: unknown, fields: unknown): void {
    if (message !== 'scope swept') return;
    const { scope, sweep, listed, finished } = fields as SweptLine;
    tally(this.swept, sweep);
    if (sweep === 'full' && finished) this.backfilled.add(scope);
    if (sweep !== 'active' || listed === 0) return;
    const now = this.clock.now();
    if (!this.troubles.has(scope)) this.longestGap = Math.max(this.longestGap, now - (this.sweptAt.get(scope) ?? now));
    this.sweptAt.set(scope, now);
  }

  async #dynamoDb(command: unknown): Promise<object> {
    await sleep(this.clock, TABLE_MS);
    const { TableName, ConsistentRead = false } = (command as QueryCommand).input;
    const answer = this.#tables[TableName as 'jobs' | 'models' | 'sweeps'].run(command);
    if (TableName === 'sweeps' && (command instanceof GetCommand || command instanceof QueryCommand)) {
      const { Items = [] } = answer as { readonly Items?: readonly Item[] };
      this.units.read += Math.max(1, Math.ceil(kb(Items) / 4)) * (ConsistentRead ? 1 : 0.5);
    }
    return answer;
  }

  #clientOf(scope: Scope): BedrockClient {
    const key = formatScope(scope);
    const send = (command: { readonly input: Readonly<Record<string, unknown>> }) =>
      this.#bedrockAnswer(scope, command);
    const client =
      this.#clients.get(key) ?? Object.assign(Object.create(BedrockClient.prototype) as BedrockClient, { send });
    this.#clients.set(key, client);
    return client;
  }

  /** What the simulator answers to a command of the SDK. */
  async #bedrockAnswer(scope: Scope, command: { readonly input: Readonly<Record<string, unknown>> }): Promise<object> {
    const name = command.constructor.name.replace(/Command$/, '') as OperationName;
    const given = Object.entries(command.input).filter(([, value]) => value !== undefined);
    const isOfActive = command.input['statusEquals'] !== undefined && name === 'ListModelCustomizationJobs';
    tally<Operation>(this.calls, isOfActive ? 'ListActiveJobs' : name);
    await sleep(this.clock, this.#latencyMs);
    const trouble = this.troubles.get(formatScope(scope));
    if (trouble === 'hangs') return NEVER;
    if (trouble === 'denied') throw denied();
    const text = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));
    const query = Object.fromEntries(given.map(([key, value]) => [key, text(value)]));
    const { input, run } = OPERATIONS[name];
    const isList = name.startsWith('List') && name !== 'ListTagsForResource';
    const answer = run(
      input({ identifier: isList ? '' : text(given[0]?.[1]), query: isList ? query : {}, body: command.input }),
      {
        caller: { ...scope, accessKeyId: scope.accountId },
        ...{ now: this.clock.now(), store: this.#bedrock, random: seededRandom(1) },
        ...{ plans: { speed: 1, failureRate: 0 }, faults: parseFaults({}) },
      },
    );
    return withDates({ $metadata: {}, ...answer }) as object;
  }
}

/** The n-th scope of a kind. */
export const scopeOfKind = (kind: Kind, n: number): Scope => scopeAt(50 * n + { active: 0, idle: 1, empty: 10 }[kind]);
export const countOf = (kind: Kind, scopes: number): number =>
  Array.from({ length: scopes }, (_, n) => kindOf(n)).filter((one) => one === kind).length;
