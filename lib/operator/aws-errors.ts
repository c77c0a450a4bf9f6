import { pageAt, VERSION } from '../contract.ts';
import { type ErrorCode, TrackerError } from '../domain/errors.ts';
import { asSentence, oneLine } from '../domain/text.ts';

/** What AWS was asked, for the sentence about why it did not answer. */
export interface AwsRequest {
  /** DynamoDB, S3 and so on; "AWS" where it is not known. */
  readonly service: string;
  /** Query, GetObject and so on. */
  readonly operation?: string;
  /** The table, queue, object, function, job or parameter that was asked for. */
  readonly resource?: string;
  readonly region?: string;
}

const requests = new WeakMap<Error, AwsRequest>();

/** Notes which request an error answers. */
export const rememberRequest = <E extends Error>(error: E, request: AwsRequest): E => {
  requests.set(error, request);
  return error;
};

/** The members of requests that name what is asked for, the more precise first. */
const RESOURCE_MEMBERS = [
  'TableName',
  'QueueUrl',
  'QueueName',
  'FunctionName',
  'jobIdentifier',
  'resourceARN',
  'jobName',
  'Name',
  'SourceArn',
] as const;

const resourceOf = (input: unknown): string | undefined => {
  const members = Object(input) as Readonly<Record<string, unknown>>;
  const { Bucket, Key, Prefix } = members as Readonly<Record<string, string | undefined>>;
  if (typeof Bucket === 'string') return `s3://${Bucket}/${Key ?? Prefix ?? ''}`;
  return RESOURCE_MEMBERS.map((name) => members[name]).find((value) => typeof value === 'string');
};

type Handler = (args: { readonly input: unknown }) => Promise<unknown>;
interface HandlerContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

/** As much of any client of the SDK as is used here. */
export interface AwsClient {
  readonly config: { readonly region: () => Promise<string> };
  // The types of a middleware name the input and output of each client; this one looks at neither.
  readonly middlewareStack: { add(middleware: never, options: object): void };
}

/**
 * Makes a client remember of each failed request what was asked, for `explain`. The error itself stays as it is, so
 * that callers who know what to do about it find it by its name.
 */
export const rememberRequests = <C extends AwsClient>(client: C): C => {
  const middleware =
    (next: Handler, { clientName = '', commandName = '' }: HandlerContext): Handler =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) {
          const region = await client.config.region().catch(() => undefined);
          const resource = resourceOf(args.input);
          rememberRequest(error, {
            service: clientName.replace(/Client$/, '') || 'AWS',
            operation: commandName.replace(/Command$/, ''),
            ...(resource !== undefined && { resource }),
            ...(region !== undefined && { region }),
          });
        }
        throw error;
      }
    };
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'rememberRequests', override: true });
  return client;
};

/** An error of AWS beside the request that it answers, as the sentences need both. */
interface Refusal extends AwsRequest {
  readonly name: string;
  readonly message: string;
  /** The message on one line, as a sentence; the error's name where it has none. */
  readonly said: string;
  /** The resource, or "it". */
  readonly what: string;
  /** " in us-east-1", or nothing. */
  readonly where: string;
}

interface Rule {
  /** Matches the error's name, or its code where the network failed. */
  readonly error: RegExp;
  readonly operation?: string;
  readonly message?: RegExp;
  /** @default AWS_REFUSED */
  readonly code?: ErrorCode;
  readonly sentence: (refusal: Refusal) => string;
}

/** What helps against missing and refused credentials. */
const SIGN_IN =
  'Sign in (for example with "aws sso login"), or set AWS_PROFILE or AWS_ACCESS_KEY_ID, then start again.';
const ANY = /^/;
const DENIED = /AccessDenied|NotAuthorized|^Forbidden$/i;
const NOT_FOUND = /^(?:ResourceNotFoundException|ParameterNotFound)$|QueueDoesNotExist|NonExistentQueue/;
const CREATE = 'CreateModelCustomizationJob';
const REMOVED = 'Was the tracker removed, or deployed again?';

