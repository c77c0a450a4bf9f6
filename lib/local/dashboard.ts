import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createClients } from '../operator/clients.ts';
import { dynamoDbSweepStore } from '../runtime/dynamodb-stores.ts';
import { readScopeHealth, type TrackerHealth } from '../operator/tracker-health.ts';
import type { FoundSettings } from '../operator/tracker-settings.ts';
import type { JobsClient } from '../client/requests.ts';
import { builtAssets } from '../dashboard/server/assets.ts';
import type { DashboardDependencies } from '../dashboard/server/dependencies.ts';
import { onAws } from '../dashboard/server/on-aws.ts';
import type { BedrockSource } from './bedrock-source.ts';
import type { QueueDepths } from '../simulator/queue.ts';
import { LOCAL_TABLES } from './tables.ts';

/** Between two looks at the table, in ms: it is on this machine, and its jobs live fast. */
const UPDATE_INTERVAL = 1_000;

/** Messages wait in the queue while all is well; what was given up on does not. */
const queuesOf = (depths: QueueDepths | undefined): TrackerHealth['queues'] =>
  depths === undefined ? [] : [{ name: "this run's dead letters", messages: depths.dead }];

/** What the dashboard of a local run is made of: its table, its queue, and its source of jobs as Bedrock and S3. */
export const localDashboard = (
  { scopes, url }: Pick<BedrockSource, 'scopes' | 'url'>,
  region: string,
  jobs: JobsClient,
  dynamoDb: DynamoDBDocumentClient,
  queueDepths: () => QueueDepths,
  settings: FoundSettings,
): DashboardDependencies => {
  const sweeps = dynamoDbSweepStore(dynamoDb, LOCAL_TABLES.sweeps);
  const isSimulated = url !== undefined;
  return {
    jobs,
    scopes,
    tableName: LOCAL_TABLES.jobs,
    region,
    // No events come from AWS, so there is no queue of them.
    health: async () => ({
      scopes: await readScopeHealth(sweeps),
      queues: queuesOf(isSimulated ? queueDepths() : undefined),
      settings,
    }),
    ...onAws({ ...createClients(region, { isSimulated }), dynamoDb }, LOCAL_TABLES.jobs),
    clock: () => new Date(),
    assetsDir: builtAssets(),
    updateInterval: UPDATE_INTERVAL,
  };
};
