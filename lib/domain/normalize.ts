import { TrackerError } from './errors.ts';
import { formatScope, jobIdOf, parseJobArn, type Scope } from './identity.ts';
import { type CatalogFields, type Identity, type JobSnapshot, type ObservedVia, SUB_TASKS } from './record.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What indexes are made of, statuses are compared by, and subscribers are told: the SDK does not check that it is text. */
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
const DETAILS = ['status', 'creation_time', 'last_modified_time'];

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isStructure = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The texts of a structure that are something else; the structure itself where it is none. */
const wrongTexts = (value: unknown, names: readonly string[], path: string): string[] => {
  if (value === undefined) return [];
  if (!isStructure(value)) return [path];
  return names.filter((name) => !isText(value[name])).map((name) => (path === '' ? name : `${path}.${name}`));
};

/** The fields of a job, under their catalog names, that must be texts and are something else. */
export const wrongFields = (fields: Fields): string[] => {
  const { status_details: details } = fields;
  const ofTasks = SUB_TASKS.flatMap((task) =>
    wrongTexts(
      isStructure(details) ? details[`${task}_details`] : undefined,
      DETAILS,
      `status_details.${task}_details`,
    ),
  );
  return [...wrongTexts(fields, TEXTS, ''), ...wrongTexts(details, [], 'status_details'), ...ofTasks];
};

/** An answer of Bedrock as the AWS SDK hands it over: its field names, timestamps as `Date`. */
export type BedrockAnswer = Readonly<Record<string, unknown>>;

/** What the answer of GetModelCustomizationJob does not say about itself. */
export interface Observation {
  /** Where the job was asked for. */
  readonly scope: Scope;
  /** The ARN or name that was asked for. */
  readonly jobIdentifier: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fetchedAt: string;
  readonly via: ObservedVia;
}

const FILTERS = 'trainingDataConfig.invocationLogsConfig.requestMetadataFilters';

/** The fields whose keys are the user's own words. A test compares this list with the SDK's model. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'hyperParameters',
  ...['', '.andAll', '.orAll'].flatMap((list) => [`${FILTERS}${list}.equals`, `${FILTERS}${list}.notEquals`]),
]);

/**
 * The fields that are keys of indexes, where DynamoDB holds no empty text: such a text counts as absent, or the record
 * would differ from every later answer. A test compares this list with the indexes.
 */
export const KEY_FIELDS: ReadonlySet<string> = new Set([
  ...['job_arn', 'job_name', 'status', 'creation_time', 'last_modified_time', 'base_model_arn', 'output_model_arn'],
]);

/** The catalog's name of a Bedrock field: s3Uri → s3_uri. Reproduces every name of the public catalog tables. */
export const catalogName = (field: string): string =>
  field
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

// DynamoDB holds 1e-130 … 1e126, the SDK's marshaller refuses what exceeds the safe integers: the rest stays as text.
const SMALLEST_NUMBER = 1e-130;
const storableNumber = (value: number): number | string => {
  const size = Math.abs(value);
  // The table knows no negative zero.
  if (size === 0) return 0;
  return size >= SMALLEST_NUMBER && size <= Number.MAX_SAFE_INTEGER ? value : String(value);
};

const scalar = (value: unknown): unknown => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (typeof value === 'number') return storableNumber(value);
  // A lone surrogate cannot be written as UTF-8: it would come back as another text and look like a change.
  return typeof value === 'string' ? value.toWellFormed() : value;
};

const isPresent = (entry: readonly [string, unknown]): boolean => entry[1] !== undefined;

const mapMembers = (members: readonly unknown[], read: (member: unknown) => unknown): unknown[] =>
  members.map(read).filter((member) => member !== undefined);

// The AWS SDK's marshaller assigns keys to a plain object, so this one would vanish or break the write of the record.
const UNSTORABLE_KEY = '__proto__';

/** DynamoDB holds no deeper documents, and what recurses needs an end. */
const MAX_DEPTH = 32;

const refuseDepth = (depth: number): void => {
  if (depth <= MAX_DEPTH) return;
  throw new TrackerError(
    'INVALID_JOB',
    `Bedrock's answer is nested deeper than ${MAX_DEPTH.toString()} levels, which no item of the table can be.`,
  );
};

