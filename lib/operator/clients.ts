import { BedrockClient } from '@aws-sdk/client-bedrock';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { TrackerError } from '../domain/errors.ts';
import { clientSettingsOf, COMMAND_TIMEOUTS } from '../runtime/timeouts.ts';
import { type AwsClient, rememberRequests } from './aws-errors.ts';

/** Makes something at its first use, and gives the same from then on. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** One client for each Region that is asked for. */
const byRegion = <T>(home: string, make: (region: string) => T): ((region?: string) => T) => {
  const made = new Map<string, T>();
  return (region = home) => {
    const client = made.get(region) ?? make(region);
    made.set(region, client);
    return client;
  };
};

/** The settings of every client that a person waits for. */
export const clientSettings = (region: string) => ({ region, ...clientSettingsOf(COMMAND_TIMEOUTS) });

/** Does something to a new client, such as counting its requests. */
export type Watch = <C extends AwsClient>(client: C) => C;

/** Clients with a person's own credentials, made when they are first used. Each has the home Region unless it is given one. */
export interface AwsClients {
  readonly bedrock: (region?: string) => BedrockClient;
  readonly s3: (region?: string) => S3Client;
  readonly sqs: () => SQSClient;
  readonly sts: () => STSClient;
}

/** The clients of a command or dashboard. `isSimulated`: the simulator answers for Bedrock and S3. */
export const createClients = (
  home: string,
  { isSimulated = false, watch = (client) => client }: { readonly isSimulated?: boolean; readonly watch?: Watch } = {},
): AwsClients => {
  const ready: Watch = (client) => watch(rememberRequests(client));
  return {
    bedrock: byRegion(home, (region) => ready(new BedrockClient(clientSettings(region)))),
    // A bucket may lie in another Region than its jobs. The simulator has no host names for buckets.
    s3: byRegion(home, (region) =>
      ready(new S3Client({ ...clientSettings(region), followRegionRedirects: true, forcePathStyle: isSimulated })),
    ),
    sqs: once(() => ready(new SQSClient(clientSettings(home)))),
    sts: once(() => ready(new STSClient(clientSettings(home)))),
  };
};

/** The account of the caller's own credentials. One request. */
export const callerAccount = async (sts: STSClient): Promise<string> => {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account !== undefined) return Account;
  throw new TrackerError('AWS_REFUSED', 'STS did not name the account of your credentials.');
};
