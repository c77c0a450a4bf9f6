import type { Faults } from './faults.ts';
import type { SimulatedJobs } from './jobs.ts';
import type { PlanOptions } from './plan.ts';
import type { Random } from './random.ts';

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

/** Errors as the service model has them: name, HTTP status, and a message. */
const HTTP_STATUSES = {
  ValidationException: 400,
  ConflictException: 400,
  TooManyTagsException: 400,
  ServiceQuotaExceededException: 400,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ThrottlingException: 429,
  InternalServerException: 500,
  // Not in the model: what the protocol itself answers.
  SerializationException: 400,
  IncompleteSignatureException: 400,
  UnknownOperationException: 404,
  RequestTooLarge: 413,
} as const;

type ErrorKind = keyof typeof HTTP_STATUSES;
type HttpStatus = (typeof HTTP_STATUSES)[ErrorKind];

/** An answer of the simulated API that is an error. */
export class ApiError extends Error {
  override readonly name: ErrorKind;
  readonly httpStatus: HttpStatus;
  /** Further members of the error's shape. */
  readonly members: Readonly<Record<string, string>>;

  constructor(kind: ErrorKind, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = kind;
    this.httpStatus = HTTP_STATUSES[kind];
    this.members = members;
  }
}

export const invalid = (message: string): ApiError => new ApiError('ValidationException', message);

/** What one call has to work with. */
export interface CallContext {
  readonly caller: Caller;
  readonly now: number;
  readonly store: SimulatedJobs;
  readonly random: Random;
  readonly plans: PlanOptions;
  readonly faults: Faults;
  readonly maxActiveJobs?: number;
}

/** A call's parameters as they came, before anything is checked. */
export interface RawCall {
  readonly identifier: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}
