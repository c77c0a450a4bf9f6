import * as v from 'valibot';
import {
  CLOUDTRAIL_DETAIL_TYPE,
  type EventKind,
  HEARTBEAT_DETAIL_TYPE,
  MODEL_CALLS,
  STATE_CHANGE_DETAIL_TYPE,
} from '../../lib/contract.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import {
  identifierOf,
  isJobArn,
  type JobHint,
  jobIdOf,
  parseJobArn,
  resourceKindOf,
  type Scope,
} from '../../lib/domain/identity.ts';
import { oneLine, describeIssue } from '../../lib/domain/text.ts';
import type { ModelHint } from '../../lib/tracking/model-hint.ts';

/** What a message asks for: a look at a job, looks at models, or nothing; and which scope it comes from, by the event's envelope. */
export type Message = { readonly from: Scope } & Asked;

type Asked =
  | {
      readonly kind: 'hint';
      readonly hint: JobHint;
      /** The event's own time, if it has a valid one. */
      readonly eventTime?: Date;
      /** The kind of event whose absence a sweep notices; absent for a stop, which leads to a state change, and for tags. */
      readonly tells?: EventKind;
    }
  | { readonly kind: 'models'; readonly hint: ModelHint }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'ignored'; readonly because: 'denied call' | 'another resource' };

// Details are read leniently: only the job's identity counts, and that is checked below.
const text = v.fallback(v.optional(v.string()), undefined);
const envelope = {
  account: v.pipe(v.string(), v.regex(/^\d{12}$/, 'account must have 12 digits')),
  region: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,20}$/, 'region must be the name of a Region')),
  // Used for a metric only, so an invalid one is ignored.
  time: v.fallback(v.optional(v.pipe(v.string(), v.isoTimestamp())), undefined),
};
/** CloudTrail may leave a path's parameters percent-encoded. What cannot be decoded stays as it is. */
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
      ['CreateModelCustomizationJob', 'StopModelCustomizationJob', 'TagResource', 'UntagResource', ...MODEL_CALLS],
      'eventName must be a call that changes a customization job or a custom model',
    ),
    errorCode: text,
    requestParameters: part({
      jobName: identifier,
      jobIdentifier: identifier,
      resourceARN: identifier,
      modelName: identifier,
      modelIdentifier: identifier,
      modelArn: identifier,
      modelId: identifier,
      desiredModelId: identifier,
      customModelDeploymentIdentifier: identifier,
      provisionedModelId: identifier,
    }),
    responseElements: part({
      jobArn: identifier,
      modelArn: identifier,
      customModelDeploymentArn: identifier,
      provisionedModelArn: identifier,
    }),
  }),
});
const heartbeat = v.object({ ...envelope, 'detail-type': v.literal(HEARTBEAT_DETAIL_TYPE) });
const message = v.variant(
  'detail-type',
  [stateChange, apiCall, heartbeat],
  // Without a path, `received` is the whole body.
  ({ received, path }) =>
    `detail-type must be "${STATE_CHANGE_DETAIL_TYPE}", "${CLOUDTRAIL_DETAIL_TYPE}" or "${HEARTBEAT_DETAIL_TYPE}"` +
    (path === undefined ? '' : `, not ${oneLine(received, 100)}`),
);

// The model's pattern of JobName without its nested repetition: the same language, matched in linear time.
const JOB_NAME = /^[a-zA-Z0-9][a-zA-Z0-9+.-]{0,62}$/;

const notUnderstood = (what: string, cause?: unknown): TrackerError =>
  new TrackerError('MESSAGE_NOT_UNDERSTOOD', `Not a message about a customization job or a custom model: ${what}.`, {
    cause,
  });

