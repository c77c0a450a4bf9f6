import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from './truth.ts';
import { askedJob, bedrockOperation, type HttpAnswer, type HttpRequest, jsonAnswer, serve } from './http.ts';

/** One recorded answer of Bedrock, its timestamps as RFC 3339 texts. */
export interface Recorded {
  readonly status: number;
  /** The body without what botocore adds; for an error without its `Error`. */
  readonly data: Document;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A folder of recordings: the answers of each Bedrock operation in the order of the calls. */
export interface Scenario {
  readonly name: string;
  readonly operations: ReadonlyMap<string, readonly Recorded[]>;
}

const FILE = /^bedrock\.(?<operation>\w+)_(?<number>\d+)\.json$/;

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const digits = (part: unknown, length: number): string =>
  String(typeof part === 'number' ? part : 0).padStart(length, '0');
const two = (part: unknown): string => digits(part, 2);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As placebo writes datetimes, with the microseconds that it keeps. */
const timestamp = ({ year, month, day, hour, minute, second, microsecond }: Document): string =>
  `${digits(year, 4)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}` +
  `.${digits(microsecond, 6)}Z`;

const onWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(onWire);
  if (!isObject(value)) return value;
  if (value['__class__'] === 'datetime') return timestamp(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, onWire(member)]));
};

/** Python writes NaN and Infinity as they are; the wire has them as texts. */
const parse = (text: string): unknown => JSON.parse(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"'));

const read = (file: string): Recorded => {
  const { status_code: status, data } = parse(readFileSync(file, 'utf8')) as { status_code?: number; data?: Document };
  const { ResponseMetadata: _, Error: error, ...members } = onWire(data ?? {}) as Document;
  const known = isObject(error) ? error : undefined;
  return {
    status: status ?? 200,
    data: members,
    ...(known === undefined
      ? {}
      : { error: { code: text(known['Code']) || 'UnknownError', message: text(known['Message']) } }),
  };
};

const readScenario = (folder: string, name: string): Scenario => {
  const files = readdirSync(join(folder, name))
    .map((file) => ({ file, groups: FILE.exec(file)?.groups }))
    .flatMap(({ file, groups }) =>
      groups ? [{ file, operation: groups['operation'] ?? '', number: Number(groups['number']) }] : [],
    )
    .sort((a, b) => a.number - b.number);
  const operations = new Map<string, Recorded[]>();
  for (const { file, operation } of files) {
    operations.set(operation, [...(operations.get(operation) ?? []), read(join(folder, name, file))]);
  }
  return { name, operations };
};

/** Every scenario of a folder; files beside the scenarios' folders are no recordings. */
export const readScenarios = (folder: string): Scenario[] => {
  if (!existsSync(folder)) throw new Error(`RECORDINGS names ${folder}, which does not exist.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readScenario(folder, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

export const isError = ({ status, error }: Recorded): boolean => status >= 300 || error !== undefined;

/** The recorded answer as Bedrock sends it. */
const asAnswer = ({ status, data, error }: Recorded): HttpAnswer =>
  error === undefined
    ? jsonAnswer(status, data, status >= 300 ? { 'x-amzn-errortype': 'UnknownError' } : {})
    : jsonAnswer(status >= 300 ? status : 400, { ...data, message: error.message }, { 'x-amzn-errortype': error.code });

/** A call of an SDK client, with the answers that it got: several where it tried again. */
export interface Call {
  readonly operation: string;
  /** The ARN or name that it asked for; empty for List. */
  readonly job: string;
  readonly answers: Recorded[];
}

export interface ReplayServer {
  readonly url: string;
  /** The calls in the order in which they began. */
  readonly calls: readonly Call[];
  /** True when every recorded answer of the operation that can be asked for has been given. */
  readonly consumed: (operation: string) => boolean;
  readonly close: () => Promise<void>;
}

const NOT_FOUND: Recorded = {
  status: 404,
  data: {},
  error: { code: 'ResourceNotFoundException', message: 'No recorded answer is about this job.' },
};
const NO_TAGS: Recorded = { status: 200, data: { tags: [] } };
const NO_JOBS: Recorded = { status: 200, data: { modelCustomizationJobSummaries: [] } };

/** An answer that does not say whose it is may be about any job. */
const isAbout = ({ data: { jobArn, jobName } }: Recorded, job: string): boolean =>
  jobArn === job || jobName === job || (jobArn === undefined && jobName === undefined);

/** The last page ends the list: a recording that stops in the middle has no next page to give. */
const asLastPage = (page: Recorded): Recorded => {
  const { nextToken: _, ...data } = page.data;
  return { ...page, data };
};

/**
 * Answers from a scenario's recordings: each operation's answers in their order, the last one again and again. Get
 * answers come from those about the job that is asked for, with the errors between them, so that no call for one job
 * is answered with another.
 */
export const startReplayServer = async ({ operations }: Scenario): Promise<ReplayServer> => {
  const calls: Call[] = [];
  const byInvocation = new Map<string, Call>();
  const positions = new Map<string, number>();
  const given = new Set<Recorded>();

  const sequenceOf = (operation: string, job: string): readonly Recorded[] => {
    const all = operations.get(operation) ?? [];
    if (operation !== 'GetModelCustomizationJob') return all;
    return all.filter((answer) => isError(answer) || isAbout(answer, job));
  };

  const nextOf = (operation: string, job: string): Recorded => {
    const sequence = sequenceOf(operation, job);
    const key = operation === 'GetModelCustomizationJob' ? `${operation} ${job}` : operation;
    const position = Math.min(positions.get(key) ?? 0, sequence.length - 1);
    positions.set(key, position + 1);
    const recorded = sequence[position];
    if (recorded !== undefined) given.add(recorded);
    switch (operation) {
      case 'ListModelCustomizationJobs':
        return position === sequence.length - 1 ? asLastPage(recorded ?? NO_JOBS) : (recorded ?? NO_JOBS);
      case 'ListTagsForResource':
        return recorded ?? NO_TAGS;
      default:
        return recorded ?? NOT_FOUND;
    }
  };

  const callOf = (request: HttpRequest, operation: string, job: string): Call => {
    const invocation = String(request.headers['amz-sdk-invocation-id']);
    const known = byInvocation.get(invocation);
    if (known) return known;
    const call: Call = { operation, job, answers: [] };
    byInvocation.set(invocation, call);
    calls.push(call);
    return call;
  };

  const server = await serve((request) => {
    const operation = bedrockOperation(request);
    const job = askedJob(request);
    const recorded = nextOf(operation, job);
    callOf(request, operation, job).answers.push(recorded);
    return Promise.resolve(asAnswer(recorded));
  });
  return {
    ...server,
    calls,
    consumed: (operation) => (operations.get(operation) ?? []).every((answer) => given.has(answer)),
  };
};
