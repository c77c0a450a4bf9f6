/** What the operations on any kind of resource share: finding one, making one once, and how Get and List tell times. */
import { createHash } from 'node:crypto';
import { ApiError, type CallContext, invalid, parseArn, partitionOf } from './call.ts';
import { assumedRoleArn } from './events.ts';
import type { Faults } from './faults.ts';
import { MAX_TAGS } from '../service-model/model.ts';
import type { Place, Resource, Resources } from './resources.ts';

type Placed = Resource & Place;

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

/**
 * A resource's tags with those of a request. Throws ValidationException where a key comes twice in the request, and
 * TooManyTagsException, which names the resource where it exists already.
 */
export const withTags = (
  existing: ReadonlyMap<string, string>,
  tags: readonly Tag[] = [],
  resourceName?: string,
): Map<string, string> => {
  const added = new Map(tags.map(({ key, value }) => [key, value]));
  if (added.size < tags.length) throw invalid('Tag keys must be unique: a key is in the request more than once.');
  const all = new Map([...existing, ...added]);
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

/** An answer whose times are cut to the second. */
const withPrecision = <Answer extends object>(answer: Answer, precision: Faults['get']['timePrecision']): Answer => {
  if (precision === 'milliseconds') return answer;
  const cut = (name: string, value: unknown): unknown =>
    typeof value === 'string' && /(?:Time|At)$/.test(name) ? value.replace(/\.\d+(?=Z$)/, '') : value;
  return JSON.parse(JSON.stringify(answer), cut) as Answer;
};

/** Get as of a Bedrock that tells the times of one resource differently in Get and List. */
export const withGetFaults = <Answer extends object>(answer: Answer, { get }: Faults): Answer =>
  withPrecision(answer, get.timePrecision);

/** List as of such a Bedrock. */
export const withListFaults = <Answer extends { readonly lastModifiedTime?: string }>(
  summary: Answer,
  { list: { modifiedOffsetMs: offset, timePrecision } }: Faults,
): Answer => {
  const { lastModifiedTime: time } = summary;
  const isShifted = offset !== 0 && time !== undefined;
  const shifted = isShifted && { lastModifiedTime: new Date(Date.parse(time) + offset).toISOString() };
  return withPrecision({ ...summary, ...shifted }, timePrecision);
};
