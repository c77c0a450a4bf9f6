import { BedrockClient } from '@aws-sdk/client-bedrock';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { rememberRequests } from '../../operator/aws-request.ts';
import { createDocumentClient, dynamoDbSweepStore } from '../../runtime/dynamodb-stores.ts';
import { COMMAND_TIMEOUTS, INVOKE_TIMEOUTS, clientSettingsOf } from '../../runtime/timeouts.ts';
import { readQueueHealth, readScopeHealth, type TrackerHealth } from '../../operator/tracker-health.ts';
import { readSettings, type FoundSettings } from '../../operator/tracker-settings.ts';
import { createJobsClient } from '../../client/jobs-client.ts';
import { PARAMETER } from '../../contract.ts';
import { formatScope } from '../../domain/identity.ts';
import { readEnvironment } from '../../local/environment.ts';
import { settingsOfRun } from '../../local/run-file.ts';
import type { Connection } from '../context.ts';
import { askedRegion } from './asked-region.ts';
import type { TrackerFlags } from './flags.ts';
import { locateDeployed, locateLocalRun, parameterName, readParameter, type Location } from './locate.ts';

/** Makes a client at its first use, and gives the same one from then on. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** One client for each Region that is asked for. */
export const byRegion = <T>(home: string, make: (region: string) => T): ((region?: string) => T) => {
  const made = new Map<string, T>();
  return (region = home) => {
    const client = made.get(region) ?? make(region);
    made.set(region, client);
    return client;
  };
};

const clientSettings = (region: string) => ({ region, ...clientSettingsOf(COMMAND_TIMEOUTS) });

interface Found extends Location {
  readonly region: string;
  readonly isLocal: boolean;
  readonly parameter: (name: string) => Promise<string>;
  readonly settings: () => Promise<FoundSettings>;
}

const findDeployed = async (flags: TrackerFlags): Promise<Found> => {
  const asked = askedRegion(flags, readEnvironment());
  const ssm = rememberRequests(
    new SSMClient({
      ...(asked !== undefined && { region: asked }),
      ...clientSettingsOf(COMMAND_TIMEOUTS),
    }),
  );
  const region = asked ?? (await ssm.config.region());
  const location = await locateDeployed(flags, () => ssm);
  return {
    ...location,
    region,
    isLocal: false,
    parameter: (name) => readParameter(ssm, flags, name),
    settings: () => readSettings(ssm, parameterName(flags, PARAMETER.settings)),
  };
};

const findLocal = async (folder: string | undefined): Promise<Found> => {
  const { run, ...location } = await locateLocalRun(folder);
  const parameter = (name: string) => Promise.reject(new Error(`A local run has no SSM parameter ${name}.`));
  const settings = () => Promise.resolve(settingsOfRun(run));
  return { ...location, region: run.region, isLocal: true, parameter, settings };
};

/** Finds the tracker that the flags, the environment or SSM name. One or two requests to SSM, none where a table is named together with its scopes. */
export const connect = async (flags: TrackerFlags): Promise<Connection> => {
  const found = await (flags.local === undefined ? findDeployed(flags) : findLocal(flags.dataDir));
  const { region, tableName, scopes, isLocal } = found;
  const dynamoDb = rememberRequests(createDocumentClient(region, COMMAND_TIMEOUTS));
  const sqs = once(() => rememberRequests(new SQSClient(clientSettings(region))));
  const deployment = once(found.settings);
  const sweepsTableName = once(async () => found.sweepsTable ?? (await found.parameter(PARAMETER.sweepsTableName)));

  const health = async (): Promise<TrackerHealth> => {
    const queues = async () => {
      // A local run's queue is inside its process.
      if (isLocal) return [];
      const urls = (await found.parameter(PARAMETER.watchedQueueUrls)).split(',').map((url) => url.trim());
      return readQueueHealth(
        sqs(),
        urls.filter((url) => url !== ''),
      );
    };
    const sweeps = async () => readScopeHealth(dynamoDbSweepStore(dynamoDb, await sweepsTableName()));
    const [swept, queueHealth, settings] = await Promise.all([sweeps(), queues(), deployment()]);
    const names = new Set(swept.map(({ scope }) => formatScope(scope)));
    const never = scopes.filter((scope) => !names.has(formatScope(scope))).map((scope) => ({ scope }));
    return { scopes: [...swept, ...never], queues: queueHealth, settings };
  };

  return {
    tableName,
    region,
    isLocal,
    scopes,
    dynamoDb,
    jobs: createJobsClient(dynamoDb, { tableName, scopes }),
    sweepsTableName,
    health,
    settings: deployment,
    reconcileFunctionName: () => found.parameter(PARAMETER.reconcileJobsFunctionName),
    bedrock: byRegion(region, (each) => rememberRequests(new BedrockClient(clientSettings(each)))),
    // A bucket may lie in another Region than its jobs. The simulator has no names of hosts for buckets.
    s3: byRegion(region, (each) =>
      rememberRequests(new S3Client({ ...clientSettings(each), followRegionRedirects: true, forcePathStyle: isLocal })),
    ),
    lambda: once(() => rememberRequests(new LambdaClient({ region, ...clientSettingsOf(INVOKE_TIMEOUTS) }))),
    sqs,
  };
};
