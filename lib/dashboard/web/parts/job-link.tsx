import type { JSX } from 'preact';
import { jobPath } from '../logic/addresses.ts';

interface JobLinkProps {
  readonly job: { readonly job_arn: string; readonly job_name?: string };
  readonly class?: string;
}

export const JobLink = ({ job, class: className = '' }: JobLinkProps): JSX.Element => (
  <a class={`job-link ${className}`} href={jobPath(job.job_arn)} title={job.job_name ?? job.job_arn}>
    {job.job_name ?? job.job_arn}
  </a>
);
