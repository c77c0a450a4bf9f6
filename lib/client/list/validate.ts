import * as v from 'valibot';
import { beginsWithDay } from '../../domain/time.ts';
import { TrackerError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/text.ts';
import { isJobArn } from '../../domain/identity.ts';
import {
  SORT_ATTRIBUTES,
  type ListJobsRequest,
  type ListModelsRequest,
  type SortAttribute,
  type TagFilter,
} from '../requests.ts';

/** A valid request. Times are ISO-8601 UTC with milliseconds; ranges include both ends. */
export interface ListQuestion {
  readonly status?: readonly string[];
  readonly active?: boolean;
  /** Of models. */
  readonly serving?: boolean;
  readonly removed?: boolean;
  readonly jobArn?: string;
  readonly account?: string;
  readonly region?: string;
  readonly baseModel?: string;
  readonly customizationType?: string;
  readonly tags: readonly TagFilter[];
  readonly nameContains?: string;
  readonly search?: string;
  readonly created: { readonly from?: string; readonly to?: string };
  readonly modifiedFrom?: string;
  readonly newestFirst: boolean;
  readonly sortBy?: SortAttribute;
  readonly limit: number;
  readonly cursor?: string;
  readonly maxReadUnits: number;
  readonly allowScan: boolean;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const DEFAULT_READ_UNITS = 250;
/** DynamoDB allows 100 operands of IN. */
const MAX_VALUES = 50;

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i;
/** Only years of four digits sort as text. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.UTC(10_000, 0);

/** Milliseconds since 1970; NaN if the value is not a time. */
const timeOf = (value: unknown): number => {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' && ISO_TIME.test(value) && beginsWithDay(value) ? Date.parse(value) : NaN;
};
const isTime = (value: unknown): value is string | Date => timeOf(value) >= YEAR_0 && timeOf(value) < YEAR_10000;
const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= longest;
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isTag = (value: unknown): value is TagFilter => {
  if (typeof value !== 'object' || value === null) return false;
  const { key, value: of, ...others } = value as Partial<TagFilter>;
  return isText(key, 128) && (of === undefined || of === '' || isText(of, 256)) && Object.keys(others).length === 0;
};

const must = <T>(be: string, test: (value: unknown) => boolean) => v.optional(v.custom<T>(test, `must be ${be}`));
const text = (what: string, longest: number) =>
  must<string>(`${what} of 1 to ${longest} characters`, (value) => isText(value, longest));
const truth = must<boolean>('true or false', (value) => typeof value === 'boolean');
const oneOf = <T extends string>(names: readonly T[]) =>
  must<T>(names.join(' or '), (value) => (names as readonly unknown[]).includes(value));
const time = v.optional(
  v.pipe(
    v.custom<string | Date>(isTime, 'must be a time such as 2026-11-21T04:36:24Z, with Z or an offset, or a Date'),
    v.transform((value: string | Date) => timeOf(value)),
  ),
);
/** One or several. */
const several = <T>(what: string, fewest: number, test: (value: unknown) => value is T) =>
  v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
      v.custom<T[]>(
        (value) =>
          (value as unknown[]).length >= fewest &&
          (value as unknown[]).length <= MAX_VALUES &&
          (value as unknown[]).every(test),
        `must be ${what}, or a list of ${fewest} to ${MAX_VALUES} of them`,
      ),
    ),
  );

