/** What the operations on any kind of resource share: finding one, making one once, and how Get and List tell times. */
import { createHash } from 'node:crypto';
import type * as v from 'valibot';
import { ApiError, type CallContext, invalid, parseArn, partitionOf, type RawCall } from './call.ts';
import { assumedRoleArn } from './events.ts';
import type { Faults } from './faults.ts';
import type { StatusDetails, SubTask } from './life.ts';
import { MAX_TAGS } from '../service-model/model.ts';
import type { Place, Resource, Resources } from './resources.ts';
import { check, summarize } from '../service-model/validation.ts';

type Placed = Resource & Place;

export interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly successStatus: 200 | 201 | 202;
  /** True where CloudTrail's events are of interest: the calls that change something. */
  readonly audited: boolean;
  readonly input: (call: RawCall) => unknown;
  readonly run: (input: unknown, context: CallContext) => object;
}

/** An operation as the service model has it: `PATCH /custom-models/{modelIdentifier}`. */
export const operation = <Schema extends v.GenericSchema>(
  route: string,
  schema: Schema,
  run: (request: v.InferOutput<Schema>, context: CallContext, identifier: string) => object,
  successStatus: Operation['successStatus'] = 200,
  audited = !route.startsWith('GET'),
): Operation => {
  const [method = '', template = ''] = route.split(' ');
  const member = /\{(\w+)\}/.exec(template)?.[1];
  return {
    method,
    // An empty identifier is a call for one resource with a bad name, not a call for the list.
    path: new RegExp(`^${template.replace(/\{\w+\}/, '(?<identifier>[^/]*)')}$`),
    successStatus,
    audited,
    input: ({ identifier, query, body }) => {
      if (member !== undefined) return { ...(body as object), [member]: identifier };
      return method === 'GET' ? query : body;
    },
    run: (raw, context) => {
      const { request, problems } = check(schema, raw);
      if (problems) throw invalid(summarize(problems));
      return run(request, context, String((raw as Readonly<Record<string, unknown>>)[member ?? '']));
    },
  };
};

/** What an ARN names, or undefined where that is something else or nothing. Foreign accounts and Regions throw. */
const byArn = <Found>(
  arn: string,
  { caller }: Pick<CallContext, 'caller'>,
  get: (arn: string) => Found | undefined,
): Found | undefined => {
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  if (parsed.region !== caller.region || parsed.partition !== partitionOf(caller.region))
    throw invalid(`The provided ARN is of the Region ${parsed.region}, and this endpoint serves ${caller.region}.`);
  if (parsed.accountId !== '' && parsed.accountId !== caller.accountId)
    throw new ApiError('AccessDeniedException', `User: ${assumedRoleArn(caller)} has no access to ${arn}`);
  return get(arn);
};

/** The resource that an ARN or a name means. Throws ResourceNotFoundException. */
export const find = <New extends Resource, Item extends New & Place>(
  resources: Resources<New, Item>,
  identifier: string,
  context: CallContext,
): Item => {
  const item = identifier.startsWith('arn:')
    ? byArn(identifier, context, (arn) => resources.get(arn))
    : resources.in(context.caller).byName.get(identifier);
  if (!item)
    throw new ApiError('ResourceNotFoundException', `The ${resources.kind.noun} ${identifier} could not be found.`);
  return item;
};

/** Get and ListTagsForResource take what is tagged by its ARN alone. */
export const findTagged = (resourceARN: string, context: CallContext): Placed => {
  const item = resourceARN.startsWith('arn:')
    ? byArn(resourceARN, context, (arn) => context.store.kindOf(arn).get(arn))
    : undefined;
  if (!item) throw new ApiError('ResourceNotFoundException', `The resource ${resourceARN} could not be found.`);
  return item;
};

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const uniqueTags = (tags: readonly Tag[]): Map<string, string> => {
  const unique = new Map(tags.map(({ key, value }) => [key, value]));
  if (unique.size < tags.length) throw invalid('Tag keys must be unique: a key is in the request more than once.');
  return unique;
};

/**
 * A resource's tags with those of a request. Throws ValidationException where a key comes twice in the request, and
 * TooManyTagsException, which names the resource where it exists already.
 */
