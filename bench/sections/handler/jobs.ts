import type { LoadedJob } from '../../../lib/simulator/index.ts';
import { finishedJob } from '../../../test/support/integration/jobs.ts';
import { JOB_ARN } from '../../support/answers.ts';

/** The n-th job's ARN. */
export const arnOf = (n: number): string => `${JOB_ARN.slice(0, -12)}${String(n).padStart(12, '0')}`;

/** Completed jobs with everything that a fine-tuning job may carry. */
export const jobs = (count: number): LoadedJob[] =>
  Array.from({ length: count }, (_, n) => {
    const { job } = finishedJob(n, { jobArn: arnOf(n) });
    return { job, tags: { Team: 'Search' } };
  });
