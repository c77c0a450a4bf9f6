import type { JobSummary, ListJobsRequest, TagFilter } from '../../client/requests.ts';
import { hasCode } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { JobsAnswer } from '../api.ts';
import { toDashboardJob } from './dashboard-job.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { canNameJob, MAX_NAME } from './job-name.ts';
import type { ParsedJobsQuery } from './jobs-query.ts';

type Jobs = DashboardDependencies['jobs'];

/** What one page may cost: filters that few jobs meet are read on by the next page, so that each comes soon. */
const MAX_READ_UNITS = 250;

/** `key` or `key:value`, a colon of the key itself as `%3A`: no other character of a tag has such a form. */
const toTagFilter = (tag: string): TagFilter => {
  const [key = '', ...value] = tag.split(':');
  return { key: key.replaceAll(/%3a/gi, ':'), ...(value.length > 0 && { value: value.join(':') }) };
};

const toRequest = (query: ParsedJobsQuery): ListJobsRequest => {
  const { scope, search, tag, status, active, baseModel, customizationType } = query;
  const { createdAfter, createdBefore, sortBy, order, limit, cursor } = query;
  return {
    ...(status !== undefined && { status }),
    ...(active !== undefined && { active }),
    ...(scope !== undefined && { account: scope.accountId, region: scope.region }),
    ...(baseModel !== undefined && { baseModel }),
    ...(customizationType !== undefined && { customizationType }),
    ...(tag !== undefined && { tag: tag.map(toTagFilter) }),
    ...(search !== undefined && search !== '' && { nameContains: search }),
    ...(createdAfter !== undefined && { createdAfter }),
    ...(createdBefore !== undefined && { createdBefore }),
    ...(sortBy !== undefined && { sortBy }),
    ...(order !== undefined && { order }),
    ...(cursor !== undefined && { cursor }),
    limit,
    maxReadUnits: MAX_READ_UNITS,
  };
};

interface Found {
  readonly job: JobRecord | undefined;
  readonly readUnits: number;
}

const NOTHING: Found = { job: undefined, readUnits: 0 };

/** The one job that is called so: by its whole ARN, name or id. */
const findExactly = async (jobs: Jobs, search: string): Promise<Found> => {
  if (!canNameJob(search)) return NOTHING;
  try {
    return await jobs.getJob(search, { consistent: false });
  } catch (error) {
    // Jobs of this name are in several scopes, or the text is not a name: the list has what there is.
    if (hasCode(error, 'AMBIGUOUS_JOB') || hasCode(error, 'BAD_REQUEST')) return NOTHING;
    throw error;
  }
};

const isName = (search: string, job: JobRecord): boolean => search === job.job_name;

/** A page of jobs. Who searches for a whole ARN or id gets that job; for a whole name, first that one. */
export const listJobs = async (jobs: Jobs, query: ParsedJobsQuery): Promise<JobsAnswer> => {
  const { search = '', cursor } = query;
  const found = await findExactly(jobs, search);
  if (found.job !== undefined && !isName(search, found.job)) {
    return { jobs: [toDashboardJob(found.job)], readUnits: found.readUnits };
  }
  const isNoPartOfName = search.startsWith('arn:') || search.length > MAX_NAME;
  if (found.job === undefined && isNoPartOfName) return { jobs: [], readUnits: found.readUnits };
  const page = await jobs.listJobs(toRequest(query));
  const others: readonly JobSummary[] = page.jobs.filter(({ job_arn }) => job_arn !== found.job?.job_arn);
  const first = found.job !== undefined && cursor === undefined ? [found.job] : [];
  return {
    jobs: [...first, ...others].map(toDashboardJob),
    ...(page.cursor !== undefined && { cursor: page.cursor }),
    ...(page.sortedBy !== undefined && { sortedBy: page.sortedBy }),
    readUnits: found.readUnits + page.readUnits,
  };
};