export const withTags = (
  existing: ReadonlyMap<string, string>,
  tags: readonly Tag[] = [],
  resourceName?: string,
): Map<string, string> => {
  const all = new Map([...existing, ...uniqueTags(tags)]);
  if (all.size > MAX_TAGS)
    throw new ApiError(
      'TooManyTagsException',
      `A resource can have at most ${MAX_TAGS} tags.`,
      resourceName === undefined ? {} : { resourceName },
    );
  return all;
};

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/** The same for requests that ask for the same thing, whatever their token. */
const fingerprintOf = (request: object): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...request, clientRequestToken: undefined }, sorted))
    .digest('base64url');

/** Makes what a request asks for, or answers with what the same request made before. */
export const createOnce = <New extends Resource, Item extends New & Place>(
  resources: Resources<New, Item>,
  request: { readonly clientRequestToken?: string },
  { caller }: CallContext,
  make: () => New,
): string => {
  const { tokens } = resources.in(caller);
  const { clientRequestToken: token } = request;
  const earlier = token === undefined ? undefined : tokens.get(token);
  const fingerprint = fingerprintOf(request);
  if (earlier && earlier.fingerprint !== fingerprint)
    throw new ApiError(
      // Creates of what serves models have no ConflictException in the service model.
      resources.kind.hasConflicts === false ? 'ValidationException' : 'ConflictException',
      'The provided clientRequestToken was already used by a request with different parameters.',
    );
  if (earlier) return earlier.arn;
  const made = make();
  const arn = resources.kind.arnOf(made);
  if (token !== undefined) tokens.set(token, { arn, fingerprint });
  resources.create(made);
  return arn;
};

/** `arn:…:<type>/<id>` of the caller, which nothing has yet. */
export const freshArn = (type: string, { caller: { accountId, region }, random, store }: CallContext): string => {
  const start = `arn:${partitionOf(region)}:bedrock:${region}:${accountId}:${type}`;
  let arn = `${start}/${random.id()}`;
  while (store.kindOf(arn).get(arn)) arn = `${start}/${random.id()}`;
  return arn;
};

const TIMES = [
  'creationTime',
  'lastModifiedTime',
  'endTime',
  'createdAt',
  'lastUpdatedAt',
  'commitmentExpirationTime',
] as const;
type Times = Partial<Record<(typeof TIMES)[number], string>>;

const mapTimes = <Told extends Times>(told: Told, map: (time: string) => string): Told => {
  const mapped: Times = Object.fromEntries(
    TIMES.flatMap((name) => (told[name] === undefined ? [] : [[name, map(told[name])]])),
  );
  return { ...told, ...mapped };
};

const toTheSecond = (time: string): string => time.replace(/\.\d+(?=Z$)/, '');

type Told = Times & { readonly statusDetails?: StatusDetails };

const withPrecision = <Answer extends Told>(told: Answer, precision: Faults['get']['timePrecision']): Answer => {
  if (precision === 'milliseconds') return told;
  const { statusDetails } = told;
  const tasks = Object.entries(statusDetails ?? {}).map(([name, task]: [string, SubTask]) => [
    name,
    mapTimes(task, toTheSecond),
  ]);
  return {
    ...mapTimes(told, toTheSecond),
    ...(statusDetails && { statusDetails: Object.fromEntries(tasks) as StatusDetails }),
  };
};

const shifted = <Answer extends Told>(summary: Answer, ms: number): Answer => {
  const { lastModifiedTime } = summary;
  if (ms === 0 || lastModifiedTime === undefined) return summary;
  return { ...summary, lastModifiedTime: new Date(Date.parse(lastModifiedTime) + ms).toISOString() };
};

/** Get as of a Bedrock that tells the times of one resource differently in Get and List. */
export const withGetFaults = <Answer extends Told>(answer: Answer, { get }: Faults): Answer =>
  withPrecision(answer, get.timePrecision);

/** List as of such a Bedrock. */
export const withListFaults = <Answer extends Told>(summary: Answer, { list }: Faults): Answer =>
  withPrecision(shifted(summary, list.modifiedOffsetMs), list.timePrecision);
