/** The REST-JSON protocol around the operations: routing, bodies, errors, and the faults that hit any call. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type CallContext, type Caller, callerOf, type RawCall, type Scope, scopeKey } from './call.ts';
import type { Clock } from './clock.ts';
import {
  type Counters,
  type Faults,
  OPERATION_NAMES,
  type OperationName,
  takeToken,
  type TokenBucket,
} from './faults.ts';
import { type ApiCall, assumedRoleArn } from './events.ts';
import { OPERATIONS } from './operations.ts';
import type { Random } from './random.ts';

const NAMING = ['jobName', 'resourceARN', 'modelName', 'modelDeploymentName', 'provisionedModelName'] as const;

/** The text by which a call names its resource. */
const targetOf = (call: RawCall): string => {
  if (call.identifier !== '') return call.identifier;
  const body = (call.body ?? {}) as Partial<Record<(typeof NAMING)[number], unknown>>;
  const names = NAMING.map((member) => body[member]);
  return names.find((value) => typeof value === 'string') ?? '';
};

/** Throws AccessDeniedException where the switchboard denies the operation, or the operation on this resource. */
const refuseDenied = (
  name: OperationName,
  call: RawCall,
  { store, caller }: CallContext,
  accessDenied: readonly string[],
): void => {
  if (accessDenied.length === 0) return;
  const target = targetOf(call);
  const named = store.kindOf(target).get(target)?.name ?? target;
  if (!accessDenied.includes(name) && !accessDenied.includes(`${name}:${named}`)) return;
  const action = `${name === 'GetMetricData' ? 'cloudwatch' : 'bedrock'}:${name}`;
  throw new ApiError(
    'AccessDeniedException',
    `User: ${assumedRoleArn(caller)} is not authorized to perform: ${action} on resource: ${target === '' ? '*' : target}`,
  );
};

/** Well above the largest valid request (the lists of tags that the model allows). */
const MAX_BODY_BYTES = 1024 * 1024;

interface ApiDependencies {
  readonly defaults: Scope;
  readonly faults: () => Faults;
  readonly counters: Counters;
  /** For the faults' decisions only, so that they do not change the jobs' lives. */
  readonly random: Random;
  readonly clock: Clock;
  /** Brings the jobs up to the present and gives a call what it works with. */
  readonly context: (caller: Caller) => CallContext;
  /** Hears of each audited call, successful or not. */
  readonly onAudited: (call: ApiCall) => void;
  /** Hears of each call that may have changed something. */
  readonly onChanged: () => void;
}

const findOperation = (method: string, path: string): { name: OperationName; identifier: string } => {
  for (const name of OPERATION_NAMES) {
    const { method: expected, path: pattern } = OPERATIONS[name];
    const match = method === expected ? pattern.exec(path) : null;
    if (match) return { name, identifier: match.groups?.['identifier'] ?? '' };
  }
  throw new ApiError('UnknownOperationException', `No operation of Amazon Bedrock is simulated at ${method} ${path}.`);
};

const decodeIdentifier = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new ApiError('SerializationException', 'The path is not validly percent-encoded.');
  }
};

/** An answer that overtakes its request's body resets the connection: what is too much is read, and thrown away. */
const MAX_DRAINED_BYTES = 64 * MAX_BODY_BYTES;

/** The body's text. Never holds more than the limit. */
export const readBody = async (request: Request): Promise<string> => {
  if (!request.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done && size <= MAX_DRAINED_BYTES; next = await reader.read()) {
    size += next.value.byteLength;
    if (size <= MAX_BODY_BYTES) chunks.push(next.value);
    else chunks.length = 0;
  }
  if (size > MAX_BODY_BYTES)
    throw new ApiError('RequestTooLarge', `A request's body may have ${MAX_BODY_BYTES} bytes at most.`);
  return Buffer.concat(chunks).toString();
};

