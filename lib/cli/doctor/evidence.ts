import {
  GetModelCustomizationJobCommand,
  ListModelCustomizationJobsCommand,
  ListTagsForResourceCommand,
  type GetModelCustomizationJobCommandOutput,
  type ModelCustomizationJobSummary,
} from '@aws-sdk/client-bedrock';
import pMap from 'p-map';
import type { JobRecord } from '../../domain/record.ts';
import type { Scope } from '../../domain/identity.ts';
import {
  type AwsClients,
  callerAccount,
  clientSettings,
  createClients,
  once,
  type Watch,
} from '../../operator/clients.ts';
import type { Connection } from '../context.ts';
import { trackedScopes } from '../tracked-scopes.ts';
import { rememberRequests } from '../../operator/aws-errors.ts';
import * as bedrock from '@aws-sdk/client-bedrock';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';

/** One client of each service that is asked. Bedrock and S3 are asked in other Regions too. */
export interface Clients extends AwsClients {
  readonly cloudTrail: cloudtrail.CloudTrailClient;
  readonly events: eventbridge.EventBridgeClient;
  readonly lambda: lambda.LambdaClient;
  readonly scheduler: scheduler.SchedulerClient;
  readonly sns: sns.SNSClient;
}

/** The modules whose enumerations are kept in recordings. */
export const SERVICES: readonly object[] = [bedrock, cloudtrail, eventbridge, lambda, s3, scheduler, sns, sqs, sts];

/** The doctor's own clients, so that all its requests are bounded and watched alike. */
export const openClients = (home: string, isSimulated: boolean, watch: Watch): Clients => {
  const settings = clientSettings(home);
  const ready: Watch = (client) => watch(rememberRequests(client));
  return {
    ...createClients(home, { isSimulated, watch }),
    cloudTrail: ready(new cloudtrail.CloudTrailClient(settings)),
    events: ready(new eventbridge.EventBridgeClient(settings)),
    lambda: ready(new lambda.LambdaClient(settings)),
    scheduler: ready(new scheduler.SchedulerClient(settings)),
    sns: ready(new sns.SNSClient(settings)),
  };
};

/** How much is looked at: a doctor that is slow or throttles the tracker is not asked again. */
export const MOST = { scopes: 3, jobs: 10, outputs: 5, trails: 5 } as const;
/** The longest page of List. */
const PAGE = 1000;
const AT_ONCE = 4;

/** Jobs of one scope as List has them, newest first: the first page. */
export interface Listing {
  readonly scope: Scope;
  readonly jobs: readonly ModelCustomizationJobSummary[];
  /** Whether there are more. */
  readonly isCut: boolean;
}

export interface LookedAt {
  readonly scope: Scope;
  readonly listed: ModelCustomizationJobSummary;
  readonly got: GetModelCustomizationJobCommandOutput;
}

/** What is asked of AWS once for several checks. Each rejects as the SDK does. */
export interface Evidence {
  readonly listings: () => Promise<readonly Listing[]>;
  readonly jobs: () => Promise<readonly LookedAt[]>;
  /** The number of tags of each looked-at job, by ARN. */
  readonly tags: () => Promise<ReadonlyMap<string, number>>;
  /** The records of the looked-at jobs, by ARN; undefined for a job without one. */
  readonly records: () => Promise<ReadonlyMap<string, JobRecord | undefined>>;
}

/** The scopes that the caller's own credentials reach: of the tracker's those of the account, else where the caller is. */
const ownScopes = async (
  clients: Clients,
  region: string,
  tracker: Connection | undefined,
): Promise<readonly Scope[]> => {
  if (tracker?.isLocal === true) return tracker.scopes;
  const accountId = await callerAccount(clients.sts());
  const own = (tracker === undefined ? [] : await trackedScopes(tracker)).filter(
    (scope) => scope.accountId === accountId,
  );
  return own.length > 0 ? own : [{ accountId, region }];
};

const listScope = async (clients: Clients, scope: Scope): Promise<Listing> => {
  const { modelCustomizationJobSummaries: jobs = [], nextToken } = await clients
    .bedrock(scope.region)
    .send(new ListModelCustomizationJobsCommand({ maxResults: PAGE, sortBy: 'CreationTime', sortOrder: 'Descending' }));
  return { scope, jobs, isCut: nextToken !== undefined };
};

/** The newest job of each status and base model first, then the newest: few looks show much. */
export const chooseJobs = (jobs: readonly ModelCustomizationJobSummary[]): readonly ModelCustomizationJobSummary[] => {
  const firsts = new Map<string, ModelCustomizationJobSummary>();
  for (const job of jobs) {
    const kind = `${job.status ?? ''} ${job.customizationType ?? ''} ${job.baseModelArn ?? ''}`;
    if (!firsts.has(kind)) firsts.set(kind, job);
  }
  return [...new Set([...firsts.values(), ...jobs])].slice(0, MOST.jobs);
};

export const gather = (clients: Clients, region: string, tracker: Connection | undefined): Evidence => {
  const listings = once(async () => {
    const scopes = await ownScopes(clients, region, tracker);
    return pMap(scopes.slice(0, MOST.scopes), (scope) => listScope(clients, scope));
  });
  const jobs = once(async () => {
    const chosen = (await listings()).flatMap(({ scope, jobs: all }) =>
      chooseJobs(all).map((listed) => ({ scope, listed })),
    );
    const look = async ({ scope, listed }: (typeof chosen)[number]): Promise<LookedAt> => ({
      scope,
      listed,
      got: await clients
        .bedrock(scope.region)
        .send(new GetModelCustomizationJobCommand({ jobIdentifier: listed.jobArn })),
    });
    return pMap(chosen, look, { concurrency: AT_ONCE });
  });
  const tags = once(async () => {
    const ask = async ({ scope, listed: { jobArn } }: LookedAt): Promise<[string, number]> => {
      const { tags: found = [] } = await clients
        .bedrock(scope.region)
        .send(new ListTagsForResourceCommand({ resourceARN: jobArn }));
      return [jobArn ?? '', found.length];
    };
    return new Map(await pMap(await jobs(), ask, { concurrency: AT_ONCE }));
  });
  const records = once(async () => {
    const read = async ({ listed: { jobArn = '' } }: LookedAt): Promise<[string, JobRecord | undefined]> => [
      jobArn,
      (await tracker?.jobs.getJob(jobArn))?.job,
    ];
    return new Map(await pMap(await jobs(), read, { concurrency: AT_ONCE }));
  });
  return { listings, jobs, tags, records };
};