/** How to find the ids that Create accepts. */
export const LIST_MODELS =
  'Ids of text models to customize end in the length of their context, such as amazon.nova-lite-v1:0:300k. List them with: ' +
  'aws bedrock list-foundation-models --by-customization-type FINE_TUNING';

const NAME_TAKEN = /name.*(?:in use|already exists|taken)|(?:in use|already exists).*name/i;

/** Whether Bedrock refused a job since its name, or that of its model, is another's. */
export const isNameTaken = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationException' && NAME_TAKEN.test(error.message);

/** `User: arn:… is not authorized to perform: dynamodb:Query on resource: arn:… because no … allows …` */
const NOT_AUTHORIZED =
  /not authorized to perform: (?<action>[\w:*-]+)(?: on resource: (?<resource>\S+))?(?: (?<why>(?:because|with) .*))?/;

const denied = ({ service, operation, resource, what, where, said }: Refusal): string => {
  const words = said.replace(/\.$/, '');
  const { action, resource: named, why } = NOT_AUTHORIZED.exec(words)?.groups ?? {};
  const call = operation === undefined ? 'do this' : `call ${service}'s ${operation}`;
  const target = named ?? resource;
  const on = target === undefined ? '' : ` on ${named ?? what}`;
  const permission =
    action === undefined ? `${call}${on}${where}` : `use ${action}${on}${named === undefined ? where : ''}`;
  const reason = action === undefined ? ` (${words})` : why === undefined ? '' : `, ${why}`;
  return `You may not ${permission}${reason}. ${pageAt('permissions.md')} lists what each command needs.`;
};

