import * as v from 'valibot';
import { CLOUDTRAIL_DETAIL_TYPE, STATE_CHANGE_DETAIL_TYPE, type EventKind } from '../../lib/contract.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { identifierOf, isJobArn, type JobHint, jobIdOf, parseJobArn, type Scope } from '../../lib/domain/identity.ts';
import { oneLine, describeIssue } from '../../lib/domain/text.ts';

/** What a message of the queue asks for: to look at a job, or nothing. */
export type Message =
  | {
      readonly kind: 'hint';
      readonly hint: JobHint;
      /** When Bedrock or CloudTrail dated the event; absent where it says no such thing. */
      readonly eventTime?: Date;
      /** What the event tells that sweeps miss where it does not come; absent for a stop, which is a change of status too, and for tags. */
      readonly tells?: EventKind;
    }
  | { readonly kind: 'ignored'; readonly because: 'denied call' | 'another resource' };

// Event details are read leniently: of all that they say only the job's identity counts, and that is checked by itself.
const text = v.fallback(v.optional(v.string()), undefined);
const envelope = {
  account: v.pipe(v.string(), v.regex(/^\d{12}$/, 'account must have 12 digits')),
  region: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,20}$/, 'region must be the name of a Region')),
  // Only measured by, so an odd one is none.
  time: v.fallback(v.optional(v.pipe(v.string(), v.isoTimestamp())), undefined),
};
/** A call's path is percent-encoded, and CloudTrail may hand it on so. What cannot be decoded stays as it is. */
const decodeIdentifier = (identifier: string): string => {
  try {
    return decodeURIComponent(identifier);
  } catch {
    return identifier;
  }
};
const identifier = v.fallback(v.optional(v.pipe(v.string(), v.transform(decodeIdentifier))), undefined);

const stateChange = v.object({
  ...envelope,
  'detail-type': v.literal(STATE_CHANGE_DETAIL_TYPE),
  detail: v.object({ jobArn: text, jobName: text }),
});
const part = <const Entries extends v.ObjectEntries>(entries: Entries) => v.optional(v.nullable(v.object(entries)));
const apiCall = v.object({
  ...envelope,
  'detail-type': v.literal(CLOUDTRAIL_DETAIL_TYPE),
  detail: v.object({
    eventName: v.picklist(
      ['CreateModelCustomizationJob', 'StopModelCustomizationJob', 'TagResource', 'UntagResource'],
      'eventName must be a call that changes a customization job',
    ),
    errorCode: text,
    requestParameters: part({ jobName: identifier, jobIdentifier: identifier, resourceARN: identifier }),
    responseElements: part({ jobArn: identifier }),
  }),
});
const message = v.variant(
  'detail-type',
  [stateChange, apiCall],
  // Without a path it is all that was given, which may be anything.
  ({ received, path }) =>
    `detail-type must be "${STATE_CHANGE_DETAIL_TYPE}" or "${CLOUDTRAIL_DETAIL_TYPE}"` +
    (path === undefined ? '' : `, not ${oneLine(received, 100)}`),
);

// The model's pattern of JobName, written without its nested repetition (the same language, linear to match).
const JOB_NAME = /^[a-zA-Z0-9][a-zA-Z0-9+.-]{0,62}$/;

const notUnderstood = (what: string, cause?: unknown): TrackerError =>
  new TrackerError('MESSAGE_NOT_UNDERSTOOD', `Not a message about a customization job: ${what}.`, { cause });

/** SQS takes no more: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_LENGTH = 1_048_576;

const parseJson = (body: string): unknown => {
  if (body.length > MAX_LENGTH) throw notUnderstood(`the body has more than ${MAX_LENGTH} characters`);
  try {
    return JSON.parse(body);
  } catch (error) {
    // Not the parser's words: they quote the text.
    throw notUnderstood(`the body is not JSON (${body.length} characters)`, error);
  }
};

const quote = (text: string | undefined): string =>
  text === undefined ? 'absent' : JSON.stringify(oneLine(text, 200));

const hintOf = (scope: Scope, arn: string | undefined, name: string | undefined): JobHint => {
  const parsed = arn === undefined ? undefined : parseJobArn(arn);
  const jobId = arn !== undefined && isJobArn(arn) ? jobIdOf(arn) : undefined;
  const hint: JobHint = {
    // A full ARN says where the job is; the event says it for all others.
    scope: parsed ? { accountId: parsed.accountId, region: parsed.region } : scope,
    ...(parsed && arn !== undefined ? { jobArn: arn } : {}),
    ...(name !== undefined && JOB_NAME.test(name) ? { jobName: name } : {}),
    ...(jobId === undefined ? {} : { jobId }),
  };
  if (identifierOf(hint) !== undefined) return hint;
  throw notUnderstood(
    `it names no job that Bedrock could be asked for (jobArn ${quote(arn)}, ` +
      `jobName ${quote(name)}); a full job ARN or a job name is needed`,
  );
};

/** ISO-8601 has forms that Date does not read, such as an offset of hours alone. */
const eventTimeOf = (time: string | undefined): { readonly eventTime?: Date } => {
  const eventTime = new Date(time ?? Number.NaN);
  return Number.isNaN(eventTime.getTime()) ? {} : { eventTime };
};

/**
 * Reads the body of a queue message: an EventBridge event of Bedrock, or of CloudTrail about Bedrock.
 * Throws MESSAGE_NOT_UNDERSTOOD, saying what was wrong.
 */
export const parseMessage = (body: string): Message => {
  const result = v.safeParse(message, parseJson(body));
  if (!result.success) {
    throw notUnderstood(
      result.issues
        .map((issue) => oneLine(`${v.getDotPath(issue) ?? 'the event'}: ${describeIssue(issue)}`, 300))
        .join('; '),
    );
  }
  const event = result.output;
  const scope: Scope = { accountId: event.account, region: event.region };
  const hint = (arn: string | undefined, name: string | undefined, tells?: EventKind): Message => ({
    kind: 'hint',
    hint: hintOf(scope, arn, name),
    ...eventTimeOf(event.time),
    ...(tells === undefined ? {} : { tells }),
  });
  if (event['detail-type'] === STATE_CHANGE_DETAIL_TYPE) {
    return hint(event.detail.jobArn, event.detail.jobName, 'state-change');
  }
  const { eventName, errorCode, requestParameters, responseElements } = event.detail;
  if (errorCode !== undefined) return { kind: 'ignored', because: 'denied call' };
  switch (eventName) {
    case 'CreateModelCustomizationJob':
      return hint(responseElements?.jobArn, requestParameters?.jobName, 'creation');
    case 'StopModelCustomizationJob': {
      const stopped = requestParameters?.jobIdentifier;
      return stopped?.startsWith('arn:') === true ? hint(stopped, undefined) : hint(undefined, stopped);
    }
    case 'TagResource':
    case 'UntagResource': {
      const arn = requestParameters?.resourceARN;
      if (arn !== undefined && !isJobArn(arn)) return { kind: 'ignored', because: 'another resource' };
      return hint(arn, undefined);
    }
    default:
      return eventName satisfies never;
  }
};
