import { TrackerError, type ErrorCode } from '../domain/errors.ts';
import { asSentence } from '../domain/text.ts';
import { requestOf, type AwsRequest } from './aws-request.ts';

/** What helps against missing and refused credentials. */
export const SIGN_IN =
  'Sign in (for example with "aws sso login"), or set AWS_PROFILE or AWS_ACCESS_KEY_ID, then start again.';

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const REFUSED_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/;
const THROTTLED =
  /^(Throttling|Throttled|ThrottlingException|ThrottledException|RequestThrottled|RequestThrottledException|TooManyRequestsException|ProvisionedThroughputExceededException|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|LimitExceededException)$/;
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|.*CERT.*)/;
const TIMED_OUT = /^(TimeoutError|ETIMEDOUT|ESOCKETTIMEDOUT)$/;
const ACCESS_DENIED = /AccessDenied|NotAuthorized|^Forbidden$/i;

/** Somebody else's words in one line, cut where they go on for long. */
export const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 300);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);

const isOfAws = (error: Error): boolean => '$metadata' in error || requestOf(error) !== undefined;

/** Problems of whoever asks, whatever was asked: no credentials, refused ones, no Region. */
export const callerProblem = (error: Error): { code: 'NO_CREDENTIALS' | 'NO_REGION'; sentence: string } | undefined => {
  const { name, message } = error;
  if (NO_CREDENTIALS.test(name)) {
    // The chain's last word tells nothing; that of a profile (an SSO session that ended, a role that is missing) does.
    const tells = message !== '' && !message.startsWith('Could not load credentials from any provider');
    const what = tells ? `AWS credentials could not be loaded: ${asSentence(inOneLine(message))}` : undefined;
    return { code: 'NO_CREDENTIALS', sentence: `${what ?? 'No AWS credentials were found.'} ${SIGN_IN}` };
  }
  if (REFUSED_CREDENTIALS.test(name))
    return { code: 'NO_CREDENTIALS', sentence: `AWS did not accept the credentials (${name}). ${SIGN_IN}` };
  if (/^Region (?:is missing|not accepted)/.test(message))
    return { code: 'NO_REGION', sentence: 'No Region is set: give one with --region, or set AWS_REGION.' };
  return undefined;
};

const inRegion = ({ region }: AwsRequest): string => (region === undefined ? '' : ` in ${region}`);

const missing = (request: AwsRequest): string => {
  const { service, resource } = request;
  const where = inRegion(request);
  switch (service) {
    case 'DynamoDB':
      return (
        `There is no table ${resource ?? 'of this name'}${where}. Is the tracker deployed in this Region? ` +
        'Give --region, or the name of its table with --table.'
      );
    case 'SSM':
      return (
        `There is no SSM parameter ${resource ?? 'of this name'}${where}. Is the tracker deployed in this Region, and ` +
        'under this prefix? Give --region and --parameter-prefix, or the table itself with --table; --local means ' +
        'the tracker of npm start.'
      );
    case 'SQS':
      return `There is no queue ${resource ?? 'of this name'}${where}. Was the tracker removed, or deployed anew?`;
    case 'Lambda':
      return `There is no function ${resource ?? 'of this name'}${where}. Was the tracker removed, or deployed anew?`;
    default:
      return `${service} has no ${resource ?? 'such resource'}${where}.`;
  }
};

/** `User: arn:… is not authorized to perform: dynamodb:Query on resource: arn:… because no … allows …` */
const NOT_AUTHORIZED =
  /not authorized to perform: (?<action>[\w:*-]+)(?: on resource: (?<resource>\S+))?(?: (?<why>(?:because|with) .*))?/;

const denied = (error: Error, request: AwsRequest): string => {
  const { action, resource, why } = NOT_AUTHORIZED.exec(inOneLine(error.message))?.groups ?? {};
  const asked = request.operation === undefined ? 'do this' : `call ${request.service}'s ${request.operation}`;
  const on = resource ?? request.resource;
  const reason =
    action === undefined ? ` (${inOneLine(error.message) || error.name})` : why === undefined ? '' : `, ${why}`;
  return (
    `You may not ${action === undefined ? asked : `use ${action}`}${on === undefined ? '' : ` on ${on}`}` +
    `${action === undefined || resource === undefined ? inRegion(request) : ''}${reason.replace(/\.$/, '')}. ` +
    'docs/permissions.md lists what each command needs.'
  );
};

const rule = (error: Error, request: AwsRequest): readonly [ErrorCode, string] | undefined => {
  const { service, operation } = request;
  const { name } = error;
  const code = codeOf(error);
  const said = inOneLine(error.message);
  if (ACCESS_DENIED.test(name)) return ['AWS_REFUSED', denied(error, request)];
  if (THROTTLED.test(name))
    return [
      'THROTTLED',
      `${service} throttles the requests${inRegion(request)} (${name}), also when they are repeated. Try again in a minute.`,
    ];
  if (TIMED_OUT.test(code) || TIMED_OUT.test(name))
    return ['AWS_UNREACHABLE', `${service} did not answer in time${inRegion(request)}. Try again.`];
  if (UNREACHABLE.test(code))
    return [
      'AWS_UNREACHABLE',
      `${service} could not be reached${inRegion(request)} (${said || code}). Check the network, the name of the Region, ` +
        'and the variables AWS_ENDPOINT_URL… where they are set.',
    ];
  if (/^(ResourceNotFoundException|ParameterNotFound|NoSuchBucket)$|QueueDoesNotExist|NonExistentQueue/.test(name))
    return [service === 'Bedrock' || service === 'S3' ? 'AWS_REFUSED' : 'TRACKER_NOT_FOUND', missing(request)];
  if (name === 'ValidationException' && said.includes('does not have the specified index'))
    return [
      'TRACKER_NOT_FOUND',
      `Table ${request.resource ?? ''}${inRegion(request)} is not the jobs table of a tracker of this version (${said}).`,
    ];
  if (!isOfAws(error)) return undefined;
  return [
    'AWS_REFUSED',
    `${service} refused ${operation ?? 'a request'}${inRegion(request)} (${name}${said === '' || said === name ? '' : `: ${said}`}).`,
  ];
};

/**
 * What a person can do about an error of the AWS SDK, in one sentence or two. A TrackerError, and an error that is
 * neither AWS's nor the network's, comes back as it is.
 */
export const sentenceOf = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof TrackerError) return error;
  const caller = callerProblem(error);
  if (caller !== undefined)
    return new TrackerError(caller.code === 'NO_REGION' ? 'TRACKER_NOT_FOUND' : caller.code, caller.sentence, {
      cause: error,
    });
  const found = rule(error, requestOf(error) ?? { service: 'AWS' });
  return found === undefined ? error : new TrackerError(found[0], found[1], { cause: error });
};
