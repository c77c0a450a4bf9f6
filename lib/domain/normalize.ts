import { TrackerError } from './errors.ts';
import { formatScope, jobIdOf, parseJobArn, type Scope } from './identity.ts';
import { type CatalogFields, type Identity, type JobSnapshot, type ObservedVia, SUB_TASKS } from './record.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that keys, comparisons and events need as strings. The SDK does not check their type. */
const TEXTS = [
  'job_arn',
  'job_name',
  'status',
  'creation_time',
  'last_modified_time',
  'end_time',
  'base_model_arn',
  'output_model_arn',
  'output_model_name',
  'customization_type',
  'failure_message',
];
const MODEL_TEXTS = [
  ...['model_arn', 'model_name', 'job_arn', 'job_name', 'base_model_arn', 'customization_type'],
  ...['creation_time', 'model_status', 'failure_message'],
];
const DETAILS = ['status', 'creation_time', 'last_modified_time'];

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isStructure = (value: unknown): value is Fields => isObject(value) && !Array.isArray(value);

/** Paths of the members that are not strings; the path itself if the value is not a structure. */
const wrongTexts = (value: unknown, names: readonly string[], path: string): string[] => {
  if (value === undefined) return [];
  if (!isStructure(value)) return [path];
  return names.filter((name) => !isText(value[name])).map((name) => (path === '' ? name : `${path}.${name}`));
};

/** Paths of the fields, by catalog names, that must be strings and are not. */
export const wrongFields = (fields: Fields, texts: readonly string[] = TEXTS): string[] => {
  const { status_details: details } = fields;
  const ofTasks = SUB_TASKS.flatMap((task) =>
    wrongTexts(
      isStructure(details) ? details[`${task}_details`] : undefined,
      DETAILS,
      `status_details.${task}_details`,
    ),
  );
  return [...wrongTexts(fields, texts, ''), ...wrongTexts(details, [], 'status_details'), ...ofTasks];
};

/** An answer of Bedrock as the AWS SDK returns it, timestamps as `Date`. */
export type BedrockAnswer = Fields;

/** What GetModelCustomizationJob's answer does not contain. */
export interface Observation {
  readonly scope: Scope;
  /** The ARN or name in the request. */
  readonly jobIdentifier: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fetchedAt: string;
  readonly via: ObservedVia;
}

const FILTERS = 'trainingDataConfig.invocationLogsConfig.requestMetadataFilters';

/** Maps whose keys are the user's own. A test compares this list with the SDK's model. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'hyperParameters',
  ...['', '.andAll', '.orAll'].flatMap((list) => [`${FILTERS}${list}.equals`, `${FILTERS}${list}.notEquals`]),
]);

/**
 * Keys of indexes. DynamoDB refuses an empty string in a key, so it counts as absent. A test compares this list with the
 * indexes.
 */
export const KEY_FIELDS: ReadonlySet<string> = new Set([
  ...['job_arn', 'job_name', 'status', 'creation_time', 'last_modified_time', 'base_model_arn', 'output_model_arn'],
]);

const MODEL_KEY_FIELDS: ReadonlySet<string> = new Set([
  ...['model_arn', 'model_name', 'job_arn', 'creation_time', 'base_model_arn'],
]);

/** The catalog's name of a Bedrock field: s3Uri → s3_uri. */
export const catalogName = (field: string): string =>
  field
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

// DynamoDB stores 1e-130 … 1e126, and the SDK's marshaller refuses unsafe integers: other numbers become strings.
const SMALLEST_NUMBER = 1e-130;
const storableNumber = (value: number): number | string => {
  const size = Math.abs(value);
  // DynamoDB has no negative zero.
  if (size === 0) return 0;
  return size >= SMALLEST_NUMBER && size <= Number.MAX_SAFE_INTEGER ? value : String(value);
};

const scalar = (value: unknown): unknown => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (typeof value === 'number') return storableNumber(value);
  // A lone surrogate cannot be written as UTF-8: it would come back changed.
  return typeof value === 'string' ? value.toWellFormed() : value;
};

const isPresent = (entry: readonly [string, unknown]): boolean => entry[1] !== undefined;

const mapMembers = (members: readonly unknown[], read: (member: unknown) => unknown): unknown[] =>
  members.map(read).filter((member) => member !== undefined);

// The SDK's marshaller assigns keys to a plain object: this one would vanish or break the write.
const UNSTORABLE_KEY = '__proto__';

/** DynamoDB's limit. */
const MAX_DEPTH = 32;

/** The SDK returns an unknown member of a union as { $unknown: [name, value] }: stored, this is one level. */
const isUnknownMember = (name: string, member: unknown): member is readonly unknown[] =>
  name === '$unknown' && Array.isArray(member);

const isDeeper = (value: unknown, depth: number): boolean =>
  depth < 0 ||
  (isObject(value) &&
    Object.entries(value).some(([name, one]) => isDeeper(one, isUnknownMember(name, one) ? depth : depth - 1)));

