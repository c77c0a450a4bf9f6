import type { DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { makeHandler as makeNotify } from '../../../lambdas/notify-transition/handler.ts';
import { makeHandler as makePublish } from '../../../lambdas/publish-transitions/handler.ts';
import {
  makeHandler as makeReconcile,
  type SendSweeps,
  type SweptScopes,
} from '../../../lambdas/reconcile-jobs/handler.ts';
import { makeHandler as makeTrack } from '../../../lambdas/track-job/handler.ts';
import { clientsOfScopes } from '../../../lib/runtime/bedrock-calls.ts';
import { bedrockJobs } from '../../../lib/runtime/bedrock-jobs.ts';
import { bedrockModels } from '../../../lib/runtime/bedrock-models.ts';
import { cloudWatchUse } from '../../../lib/runtime/cloudwatch.ts';
import {
  dynamoDbJobStore,
  dynamoDbModelStore,
  dynamoDbScopeStore,
  dynamoDbSweepStore,
} from '../../../lib/runtime/dynamodb-stores.ts';
import { eventBridgeTransitionBus } from '../../../lib/runtime/transition-bus.ts';
import type { MetricRecorder } from '../../../lib/runtime/metrics.ts';
import { MESSAGE_TIMEOUTS, SWEEP_TIMEOUTS, type Timeouts } from '../../../lib/runtime/timeouts.ts';
import {
  EVENT_SOURCES,
  METRIC,
  METRIC_NAMESPACE,
  type EventSource,
  type ReconcileRequest,
} from '../../../lib/contract.ts';
import type { Scope } from '../../../lib/domain/identity.ts';
import { DAY } from '../../../lib/domain/time.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';
import type { SweepStore } from '../../../lib/tracking/ports.ts';
import type { SweepPeriods } from '../../../lib/tracking/scope.ts';
import type { SweepState } from '../../../lib/tracking/sweep-state.ts';
import { eventOf } from '../../support/transitions.ts';
import type { Version, WorldBedrock } from './bedrock.ts';
import { bedrockClient } from './bedrock-client.ts';
import { cloudWatchClient } from './cloudwatch-client.ts';
import { busClient } from './event-bus.ts';
import { Invocation, type Ending, type InvocationOptions, type Machine, type Refusal } from './invocation.ts';
import type { FunctionName, MappingName, Measurement } from './outages.ts';
import { JOBS, MODELS, SWEEPS, tableClient, type WorldTables } from './table-client.ts';

/** What the functions of a world hold on to. */
export interface Surroundings {
  readonly machine: Machine;
  readonly bedrock: WorldBedrock;
  readonly tables: WorldTables;
  readonly publish: (detail: AnyDetail) => void;
  readonly tagRefreshDays: number;
  /** How many jobs a full sweep compares before it saves its progress. */
  readonly chunk: number;
  /** How many jobs Bedrock lists at a time. */
  readonly pageSize: number;
  readonly periods: SweepPeriods;
  /** How the ticks of a hub send messages to the queue of sweeps; absent where the function sweeps the scopes itself. */
  readonly sendOf?: (invocation: Invocation) => SendSweeps;
}

/** An invocation and how it ended. */
export interface Invoked<Result> {
  readonly invocation: Invocation;
  readonly ending: Promise<Ending<Result>>;
}

/** What Lambda reads of each source, as the stack tells the function. */
const MAPPINGS = {
  'job-events': ['job-events'],
  transitions: ['transitions', 'model-transitions'],
} as const satisfies Readonly<Record<EventSource, readonly MappingName[]>>;
/** The default of the prop `idleAfter`. */
const IDLE_AFTER = 14 * DAY;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** What a function measures comes out when it answers or throws, by its log group: one that is killed prints nothing. */
class BufferedMeter implements MetricRecorder {
  readonly #measured: Omit<Measurement, 'at'>[] = [];

  add: MetricRecorder['add'] = (name, value, part = {}) => {
    const dimensions = { service: 'bedrock-job-tracker', ...part };
    this.#measured.push({ namespace: METRIC_NAMESPACE, name, dimensions, value });
  };

  flush({ outages, observer }: Machine): void {
    // CloudWatch Logs takes no line that it cannot encrypt.
    if (outages.keyIsEnabled) this.#measured.forEach(observer.measure);
  }
}

/** An invocation as Lambda runs and measures it. */
const invoke = <Result>(
  { machine }: Surroundings,
  { fn, ...options }: InvocationOptions & { readonly fn: FunctionName },
  body: (invocation: Invocation, metrics: MetricRecorder) => Promise<Result>,
): Invoked<Result> => {
  const { outages, observer } = machine;
  const invocation = new Invocation(machine, options);
  const meter = new BufferedMeter();
  const isBroken = outages.brokenFunctions.has(fn);
  const run = invocation.run((own) =>
    isBroken ? Promise.reject(new Error('Runtime.ImportModuleError')) : body(own, meter),
  );
  const ending = run.then((ended) => {
    if (ended.how !== 'killed') meter.flush(machine);
    // Lambda dates an invocation's metrics by its beginning.
    const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName: fn }, at: invocation.startedAt };
    observer.measure({ ...of, name: 'Errors', value: ended.how === 'answered' ? 0 : 1 });
    return ended;
  });
  return { invocation, ending };
};