/** SQS's limit: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_LENGTH = 1_048_576;

const parseJson = (body: string): unknown => {
  if (body.length > MAX_LENGTH) throw notUnderstood(`the body has more than ${MAX_LENGTH} characters`);
  try {
    return JSON.parse(body);
  } catch (error) {
    // Not the parser's message, which quotes the text.
    throw notUnderstood(`the body is not JSON (${body.length} characters)`, error);
  }
};

const quote = (text: string | undefined): string =>
  text === undefined ? 'absent' : JSON.stringify(oneLine(text, 200));

const hintOf = (scope: Scope, arn: string | undefined, name: string | undefined): JobHint => {
  const parsed = arn === undefined ? undefined : parseJobArn(arn);
  if (parsed !== undefined && parsed.accountId !== scope.accountId) {
    throw new TrackerError(
      'SCOPE_NOT_TRACKED',
      `An event of account ${scope.accountId} names a job of account ${parsed.accountId}: an account can only tell of its own jobs.`,
    );
  }
  const jobId = arn !== undefined && isJobArn(arn) ? jobIdOf(arn) : undefined;
  const hint: JobHint = {
    // A full ARN has the job's scope; otherwise the event's scope is used.
    scope: parsed ? { accountId: parsed.accountId, region: parsed.region } : scope,
    ...(parsed && arn !== undefined ? { jobArn: arn } : {}),
    ...(name !== undefined && JOB_NAME.test(name) ? { jobName: name } : {}),
    ...(jobId === undefined ? {} : { jobId }),
  };
  if (identifierOf(hint) !== undefined) return hint;
  throw notUnderstood(
    `it has neither a full job ARN nor a valid job name (jobArn ${quote(arn)}, jobName ${quote(name)})`,
  );
};

type ApiCall = v.InferOutput<typeof apiCall>['detail'];

// Names of models, deployments and throughputs. The id of a foundation model has a full stop.
const MODEL_NAME = /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,62}$/;

/** Which models a call may have changed: by their own ARNs or names, and by those of what serves them. */
const modelHintOf = (scope: Scope, { eventName, requestParameters, responseElements }: ApiCall): Asked => {
  const asked = requestParameters ?? {};
  const answered = responseElements ?? {};
  const models = [
    answered.modelArn ?? asked.modelName,
    ...[asked.modelIdentifier, asked.modelArn, asked.modelId, asked.desiredModelId],
  ].filter((one) => one !== undefined);
  const serving = [
    {
      list: 'deployments',
      of: 'deployment',
      id: answered.customModelDeploymentArn ?? asked.customModelDeploymentIdentifier,
    },
    { list: 'provisioned_throughputs', of: 'throughput', id: answered.provisionedModelArn ?? asked.provisionedModelId },
  ] as const;
  const isNamed = (id: string, kind: string) => resourceKindOf(id) === kind || MODEL_NAME.test(id);
  const hint: ModelHint = {
    scope,
    models: models.filter((one) => isNamed(one, 'model')),
    serving: serving.flatMap(({ list, of, id }) =>
      id !== undefined && isNamed(id, of) ? [{ list, identifier: id }] : [],
    ),
  };
  // A throughput of a foundation model names that model in each call but Delete.
  const isFoundation = models.length > 0 && hint.models.length === 0 && eventName.includes('Throughput');
  if (isFoundation && models.every((one) => one.includes('.'))) return { kind: 'ignored', because: 'another resource' };
  if (hint.models.length + hint.serving.length > 0) return { kind: 'models', hint };
  throw notUnderstood(`it names neither a custom model nor what serves one (${quote(models[0])})`);
};

/** `Date` does not read all forms of ISO-8601, such as an offset in hours alone. */
const eventTimeOf = (time: string | undefined): { readonly eventTime?: Date } => {
  const eventTime = new Date(time ?? Number.NaN);
  return Number.isNaN(eventTime.getTime()) ? {} : { eventTime };
};

type Event = v.InferOutput<typeof message>;

/** Reads the body of a queue message: an event of Bedrock, of CloudTrail or of a spoke. Throws MESSAGE_NOT_UNDERSTOOD, SCOPE_NOT_TRACKED. */
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
  const from: Scope = { accountId: event.account, region: event.region };
  return { from, ...askedBy(event, from) };
};

const askedBy = (event: Event, scope: Scope): Asked => {
  const hint = (arn: string | undefined, name: string | undefined, tells?: EventKind): Asked => ({
    kind: 'hint',
    hint: hintOf(scope, arn, name),
    ...eventTimeOf(event.time),
    ...(tells === undefined ? {} : { tells }),
  });
  if (event['detail-type'] === HEARTBEAT_DETAIL_TYPE) return { kind: 'heartbeat' };
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
      if (arn === undefined || isJobArn(arn)) return hint(arn, undefined);
      return resourceKindOf(arn) === 'model'
        ? { kind: 'models', hint: { scope, models: [arn], serving: [] } }
        : { kind: 'ignored', because: 'another resource' };
    }
    default:
      eventName satisfies (typeof MODEL_CALLS)[number];
      return modelHintOf(scope, event.detail);
  }
};