/** Problems of the caller, whatever was asked. */
const OF_CALLER: readonly Rule[] = [
  {
    error: /^(?:CredentialsProviderError|TokenProviderError)$/,
    code: 'NO_CREDENTIALS',
    // The chain's last word tells nothing; that of a profile (an SSO session that ended, a role that is missing) does.
    sentence: ({ message, said }) =>
      message === '' || message.startsWith('Could not load credentials from any provider')
        ? `No AWS credentials were found. ${SIGN_IN}`
        : `AWS credentials could not be loaded: ${said} ${SIGN_IN}`,
  },
  {
    error:
      /^(?:ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/,
    code: 'NO_CREDENTIALS',
    sentence: ({ name, said }) => `AWS did not accept the credentials (${name}). AWS says: ${said} ${SIGN_IN}`,
  },
  {
    error: ANY,
    message: /^Region (?:is missing|not accepted)/,
    code: 'TRACKER_NOT_FOUND',
    sentence: () => 'No Region is set: give one with --region, or set AWS_REGION.',
  },
];

/** What the error means at one service. */
const OF_SERVICE: Readonly<Record<string, readonly Rule[]>> = {
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelCustomizationJob.html
  Bedrock: [
    {
      error: DENIED,
      operation: CREATE,
      message: /iam:PassRole/,
      sentence: ({ said, where }) =>
        `You may not pass the job's role to Bedrock${where}: your identity needs iam:PassRole on it, besides ` +
        `bedrock:${CREATE}. AWS says: ${said}`,
    },
    {
      error: /^ServiceQuotaExceededException$/,
      sentence: ({ said, where }) =>
        `Bedrock${where} accepts no further job now: ${said} Wait until an active job has finished, ` +
        'or request a higher quota in the Service Quotas console.',
    },
    {
      error: /^TooManyTagsException$/,
      sentence: ({ said, what }) => `${what} cannot have so many tags: ${said} Remove some first, or add fewer.`,
    },
    {
      error: /^ConflictException$/,
      operation: CREATE,
      sentence: ({ said, what, where }) =>
        `Bedrock${where} has an earlier request that conflicts with ${what}: ${said} A token stands for one request: ` +
        'give a changed request its own job name, and leave out --client-request-token.',
    },
    {
      error: /^ConflictException$/,
      sentence: ({ said, what, where }) => `Bedrock${where} refused to change ${what} now: ${said}`,
    },
    {
      error: /^ValidationException$/,
      operation: CREATE,
      message: NAME_TAKEN,
      sentence: ({ said, what, where }) =>
        `Bedrock${where} refused ${what}: ${said} Choose other names: Bedrock keeps every job and its name, and a ` +
        'model keeps its name until it is deleted. Only an unchanged request finds the job that it made before.',
    },
    {
      error: /^ValidationException$/,
      operation: CREATE,
      message: /assume/i,
      sentence: ({ said, what, where }) =>
        `Bedrock${where} refused ${what}: ${said} The role's trust policy must let bedrock.amazonaws.com assume it. A ` +
        'new role works after some seconds.',
    },
    {
      error: /^ValidationException$/,
      operation: CREATE,
      message: /model identifier is invalid/,
      sentence: ({ said, what, where }) => `Bedrock${where} refused ${what}: ${said} ${LIST_MODELS}`,
    },
    {
      error: /^ValidationException$/,
      operation: CREATE,
      message: /\.jsonl format|should be a file, not a directory/,
      sentence: ({ said, what, where }) =>
        `Bedrock${where} refused ${what}: ${said} Name the file itself, not its folder; its name must end in .jsonl.`,
    },
    { error: /^ValidationException$/, sentence: ({ said, what, where }) => `Bedrock${where} refused ${what}: ${said}` },
    {
      error: NOT_FOUND,
      operation: CREATE,
      sentence: ({ said, what, where }) => `Bedrock${where} does not have something that ${what} names: ${said}`,
    },
    {
      error: NOT_FOUND,
      code: 'JOB_NOT_FOUND',
      sentence: ({ what, where }) =>
        `Bedrock has no customization job ${what}${where}. If it is in another Region, give its full ARN.`,
    },
  ],
  // Where jobs write their loss curves.
  S3: [
    {
      error: /^(?:AccessDenied|AllAccessDisabled)$/,
      code: 'ACCESS_DENIED',
      sentence: ({ message, said, what, operation }) => {
        const permission = operation === 'GetObject' ? 's3:GetObject' : 's3:ListBucket';
        const needed = /\bkms\b/i.test(message) ? "kms:Decrypt on the bucket's key" : permission;
        return `You may not read ${what}: ${said} You need ${needed}; the bucket's policy may deny it.`;
      },
    },
    {
      error: /^NoSuchBucket$/,
      code: 'NO_LOSS_CURVE',
      sentence: ({ what }) =>
        `The bucket of ${what} does not exist: it was deleted, or your credentials are of another AWS partition.`,
    },
    { error: /^NoSuchKey$/, code: 'NO_LOSS_CURVE', sentence: ({ what }) => `${what} was deleted while it was read.` },
    {
      error: /^InvalidObjectState$/,
      code: 'NO_LOSS_CURVE',
      sentence: ({ what }) => `${what} is archived. Restore it with "aws s3api restore-object", then try again.`,
    },
  ],
  DynamoDB: [
    {
      error: NOT_FOUND,
      code: 'TRACKER_NOT_FOUND',
      sentence: ({ what, where }) =>
        `There is no table ${what}${where}. Is the tracker deployed in this Region? Give --region, or the name of its ` +
        'table with --table.',
    },
    {
      error: /^ValidationException$/,
      message: /does not have the specified index/,
      code: 'TRACKER_NOT_FOUND',
      sentence: ({ said, what, where }) =>
        `Table ${what}${where} lacks an index of version ${VERSION}: deploy the tracker again, or check the name of the ` +
        `table. AWS says: ${said}`,
    },
    {
      error: /^ValidationException$/,
      message: /backfilling/i,
      sentence: ({ what, where }) => `Table ${what}${where} is still building a new index. Try again in some minutes.`,
    },
  ],
  SSM: [
    {
      error: NOT_FOUND,
      code: 'TRACKER_NOT_FOUND',
      sentence: ({ what, where }) =>
        `There is no SSM parameter ${what}${where}. Is the tracker deployed in this Region, and under this prefix? Give ` +
        '--region and --parameter-prefix, or the table itself with --table; for a local tracker --local.',
    },
  ],
  SQS: [
    {
      error: NOT_FOUND,
      code: 'TRACKER_NOT_FOUND',
      sentence: ({ what, where }) => `There is no queue ${what}${where}. ${REMOVED}`,
    },
    {
      error: ANY,
      operation: 'StartMessageMoveTask',
      message: /already.*(?:task|move)|(?:task|move).*already/i,
      code: 'REDRIVE_FAILED',
      sentence: ({ what }) => alreadyMoving(what),
    },
    {
      error: ANY,
      message: /dead.?letter/i,
      code: 'REDRIVE_FAILED',
      sentence: ({ said, what }) => `${what} is not the dead-letter queue of any queue. AWS says: ${said}`,
    },
  ],
  Lambda: [
    {
      error: NOT_FOUND,
      code: 'TRACKER_NOT_FOUND',
      sentence: ({ what, where }) => `There is no function ${what}${where}. ${REMOVED}`,
    },
  ],
};

/** The same at every service. */
const OF_ANY_SERVICE: readonly Rule[] = [
  { error: DENIED, sentence: denied },
  {
    error:
      /^(?:Throttl(?:ing|ed)(?:Exception)?|RequestThrottled(?:Exception)?|TooManyRequestsException|ProvisionedThroughputExceededException|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|LimitExceededException)$/,
    code: 'THROTTLED',
    sentence: ({ service, name, where }) =>
      `${service} throttles requests${where} (${name}), also repeated ones. Try again in a minute.`,
  },
  {
    error: /^(?:TimeoutError|ETIMEDOUT|ESOCKETTIMEDOUT)$/,
    code: 'AWS_UNREACHABLE',
    sentence: ({ service, where }) => `${service} did not answer in time${where}. Try again.`,
  },
  {
    error: /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)|CERT/,
    code: 'AWS_UNREACHABLE',
    sentence: ({ service, said, where }) =>
      `${service} could not be reached${where} (${said.replace(/\.$/, '')}). Check the network, the name of the Region, and ` +
      'any AWS_ENDPOINT_URL… variables.',
  },
  { error: NOT_FOUND, sentence: ({ service, what, where }) => `${service} has no ${what}${where}.` },
];

