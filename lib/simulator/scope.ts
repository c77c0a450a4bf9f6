import { ApiError } from './errors.ts';

/** A place where jobs, their names and their idempotency tokens live: one account in one Region. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

/** Who calls: the scope, and the access key as CloudTrail shows it. */
export interface Caller extends Scope {
  readonly accessKeyId: string;
}

const CREDENTIAL =
  /^AWS4-[A-Z0-9-]+\s.*?\bCredential=(?<key>[\w-]{1,128})\/\d{8}\/(?<region>[a-z0-9-]{1,20})\/[a-z0-9-]{1,64}\/aws4_request\b/;
const ACCOUNT_ID = /^\d{12}$/;

/**
 * The caller that a request's SigV4 header names: the Region of the credential scope, and the access key as the
 * account where it has the form of one. Signatures are not checked. Requests without a SigV4 header (plain curl, a
 * bearer token) get the defaults.
 */
export const callerOf = (authorization: string | undefined, defaults: Scope): Caller => {
  if (!authorization?.startsWith('AWS4-')) return { ...defaults, accessKeyId: 'ASIASIMULATEDEXAMPLE' };
  const { key, region } = CREDENTIAL.exec(authorization)?.groups ?? {};
  if (key === undefined || region === undefined)
    throw new ApiError(
      'IncompleteSignatureException',
      "The Authorization header needs 'Credential=<access key>/<date>/<region>/bedrock/aws4_request'.",
    );
  return { accountId: ACCOUNT_ID.test(key) ? key : defaults.accountId, region, accessKeyId: key };
};

export const scopeKey = ({ accountId, region }: Scope): string => `${accountId}#${region}`;

/** ARNs of other partitions differ in their second part. */
export const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('us-isob-')) return 'aws-iso-b';
  return region.startsWith('us-iso-') ? 'aws-iso' : 'aws';
};

/** The parts before the resource of a well-formed Bedrock ARN. */
export const parseArn = (
  arn: string,
): (Scope & { readonly partition: string; readonly resource: string }) | undefined => {
  const [prefix, partition, service, region, accountId, ...resource] = arn.split(':');
  if (prefix !== 'arn' || service !== 'bedrock' || partition === undefined) return undefined;
  if (region === undefined || accountId === undefined) return undefined;
  return { partition, region, accountId, resource: resource.join(':') };
};