/** Code of the first version knows nothing of what the second keeps beside it, and drops it with each write. */
const withoutVersion = ({ record_version: _, refresh: __, ...state }: SweepState): SweepState => state;
const sweepsOf = (store: SweepStore, version: Version): SweepStore =>
  version === 2
    ? store
    : {
        get: async (scope, sweep) => {
          const state = await store.get(scope, sweep);
          return state && withoutVersion(state);
        },
        acquire: async (scope, sweep, lease) => {
          const state = await store.acquire(scope, sweep, lease);
          return state && withoutVersion(state);
        },
        save: (scope, sweep, state) => store.save(scope, sweep, withoutVersion(state)),
      };

/** The adapters as a function's `index.ts` builds them, on the clients of one invocation. */
const dependencies = (
  world: Surroundings,
  { invocation, metrics, patience }: { invocation: Invocation; metrics: MetricRecorder; patience: Timeouts },
) => {
  const { machine, pageSize } = world;
  const table = tableClient(world.tables, machine, invocation);
  const clientOf = clientsOfScopes((scope) =>
    bedrockClient(world.bedrock, machine, { scope, invocation, patience, pageSize }),
  );
  return {
    bedrockOf: (scope: Scope) => bedrockJobs(clientOf(scope), scope),
    models: {
      bedrockModelsOf: (scope: Scope) => bedrockModels(clientOf(scope), scope),
      models: dynamoDbModelStore(table, MODELS),
      clock: invocation.clock,
    },
    jobs: dynamoDbJobStore(table, JOBS),
    sweeps: sweepsOf(dynamoDbSweepStore(table, SWEEPS), invocation.options.version),
    scopes: dynamoDbScopeStore(table, SWEEPS),
    periods: world.periods,
    clock: invocation.clock,
    log: silent,
    metrics,
  };
};

/** The function of the queue, on one batch. */
export const invokeTrackJob = (
  world: Surroundings,
  { event, ...options }: { event: SQSEvent } & InvocationOptions,
): Invoked<SQSBatchResponse> =>
  invoke(world, { ...options, fn: 'track-job' }, (invocation, metrics) =>
    makeTrack(dependencies(world, { invocation, metrics, patience: MESSAGE_TIMEOUTS }))(event, invocation.context()),
  );

/** The function of the schedule and of the queue of sweeps, on a request or on messages. */
const invokeReconcile = <Result>(
  world: Surroundings,
  { event, named, ...options }: { event: ReconcileRequest | SQSEvent; named: readonly Scope[] } & InvocationOptions,
): Invoked<Result> =>
  invoke(world, { ...options, fn: 'reconcile-jobs' }, (invocation, metrics) => {
    const { machine, tagRefreshDays, chunk, sendOf } = world;
    const own = { named, tagRefreshDays, chunk, recordVersion: invocation.options.version };
    const eventSources = Object.fromEntries(
      EVENT_SOURCES.map((source) => [
        source,
        () => Promise.resolve(MAPPINGS[source].every((mapping) => !machine.outages.disabledMappings.has(mapping))),
      ]),
    );
    const held = {
      ...dependencies(world, { invocation, metrics, patience: SWEEP_TIMEOUTS }),
      ...(sendOf === undefined ? {} : { send: sendOf(invocation) }),
    };
    const useOf = (scope: Scope) =>
      cloudWatchUse(cloudWatchClient(world.bedrock, machine, { scope, invocation }), scope);
    const handler = makeReconcile({ ...held, ...own, eventSources, usage: { useOf, idleAfterMs: IDLE_AFTER } });
    return handler(event, invocation.context()) as Promise<Result>;
  });

export const invokeReconcileJobs = (
  world: Surroundings,
  options: { event: ReconcileRequest; named: readonly Scope[] } & InvocationOptions,
): Invoked<SweptScopes | { readonly sent: number }> => invokeReconcile(world, options);

export const invokeSweepScope = (
  world: Surroundings,
  options: { event: SQSEvent; named: readonly Scope[] } & InvocationOptions,
): Invoked<SQSBatchResponse> => invokeReconcile(world, options);

/** The function of the stream, on one batch. */
export const invokePublishTransitions = (
  world: Surroundings,
  { event, ...options }: { event: DynamoDBStreamEvent } & InvocationOptions,
): Invoked<DynamoDBBatchResponse> =>
  invoke(world, { ...options, fn: 'publish-transitions' }, (invocation, metrics) => {
    const client = busClient(world.machine, invocation, world.publish);
    const count = (published: number) => metrics.add(METRIC.transitionsPublished, published);
    const handler = makePublish({ bus: eventBridgeTransitionBus(client, 'bus'), log: silent, count });
    return handler(event);
  });

/** The function of the rule for people, on one transition. */
export const invokeNotifyTransition = (
  world: Surroundings,
  { detail, ...options }: { detail: AnyDetail } & InvocationOptions,
): Invoked<void> =>
  invoke(world, { ...options, fn: 'notify-transition' }, (invocation) => {
    const refusal: Refusal | undefined = world.machine.outages.topicIsDenied
      ? { when: 'before', error: new Error('not authorized to perform: SNS:Publish') }
      : undefined;
    const notify = async (): Promise<void> => {
      await invocation.request({ call: 'Publish', refusal, effect: () => ({}) });
    };
    return makeNotify({ topic: { notify }, log: silent })(eventOf(detail));
  });
