import type { JobSummary, JobsAnswer } from '../../api.ts';

/** The part of a list that is loaded. */
export interface LoadedJobs<Job extends JobSummary = JobSummary> {
  readonly jobs: readonly Job[];
  readonly cursor?: string;
  /** By which time they are sorted. */
  readonly sortedBy?: JobsAnswer['sortedBy'];
}

const same = (a: JobSummary, b: JobSummary): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The fresh jobs; unchanged ones keep their object, so that their rows are not redrawn. */
const keepingIdentity = <Job extends JobSummary>(loaded: readonly Job[], fresh: readonly Job[]): Job[] => {
  const known = new Map(loaded.map((job) => [job.job_arn, job]));
  return fresh.map((job) => {
    const before = known.get(job.job_arn);
    return before !== undefined && same(before, job) ? before : job;
  });
};

const withEnd = <Job extends JobSummary>(
  jobs: readonly Job[],
  { cursor, sortedBy }: Partial<LoadedJobs>,
): LoadedJobs<Job> => ({
  jobs,
  ...(cursor === undefined ? {} : { cursor }),
  ...(sortedBy === undefined ? {} : { sortedBy }),
});

/** Adds the next page. A job that moved between pages stays where it was first. */
export const appendPage = <Job extends JobSummary>(loaded: LoadedJobs<Job>, page: LoadedJobs<Job>): LoadedJobs<Job> => {
  const known = new Set(loaded.jobs.map((job) => job.job_arn));
  return withEnd([...loaded.jobs, ...page.jobs.filter((job) => !known.has(job.job_arn))], page);
};

/**
 * The list after its start was read again. An answer that is as long replaces it; otherwise the rest stays, without the
 * jobs that the answer has further up.
 */
export const refreshStart = <Job extends JobSummary>(
  loaded: LoadedJobs<Job>,
  answer: LoadedJobs<Job>,
): LoadedJobs<Job> => {
  const fresh = keepingIdentity(loaded.jobs, answer.jobs);
  if (answer.cursor === undefined || answer.jobs.length >= loaded.jobs.length) return withEnd(fresh, answer);
  const lastOfAnswer = answer.jobs.at(-1)?.job_arn;
  const end = loaded.jobs.findIndex((job) => job.job_arn === lastOfAnswer);
  const shown = new Set(fresh.map((job) => job.job_arn));
  const rest = loaded.jobs.slice(end === -1 ? answer.jobs.length : end + 1).filter((job) => !shown.has(job.job_arn));
  return withEnd([...fresh, ...rest], loaded);
};

/** The list with some jobs replaced. */
export const refreshJobs = <Job extends JobSummary>(
  loaded: LoadedJobs<Job>,
  changed: readonly Job[],
): LoadedJobs<Job> => {
  const now = new Map(changed.map((job) => [job.job_arn, job]));
  return { ...loaded, jobs: loaded.jobs.map((job) => now.get(job.job_arn) ?? job) };
};
