import * as v from 'valibot';
import { toSummary } from '../../client/list/read.ts';
import type { ListJobsRequest } from '../../client/requests.ts';
import { isDayOrTime } from '../../domain/time.ts';
import { hasCode, TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import { isCustomModelArn, parseScope, type Scope } from '../../domain/identity.ts';
import { parseTagFilter, tagFilterProblem } from '../../domain/tag-filter.ts';
import { oneLine } from '../../domain/text.ts';
import type { JobsAnswer, JobsQuery, RunsQuery } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { canNameJob, MAX_NAME } from './job.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const text = (name: string, most: number) =>
  v.pipe(v.string(`${name} may be given once`), v.maxLength(most, `${name} is too long`));
const time = (name: string) =>
  v.pipe(
    text(name, 40),
    v.check(isDayOrTime, `${name} must be a day or a time such as 2026-11-21T04:36:24Z`),
    v.transform((value) => new Date(value).toISOString()),
  );
const texts = (name: string) =>
  v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((value) => (typeof value === 'string' ? [value] : value)),
    v.check((values) => values.length <= 20, `${name} may be given at most 20 times`),
    v.check((values) => values.every((value) => value.length <= 400), `${name} is too long`),
  );
/** A tag that no job can have, or a text without a key, would find nothing or filter nothing in silence. */
const tags = v.pipe(
  texts('tag'),
  v.rawTransform(({ dataset, addIssue }) =>
    dataset.value.flatMap((text) => {
      const tag = parseTagFilter(text);
      const problem = tag === undefined ? 'it needs a key' : tagFilterProblem(tag);
      if (problem !== undefined) addIssue({ message: `tag: ${problem.replace(/\.$/, '')}` });
      return tag ?? [];
    }),
  ),
);
const oneOf = <const T extends string>(name: string, ...values: readonly T[]) =>
  v.picklist(values, `${name} must be ${values.join(' or ')}`);

const LIMIT = `limit must be 1 to ${String(MAX_LIMIT)}`;

const entries = {
  status: v.exactOptional(texts('status')),
  active: v.exactOptional(
    v.pipe(
      oneOf('active', 'true', 'false'),
      v.transform((value) => value === 'true'),
    ),
  ),
  scope: v.exactOptional(
    v.pipe(
      v.string(),
      v.transform(parseScope),
      v.custom<Scope>((scope) => scope !== undefined, 'scope must be <account id of 12 digits>#<Region>'),
    ),
  ),
  baseModel: v.exactOptional(text('baseModel', 2048)),
  customizationType: v.exactOptional(text('customizationType', 100)),
  tag: v.exactOptional(tags),
  search: v.exactOptional(
    v.pipe(
      text('search', 2048),
      v.transform((value) => value.trim()),
    ),
  ),
  createdAfter: v.exactOptional(time('createdAfter')),
  createdBefore: v.exactOptional(time('createdBefore')),
  sortBy: v.exactOptional(oneOf('sortBy', 'creation_time', 'last_modified_time')),
  order: v.exactOptional(oneOf('order', 'newest', 'oldest')),
  limit: v.optional(
    v.pipe(
      v.string(LIMIT),
      v.regex(/^\d{1,3}$/, LIMIT),
      v.transform(Number),
      v.minValue(1, LIMIT),
      v.maxValue(MAX_LIMIT, LIMIT),
    ),
    String(DEFAULT_LIMIT),
  ),
  cursor: v.exactOptional(text('cursor', 8192)),
} satisfies Record<keyof JobsQuery, unknown>;

type Parameters = Readonly<Record<string, readonly string[]>>;

const parserOf = <const Entries extends v.ObjectEntries>(members: Entries) => {
  const schema = v.strictObject(members, (issue) =>
    issue.expected === 'never' ? `unknown parameter ${oneLine(issue.received, 50)}` : issue.message,
  );
  return (parameters: Parameters): v.InferOutput<typeof schema> => {
    const given = Object.entries(parameters)
      .map(([name, values]) => [name, values.filter((value) => value !== '')] as const)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => [name, values.length === 1 ? values[0] : values] as const);
    const result = v.safeParse(schema, Object.fromEntries(given));
    if (result.success) return result.output;
    const problems = [...new Set(result.issues.map(({ message }) => message))].join('; ');
    throw new TrackerError('BAD_REQUEST', `Cannot list these jobs: ${problems}.`);
  };
};

/**
 * Parses the query of an address. Ignores parameters without a value.
 *
 * @throws TrackerError BAD_REQUEST that names every problem
 */
export const parseJobsQuery = parserOf(entries);
export type ParsedJobsQuery = ReturnType<typeof parseJobsQuery>;

/** The same for runs. */
export const parseRunsQuery = parserOf({ ...entries, data: v.exactOptional(text('data', 2048)) } satisfies Record<
  keyof RunsQuery,
  unknown
>);
export type ParsedRunsQuery = ReturnType<typeof parseRunsQuery>;

type Deps = Pick<DashboardDependencies, 'jobs' | 'hub'>;

/** Limit of one page, so that a filter that few jobs match answers soon. The next page continues. */
const MAX_READ_UNITS = 250;

/** Over all scopes of a hub by the last change: by creation, each page would read every scope. */
const toRequest = ({ scope, search, ...others }: ParsedJobsQuery, { hub }: Deps): ListJobsRequest => ({
  ...(hub && (scope ?? others.baseModel) === undefined && { sortBy: 'last_modified_time' }),
  ...others,
  ...(scope !== undefined && { account: scope.accountId, region: scope.region }),
  ...(search && { search }),
  maxReadUnits: MAX_READ_UNITS,
});

interface Found {
  readonly job: JobRecord | undefined;
  readonly readUnits: number;
}

const NOTHING: Found = { job: undefined, readUnits: 0 };

/** The job with this ARN, name or id, or the job that made the model with this ARN. */
const findExactly = async ({ jobs }: Deps, search: string): Promise<Found> => {
  if (!canNameJob(search)) return NOTHING;
  try {
    if (isCustomModelArn(search)) return await jobs.jobThatMade(search);
    return await jobs.getJob(search, { consistent: false });
  } catch (error) {
    // Several scopes have jobs of this name, or the text is not a name: the list shows what matches.
    if (hasCode(error, 'AMBIGUOUS_JOB') || hasCode(error, 'BAD_REQUEST')) return NOTHING;
    throw error;
  }
};

/** A page of jobs. A search for an id, or an ARN of a job or its model, answers that job alone; a search for a whole name puts that job first. */
export const listJobs = async (deps: Deps, query: ParsedJobsQuery): Promise<JobsAnswer> => {
  const { search = '', cursor } = query;
  const { job: match, readUnits } = await findExactly(deps, search);
  const first = match === undefined ? [] : [toSummary(match)];
  const isPartOfName = !search.startsWith('arn:') && search.length <= MAX_NAME;
  if (match === undefined ? !isPartOfName : match.job_name !== search) return { jobs: first, readUnits };
  const page = await deps.jobs.listJobs(toRequest(query, deps));
  const others = page.jobs.filter(({ job_arn }) => job_arn !== match?.job_arn);
  return {
    jobs: [...(cursor === undefined ? first : []), ...others],
    ...(page.cursor !== undefined && { cursor: page.cursor }),
    ...(page.sortedBy !== undefined && { sortedBy: page.sortedBy }),
    readUnits: readUnits + page.readUnits,
  };
};