/** Members that are undefined count as absent. */
const jobMembers = {
  status: several('a status of 1 to 100 characters', 1, (value) => isText(value, 100)),
  active: truth,
  account: must<string>('12 digits', matches(/^\d{12}$/)),
  region: must<string>('a Region such as us-east-1', matches(/^[a-z0-9-]{1,20}$/)),
  baseModel: text('the ARN of a model or the id of a foundation model', 1011),
  customizationType: text('a text', 100),
  tag: several('a tag as { key } or { key, value }', 0, isTag),
  nameContains: text('a text', 63),
  search: text('a text', 63),
  createdAfter: time,
  createdBefore: time,
  modifiedAfter: time,
  order: oneOf(['newest', 'oldest']),
  sortBy: oneOf(SORT_ATTRIBUTES),
  limit: must<number>(
    `a whole number from 1 to ${MAX_LIMIT}`,
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_LIMIT,
  ),
  cursor: must<string>('the cursor of an earlier answer', (value) => typeof value === 'string'),
  maxReadUnits: must<number>('a number above 0', (value) => typeof value === 'number' && value > 0),
  allowScan: truth,
};
const members = {
  ...jobMembers,
  serving: truth,
  removed: truth,
  jobArn: must<string>('the ARN of a job', (value) => isText(value, 1011) && isJobArn(value)),
};
const JOB_MEMBERS = Object.keys(jobMembers);
const OF_JOBS_ALONE = ['active', 'search', 'modifiedAfter', 'sortBy'];
const MODEL_MEMBERS = Object.keys(members).filter((name) => !OF_JOBS_ALONE.includes(name));

const schema = v.pipe(
  v.object(members, 'must be an object'),
  v.forward(
    v.partialCheck(
      [['createdAfter'], ['createdBefore']],
      ({ createdAfter: after, createdBefore: before }) => after === undefined || before === undefined || after < before,
      'must be later than createdAfter',
    ),
    ['createdBefore'],
  ),
);

const MOST_SHOWN = 5;

/** Problems with unknown members: a misspelt filter would filter nothing. */
export const unknownMembers = (request: unknown, known: readonly string[]): string[] => {
  const unknown = Object.keys(Object(request) as object).filter((name) => !known.includes(name));
  if (unknown.length === 0) return [];
  const shown = unknown.slice(0, MOST_SHOWN).map((name) => oneLine(name, 50));
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : '';
  return [`unknown members ${shown.join(', ')}${more}; the members are ${known.join(', ')}`];
};

export const wrongRequest = (problems: readonly string[]): TrackerError =>
  new TrackerError('BAD_REQUEST', `Invalid request: ${problems.join('; ')}.`);

const parse = (request: unknown, known: readonly string[]): v.InferOutput<typeof schema> => {
  const result = v.safeParse(schema, request);
  const problems = [
    ...(result.issues ?? []).map((issue) => `${v.getDotPath(issue) ?? 'it'} ${issue.message}`),
    ...unknownMembers(request, known),
  ];
  if (result.success && problems.length === 0) return result.output;
  throw wrongRequest(problems);
};

const iso = (ms: number): string => new Date(ms).toISOString();

/** Removes undefined members. */
const defined = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;

const questionOf = (request: unknown, known: readonly string[]): ListQuestion => {
  const { tag, createdAfter, createdBefore, modifiedAfter, order, limit, maxReadUnits, allowScan, ...rest } = parse(
    request,
    known,
  );
  return {
    ...defined(rest),
    tags: (tag ?? []).map(({ key, value }) => ({ key, ...(value === undefined ? {} : { value }) })),
    created: defined({
      from: createdAfter === undefined ? undefined : iso(createdAfter),
      // The records' times have milliseconds, so this excludes the end.
      to: createdBefore === undefined ? undefined : iso(Math.max(createdBefore - 1, YEAR_0)),
    }),
    ...(modifiedAfter === undefined ? {} : { modifiedFrom: iso(modifiedAfter) }),
    newestFirst: order !== 'oldest',
    limit: limit ?? DEFAULT_LIMIT,
    maxReadUnits: maxReadUnits ?? DEFAULT_READ_UNITS,
    allowScan: allowScan ?? false,
  };
};

/** Checks a request and applies the defaults. Throws one BAD_REQUEST that names every problem. */
export const parseListRequest = (request: ListJobsRequest): ListQuestion => questionOf(request, JOB_MEMBERS);
export const parseModelsRequest = (request: ListModelsRequest): ListQuestion => questionOf(request, MODEL_MEMBERS);
