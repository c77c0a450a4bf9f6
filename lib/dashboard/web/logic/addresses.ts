import type { JobsQuery } from '../../api.ts';
import { formatJobsQuery } from './jobs-query.ts';

/** Addresses of the application's pages. */
export const jobPath = (jobArn: string): string => `/jobs/${encodeURIComponent(jobArn)}`;

export const jobsPath = (query: JobsQuery = {}): string => {
  const text = formatJobsQuery(query);
  return text === '' ? '/jobs' : `/jobs?${text}`;
};

/** As many as fit side by side. */
export const MOST_COMPARED = 5;

export const comparePath = (jobArns: readonly string[]): string =>
  `/compare?${new URLSearchParams(jobArns.map((jobArn) => ['job', jobArn])).toString()}`;

/** The jobs that an address of the compare page names: each once, no more than fit. */
export const comparedJobs = (search: string): string[] =>
  [...new Set(new URLSearchParams(search).getAll('job').filter((arn) => arn !== ''))].slice(0, MOST_COMPARED);