/** Keys and nulls as they came: for maps, and for what the SDK's model does not describe. */
const copyVerbatim = (value: unknown, depth: number): unknown => {
  refuseDepth(depth);
  if (Array.isArray(value)) return mapMembers(value, (member) => copyVerbatim(member, depth + 1));
  if (!isObject(value) || value instanceof Date) return scalar(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== UNSTORABLE_KEY)
      .map(([key, member]): [string, unknown] => [key.toWellFormed(), copyVerbatim(member, depth + 1)])
      .filter(isPresent),
  );
};

const catalogStructure = (
  value: Readonly<Record<string, unknown>>,
  path: string,
  depth: number,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .flatMap(([field, member]): [string, unknown][] => {
        // The SDK hands over the sole unknown member of a union as { $unknown: [name, value] }.
        if (field === '$unknown' && Array.isArray(member))
          return [[catalogName(String(member[0])).toWellFormed(), copyVerbatim(member[1], depth + 1)]];
        const name = catalogName(field).toWellFormed();
        return [[name, catalogValue(member, path === '' ? field : `${path}.${field}`, depth + 1)]];
      })
      // A null field says what an absent one says; a null inside a map is the user's.
      .filter((entry) => isPresent(entry) && entry[1] !== null && entry[0] !== UNSTORABLE_KEY),
  );

const catalogValue = (value: unknown, path: string, depth: number): unknown => {
  refuseDepth(depth);
  if (Array.isArray(value)) return mapMembers(value, (member) => catalogValue(member, path, depth + 1));
  if (!isObject(value) || value instanceof Date) return scalar(value);
  return MAP_FIELDS.has(path) ? copyVerbatim(value, depth) : catalogStructure(value, path, depth);
};

/**
 * The fields of a Bedrock answer under their catalog names, nothing added and nothing dropped but what is absent, and
 * empty texts of keys: timestamps become ISO-8601 UTC, numbers that DynamoDB cannot hold become text.
 */
export const catalogFields = (answer: BedrockAnswer): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(catalogStructure(answer, '', 0)).filter(([name, value]) => value !== '' || !KEY_FIELDS.has(name)),
  );

const identityOf = (jobArn: string, asked: Scope): Identity => {
  const arn = parseJobArn(jobArn);
  const scope: Scope = arn ?? asked;
  return {
    _key: jobArn,
    account_id: scope.accountId,
    region: scope.region,
    scope: formatScope(scope),
    // A key as well: an ARN that ends with a slash has nothing behind it.
    job_id: jobIdOf(jobArn) ?? (jobArn.slice(jobArn.lastIndexOf('/') + 1) || jobArn),
  };
};

/** Tags as a record holds them. */
export const storedTags = (tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  copyVerbatim(tags, 1) as Record<string, string>;

/**
 * The snapshot that an answer of GetModelCustomizationJob and the job's tags amount to.
 * Throws INVALID_JOB only where neither the answer nor the question names the job's ARN, without which there is no
 * record; where a field that everything hangs on is no text; and where the answer is nested deeper than an item can be.
 */
export const normalize = (answer: BedrockAnswer, observation: Observation): JobSnapshot => {
  const catalogued = catalogFields(answer);
  const wrong = wrongFields(catalogued);
  if (wrong.length > 0) {
    throw new TrackerError(
      'INVALID_JOB',
      `Bedrock's answer for job "${observation.jobIdentifier}" is not as its model says: no text is ${wrong.join(', ')}.`,
    );
  }
  const fields = catalogued as Partial<CatalogFields>;
  const askedArn = parseJobArn(observation.jobIdentifier) && observation.jobIdentifier;
  const jobArn = fields.job_arn ?? askedArn;
  if (jobArn === undefined) {
    throw new TrackerError(
      'INVALID_JOB',
      `Bedrock's answer for job "${observation.jobIdentifier}" carries no jobArn, so there is no record to write. ` +
        'Ask for the job by its full ARN.',
    );
  }
  return {
    ...fields,
    job_arn: jobArn,
    ...identityOf(jobArn, observation.scope),
    tags: storedTags(observation.tags),
    fetched_at: observation.fetchedAt,
    observed_via: observation.via,
  };
};