const parseBody = (text: string): unknown => {
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new ApiError('SerializationException', `The body is not valid JSON: ${(cause as Error).message}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError('SerializationException', 'The body must be a JSON object.');
  return body;
};

const firstOfEach = (query: URLSearchParams): Record<string, string> => Object.fromEntries([...query].reverse());

const answer = (status: number, body: object, headers: Readonly<Record<string, string>>): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** SDKs know no exception for a body over the limit: to them it is a validation error. */
const errorType = ({ name }: ApiError): string => (name === 'RequestTooLarge' ? 'ValidationException' : name);

/** CloudWatch's protocol names the operation there. */
const targetHeader = ({ headers }: Request): string | null => headers.get('x-amz-target');

const errorAnswer = (error: ApiError, requestId: string, isCloudWatch: boolean): Response =>
  answer(
    error.httpStatus,
    { message: error.message, ...error.members, ...(isCloudWatch && { __type: errorType(error) }) },
    { 'x-amzn-requestid': requestId, 'x-amzn-errortype': errorType(error) },
  );

/** CloudTrail writes a denial without the "Exception". */
const auditCode = (error: ApiError): string =>
  error.name === 'AccessDeniedException' ? 'AccessDenied' : errorType(error);

const asApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  throw error;
};

/** Answers one request of the API. */
export const createApi = (dependencies: ApiDependencies): ((request: Request) => Promise<Response>) => {
  const { faults, counters, random, clock } = dependencies;
  const buckets = new Map<string, TokenBucket>();

  const throttle = (name: OperationName, caller: Caller): void => {
    const limits = faults().throttle;
    if (!limits) return;
    const { bucket, taken } = takeToken(buckets.get(scopeKey(caller)), clock.now(), limits);
    buckets.set(scopeKey(caller), bucket);
    if (taken) return;
    counters.countThrottled(name);
    throw new ApiError('ThrottlingException', 'Too many requests, please wait before trying again.');
  };

  const run = (name: OperationName, identifier: string, url: URL, text: string, call: AuditDraft): object => {
    const operation = OPERATIONS[name];
    throttle(name, call.caller);
    const raw: RawCall = {
      identifier: decodeIdentifier(identifier),
      query: firstOfEach(url.searchParams),
      body: parseBody(text),
    };
    call.requestParameters = operation.input(raw);
    if (random.chance(faults().failProbability))
      throw new ApiError('InternalServerException', 'An internal server error occurred. Try again later.');
    const context = dependencies.context(call.caller);
    refuseDenied(name, raw, context, faults().accessDenied);
    const result = operation.run(call.requestParameters, context);
    if (operation.audited) dependencies.onChanged();
    return result;
  };

  const audit = (name: OperationName, call: AuditDraft, outcome: Pick<ApiCall, 'error' | 'responseElements'>): void => {
    if (OPERATIONS[name].audited) dependencies.onAudited({ operation: name, at: clock.now(), ...call, ...outcome });
  };

  const serve = async (request: Request, requestId: string): Promise<Response> => {
    const url = new URL(request.url);
    const target = targetHeader(request);
    const { name, identifier } = findOperation(request.method, target === null ? url.pathname : `/${target}`);
    counters.countReceived(name);
    const { latencyMs } = faults();
    const text = await readBody(request);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
    const call: AuditDraft = {
      caller: callerOf(request.headers.get('authorization') ?? undefined, dependencies.defaults),
      requestId,
      userAgent: request.headers.get('user-agent') ?? '',
      requestParameters: null,
    };
    try {
      const result = run(name, identifier, url, text, call);
      // CloudTrail shows what a call answered where it answered anything.
      audit(name, call, { responseElements: Object.keys(result).length > 0 ? result : null });
      return answer(OPERATIONS[name].successStatus, result, { 'x-amzn-requestid': requestId });
    } catch (thrown) {
      const error = asApiError(thrown);
      audit(name, call, { responseElements: null, error: { code: auditCode(error), message: error.message } });
      throw error;
    }
  };

  return async (request) => {
    const requestId = randomUUID();
    try {
      return await serve(request, requestId);
    } catch (thrown) {
      return errorAnswer(asApiError(thrown), requestId, targetHeader(request) !== null);
    }
  };
};

/** What is known of a call before its outcome. */
interface AuditDraft extends Pick<ApiCall, 'caller' | 'requestId' | 'userAgent'> {
  requestParameters: unknown;
}
