import * as bedrock from '@aws-sdk/client-bedrock';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import { rememberRequests } from '../../operator/aws-errors.ts';
import { type AwsClients, clientSettings, createClients, type Watch } from '../../operator/clients.ts';

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
