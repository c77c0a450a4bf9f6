import type { DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { makeHandler as makePublish } from '../../../lambdas/publish-transitions/handler.ts';
import { makeHandler as makeReconcile, type ReconcileAnswer } from '../../../lambdas/reconcile-jobs/handler.ts';
import { makeHandler as makeTrack } from '../../../lambdas/track-job/handler.ts';
import { bedrockOfScopes } from '../../../lib/adapters/bedrock-jobs.ts';
import { dynamoDbJobStore } from '../../../lib/adapters/dynamodb-job-store.ts';
import { dynamoDbSweepStore } from '../../../lib/adapters/dynamodb-sweep-store.ts';
import { eventBridgeTransitionBus } from '../../../lib/adapters/transition-bus.ts';
import type { SweepKind } from '../../../lib/contract.ts';
import type { Scope } from '../../../lib/domain/scope.ts';
import type { TransitionDetail } from '../../../lib/domain/transition-event.ts';
import type { SweepStore } from '../../../lib/tracking/ports.ts';
import type { SweepState } from '../../../lib/tracking/sweep-state.ts';
import type { Version, WorldBedrock } from './bedrock.ts';
import { bedrockClient } from './bedrock-client.ts';
import { busClient } from './event-bus.ts';
import { Invocation, type Ending, type InvocationOptions, type Machine } from './invocation.ts';
import { tableClient } from './table-client.ts';
import { JOBS, SWEEPS, type WorldTables } from './table.ts';

/** What the functions of a world hold on to. */
export interface Surroundings {
  readonly machine: Machine;
  readonly bedrock: WorldBedrock;
  readonly tables: WorldTables;
  readonly publish: (detail: TransitionDetail) => void;
  readonly tagRefreshDays: number;
}

/** An invocation and how it ended. */
export interface Invoked<Result> {
  readonly invocation: Invocation;
  readonly ending: Promise<Ending<Result>>;
}

/** Few jobs make several chunks, so that sweeps save their progress and go on from it. */
const CHUNK = 2;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const metrics = { add: () => undefined };

const invoke = <Result>(
  { machine }: Surroundings,
  options: InvocationOptions,
  body: (invocation: Invocation) => Promise<Result>,
): Invoked<Result> => {
  const invocation = new Invocation(machine, options);
  return { invocation, ending: invocation.run(body) };
};

/** Code of the first version knows nothing of what the second keeps beside it, and drops it with each write. */
const withoutVersion = ({ record_version: _, refresh: __, ...state }: SweepState): SweepState => state;
const sweepsOf = (store: SweepStore, version: Version): SweepStore =>
  version === 2
    ? store
    : {
        list: async () => (await store.list()).map((one) => ({ ...one, state: withoutVersion(one.state) })),
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
const dependencies = (world: Surroundings, scopes: readonly Scope[], invocation: Invocation) => {
  const { faults } = world.machine;
  const table = tableClient(world.tables, faults, invocation);
  return {
    bedrockOf: bedrockOfScopes(scopes, (scope) => bedrockClient(world.bedrock, faults, { scope, invocation })),
    jobs: dynamoDbJobStore(table, JOBS),
    sweeps: sweepsOf(dynamoDbSweepStore(table, SWEEPS), invocation.options.version),
    clock: invocation.clock,
    log: silent,
    metrics,
  };
};

/** The function of the queue, on one batch. */
export const invokeTrackJob = (
  world: Surroundings,
  { event, scopes, ...options }: { event: SQSEvent; scopes: readonly Scope[] } & InvocationOptions,
): Invoked<SQSBatchResponse> =>
  invoke(world, options, (invocation) =>
    makeTrack(dependencies(world, scopes, invocation))(event, invocation.context()),
  );

/** The function of the schedules, on one sweep. */
export const invokeReconcileJobs = (
  world: Surroundings,
  { sweep, scopes, ...options }: { sweep: SweepKind; scopes: readonly Scope[] } & InvocationOptions,
): Invoked<ReconcileAnswer> =>
  invoke(world, options, (invocation) => {
    const { tagRefreshDays } = world;
    const own = { scopes, tagRefreshDays, chunk: CHUNK, recordVersion: invocation.options.version };
    const handler = makeReconcile({ ...dependencies(world, scopes, invocation), ...own });
    return handler({ sweep }, invocation.context());
  });

/** The function of the stream, on one batch. */
export const invokePublishTransitions = (
  world: Surroundings,
  { event, ...options }: { event: DynamoDBStreamEvent } & InvocationOptions,
): Invoked<DynamoDBBatchResponse> =>
  invoke(world, options, (invocation) => {
    const client = busClient(world.machine.faults, invocation, world.publish);
    const handler = makePublish({ bus: eventBridgeTransitionBus(client, 'bus'), log: silent, count: () => undefined });
    return handler(event, invocation.context());
  });
