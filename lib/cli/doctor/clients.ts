import * as bedrock from '@aws-sdk/client-bedrock';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import { rememberRequests } from '../../operator/aws-request.ts';
import { clientSettingsOf, COMMAND_TIMEOUTS } from '../../runtime/timeouts.ts';
import { byRegion } from '../connection/connect.ts';

/** What watches a client: counts its requests, and may keep the answers. */
export type Watch = <C extends WatchedClient>(client: C) => C;

/** As much of a client of the SDK as can be watched. */
export interface WatchedClient {
  readonly config: { readonly region: () => Promise<string> };
  // The types of a middleware name the input and output of each client; what watches looks at none of them.
  readonly middlewareStack: { add(middleware: never, options: object): void };
}

/** One client of each service that is asked. Bedrock and S3 are asked in other Regions too. */
export interface Clients {
  readonly bedrock: (region: string) => bedrock.BedrockClient;
  readonly s3: (region: string) => s3.S3Client;
  readonly cloudTrail: cloudtrail.CloudTrailClient;
  readonly events: eventbridge.EventBridgeClient;
  readonly lambda: lambda.LambdaClient;
  readonly scheduler: scheduler.SchedulerClient;
  readonly sns: sns.SNSClient;
  readonly sqs: sqs.SQSClient;
  readonly sts: sts.STSClient;
}

/** The modules whose enumerations are kept in recordings. */
export const SERVICES: readonly object[] = [bedrock, cloudtrail, eventbridge, lambda, s3, scheduler, sns, sqs, sts];

/** The doctor's own clients, so that all its requests are bounded and watched alike. */
export const createClients = (home: string, isLocal: boolean, watch: Watch): Clients => {
  const common = (region: string) => ({ region, ...clientSettingsOf(COMMAND_TIMEOUTS) });
  const ready = <C extends WatchedClient>(client: C): C => watch(rememberRequests(client));
  const settings = common(home);
  return {
    bedrock: byRegion(home, (region) => ready(new bedrock.BedrockClient(common(region)))),
    // A bucket may lie in another Region than its jobs. The simulator has no names of hosts for buckets.
    s3: byRegion(home, (region) =>
      ready(new s3.S3Client({ ...common(region), followRegionRedirects: true, forcePathStyle: isLocal })),
    ),
    cloudTrail: ready(new cloudtrail.CloudTrailClient(settings)),
    events: ready(new eventbridge.EventBridgeClient(settings)),
    lambda: ready(new lambda.LambdaClient(settings)),
    scheduler: ready(new scheduler.SchedulerClient(settings)),
    sns: ready(new sns.SNSClient(settings)),
    sqs: ready(new sqs.SQSClient(settings)),
    sts: ready(new sts.STSClient(settings)),
  };
};