const matches = ({ error, operation, message }: Rule, refusal: Refusal, code: string): boolean =>
  (error.test(refusal.name) || error.test(code)) &&
  (operation ?? refusal.operation) === refusal.operation &&
  (message?.test(refusal.message) ?? true);

const UNKNOWN: AwsRequest = { service: 'AWS' };

/**
 * What a person can do about an error of AWS or the network: a TrackerError with a sentence or two. A TrackerError, and
 * an error of something else, comes back as it is.
 */
export const explain = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof TrackerError) return error;
  const { name, message } = error;
  const request = requests.get(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : name;
  const refusal: Refusal = {
    ...(request ?? UNKNOWN),
    name,
    message,
    said: asSentence(oneLine(message, 300) || code),
    what: request?.resource === undefined ? 'it' : oneLine(request.resource, 1_200),
    where: request?.region === undefined ? '' : ` in ${request.region}`,
  };
  const rules = [...OF_CALLER, ...(OF_SERVICE[refusal.service] ?? []), ...OF_ANY_SERVICE];
  const rule = rules.find((each) => matches(each, refusal, code));
  if (rule !== undefined) return new TrackerError(rule.code ?? 'AWS_REFUSED', rule.sentence(refusal), { cause: error });
  if (request === undefined && !('$metadata' in error)) return error;
  const { service, operation = 'a request', said, where } = refusal;
  return new TrackerError('AWS_REFUSED', `${service} refused ${operation}${where} (${name}). AWS says: ${said}`, {
    cause: error,
  });
};

/** The sentence of an error, for one that is told beside others. */
export const sentenceOf = (error: unknown): string => {
  const explained = explain(error);
  return explained instanceof Error ? explained.message : String(explained);
};

/** SQS moves the messages of one queue in one task at a time. */
export const alreadyMoving = (queueArn: string): string =>
  'A move out of this queue is already running. Wait until it ends and run the command again, or look at it: ' +
  `aws sqs list-message-move-tasks --source-arn ${queueArn}`;
