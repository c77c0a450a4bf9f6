import { parseTagFilter } from '../../../domain/tag-filter.ts';
import { DAY, isDayOrTime } from '../../../domain/time.ts';
import type { JobsQuery } from '../../api.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const textOf = (params: URLSearchParams, name: string): string | undefined => {
  const value = params.get(name)?.trim();
  return value === undefined || value === '' ? undefined : value;
};

const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[]): T | undefined =>
  allowed.find((each) => each === value);

const present = <T extends object>(members: { readonly [K in keyof T]?: T[K] | undefined }): T =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as T;

const isTime = (value: string | undefined): string | undefined =>
  value === undefined || !isDayOrTime(value) ? undefined : value;

/** The query of a list page's address, without invalid members: an address may be old. */
export const parseJobsQuery = (search: string): JobsQuery => {
  const params = new URLSearchParams(search);
  const active = oneOf(textOf(params, 'active'), ['true', 'false']);
  return present<JobsQuery>({
    status: [...new Set(params.getAll('status').filter((status) => status !== ''))],
    active: active === undefined ? undefined : active === 'true',
    scope: textOf(params, 'scope'),
    baseModel: textOf(params, 'baseModel'),
    customizationType: textOf(params, 'customizationType'),
    tag: [...new Set(params.getAll('tag').filter((tag) => tag !== ''))],
    search: textOf(params, 'search'),
    createdAfter: isTime(textOf(params, 'createdAfter')),
    createdBefore: isTime(textOf(params, 'createdBefore')),
    sortBy: oneOf(textOf(params, 'sortBy'), ['creation_time', 'last_modified_time']),
    order: oneOf(textOf(params, 'order'), ['newest', 'oldest']),
  });
};

const NAMES = [
  'status',
  'active',
  'scope',
  'baseModel',
  'customizationType',
  'tag',
  'search',
  'createdAfter',
  'createdBefore',
  'sortBy',
  'order',
  'limit',
  'cursor',
] as const satisfies readonly (keyof JobsQuery)[];

/** The query as text, in a fixed order, so that a query has one address. */
export const formatJobsQuery = (query: JobsQuery): string => {
  const params = new URLSearchParams();
  for (const name of NAMES) {
    const value = query[name];
    if (Array.isArray(value)) for (const each of value) params.append(name, String(each));
    else if (value !== undefined && value !== '') params.append(name, String(value));
  }
  return params.toString();
};

/** The query with one member changed, or removed if the value is undefined or empty. */
export const withMember = <K extends keyof JobsQuery>(
  query: JobsQuery,
  name: K,
  value: JobsQuery[K] | undefined,
): JobsQuery => {
  const changed = { ...query, [name]: value === '' ? undefined : value };
  return present<JobsQuery>(changed);
};

/** A filter of tags for a person. */
export const tagFilterLabel = (filter: string): string => {
  const { key, value } = parseTagFilter(filter) ?? { key: filter };
  return value === undefined ? key : `${key}: ${value}`;
};

/** The number of filters; sorting does not count. */
export const filterCount = (query: JobsQuery): number =>
  NAMES.filter((name) => !['sortBy', 'order', 'limit', 'cursor'].includes(name) && query[name] !== undefined).length;

/** The query without filters, in the same order. */
export const withoutFilters = ({ sortBy, order }: JobsQuery): JobsQuery => present<JobsQuery>({ sortBy, order });

/** The start of a day (UTC); undefined if the date field is empty. */
export const startOfDay = (date: string): string | undefined =>
  DATE.test(date) && !Number.isNaN(Date.parse(date)) ? `${date}T00:00:00.000Z` : undefined;

/** The end of a day (UTC), which `createdBefore` excludes. */
export const endOfDay = (date: string): string | undefined => {
  const start = startOfDay(date);
  return start === undefined ? undefined : new Date(Date.parse(start) + DAY).toISOString();
};

/** The query's first and last day, for the date fields. */
export const firstDay = ({ createdAfter }: JobsQuery): string => createdAfter?.slice(0, 10) ?? '';
export const lastDay = ({ createdBefore }: JobsQuery): string =>
  createdBefore === undefined ? '' : new Date(Date.parse(createdBefore) - 1).toISOString().slice(0, 10);

/** Addresses of the application's pages. */
export const jobPath = (jobArn: string): string => `/jobs/${encodeURIComponent(jobArn)}`;

/** Of a model, or of what serves it. */
export const modelPath = (arn: string): string => `/models/${encodeURIComponent(arn)}`;

/** The page of a job that was just created, whose record may not be there yet. */
export const newJobPath = (jobArn: string, name: string): string =>
  `${jobPath(jobArn)}?${new URLSearchParams({ created: name }).toString()}`;

/** The name of the created job in such an address. */
export const createdName = (search: string): string | undefined => textOf(new URLSearchParams(search), 'created');

export const jobsPath = (query: JobsQuery = {}): string => {
  const text = formatJobsQuery(query);
  return text === '' ? '/jobs' : `/jobs?${text}`;
};

export const MOST_COMPARED = 10;

export const comparePath = (jobArns: readonly string[]): string =>
  `/compare?${new URLSearchParams(jobArns.map((jobArn) => ['job', jobArn])).toString()}`;

/** The jobs in an address of the compare page: each once, and at most ten. */
export const comparedJobs = (search: string): string[] =>
  [...new Set(new URLSearchParams(search).getAll('job').filter((arn) => arn !== ''))].slice(0, MOST_COMPARED);