/** Copies keys and nulls as they are: for maps, and for what the SDK's model does not describe. */
const copyVerbatim = (value: unknown): unknown => {
  if (Array.isArray(value)) return mapMembers(value, copyVerbatim);
  if (!isObject(value) || value instanceof Date) return scalar(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== UNSTORABLE_KEY)
      .map(([key, member]): [string, unknown] => [key.toWellFormed(), copyVerbatim(member)])
      .filter(isPresent),
  );
};

const catalogStructure = (value: Fields, path: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .flatMap(([field, member]): [string, unknown][] => {
        if (isUnknownMember(field, member))
          return [[catalogName(String(member[0])).toWellFormed(), copyVerbatim(member[1])]];
        const name = catalogName(field).toWellFormed();
        return [[name, catalogValue(member, path === '' ? field : `${path}.${field}`)]];
      })
      // A null field means an absent one; a null inside a map is the user's.
      .filter((entry) => isPresent(entry) && entry[1] !== null && entry[0] !== UNSTORABLE_KEY),
  );

const catalogValue = (value: unknown, path: string): unknown => {
  if (Array.isArray(value)) return mapMembers(value, (member) => catalogValue(member, path));
  if (!isObject(value) || value instanceof Date) return scalar(value);
  return MAP_FIELDS.has(path) ? copyVerbatim(value) : catalogStructure(value, path);
};

/**
 * The fields of a Bedrock answer by catalog names. Timestamps become ISO-8601 UTC, numbers that DynamoDB cannot store
 * become strings; absent fields and empty keys are dropped.
 */
export const catalogFields = (answer: BedrockAnswer, keys = KEY_FIELDS): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(catalogStructure(answer, '')).filter(([name, value]) => value !== '' || !keys.has(name)),
  );

const identityOf = (jobArn: string, asked: Scope): Identity => {
  const arn = parseJobArn(jobArn);
  const scope: Scope = arn ?? asked;
  return {
    _key: jobArn,
    account_id: scope.accountId,
    region: scope.region,
    scope: formatScope(scope),
    // A key too, so never empty.
    job_id: jobIdOf(jobArn) ?? (jobArn.slice(jobArn.lastIndexOf('/') + 1) || jobArn),
  };
};

/** Tags as a record stores them. */
export const storedTags = (tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  copyVerbatim(tags) as Record<string, string>;

/** The texts under one of these names; undefined if none of them is a text with a character. */
export const textOf = (answer: BedrockAnswer, ...names: readonly string[]): string | undefined =>
  names.map((name) => scalar(answer[name])).find((value): value is string => typeof value === 'string' && value !== '');

/** What cannot be read of a listed resource, if anything. */
export const problemOf = (what: string, wrongTimes: string | undefined): string | undefined =>
  wrongTimes && `Bedrock lists ${what} with an invalid time: ${wrongTimes}. The rest of it was read.`;

/** The kinds of answers, each with what `readAnswer` checks. */
const KINDS = {
  job: { code: 'INVALID_JOB', keys: KEY_FIELDS, texts: TEXTS, advice: 'Request the job by its full ARN.' },
  model: { code: 'INVALID_MODEL', keys: MODEL_KEY_FIELDS, texts: MODEL_TEXTS, advice: 'Request the model by its ARN.' },
} as const;

/** The fields of an answer of Get by catalog names, and the ARN in it or in the request. Throws what `normalize` throws. */
export const readAnswer = (
  kind: keyof typeof KINDS,
  answer: BedrockAnswer,
  identifier: string,
  askedArn: string | undefined,
): { readonly fields: Fields; readonly arn: string } => {
  const { code, keys, texts, advice } = KINDS[kind];
  const invalid = (why: string) => new TrackerError(code, `Bedrock's answer for ${kind} "${identifier}" ${why}`);
  if (isDeeper(answer, MAX_DEPTH)) {
    throw invalid(`is nested deeper than ${MAX_DEPTH} levels, the most that DynamoDB stores.`);
  }
  const fields = catalogFields(answer, keys);
  const wrong = wrongFields(fields, texts);
  if (wrong.length > 0) throw invalid(`does not match its model: not a string: ${wrong.join(', ')}.`);
  const arn = (fields[`${kind}_arn`] as string | undefined) ?? askedArn;
  if (arn === undefined) throw invalid(`has no ${kind}Arn, so no record can be written. ${advice}`);
  return { fields, arn };
};

/**
 * Makes a snapshot from an answer of GetModelCustomizationJob and the job's tags. Throws INVALID_JOB if neither the
 * answer nor the request has the job's ARN, if a needed field is not a string, or if the answer is nested too deep.
 */
export const normalize = (answer: BedrockAnswer, observation: Observation): JobSnapshot => {
  const { jobIdentifier } = observation;
  const askedArn = parseJobArn(jobIdentifier) && jobIdentifier;
  const { fields, arn: jobArn } = readAnswer('job', answer, jobIdentifier, askedArn);
  return {
    ...(fields as Partial<CatalogFields>),
    job_arn: jobArn,
    ...identityOf(jobArn, observation.scope),
    tags: storedTags(observation.tags),
    fetched_at: observation.fetchedAt,
    observed_via: observation.via,
  };
};
