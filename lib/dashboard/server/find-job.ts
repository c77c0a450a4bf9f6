import { TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { Health } from '../api.ts';
import { toDashboardJob } from './dashboard-job.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { canNameJob } from './job-name.ts';
import { missingSentence, nearNames } from './missing-job.ts';

/** How many of the latest jobs a name is compared with. */
const COMPARED = 200;
const MAX_READ_UNITS = 25;

/** No record of this job; `near` has names like it. */
export class MissingJob extends TrackerError {
  readonly near: readonly string[];

  constructor(message: string, near: readonly string[]) {
    super('JOB_NOT_FOUND', message);
    this.near = near;
  }
}

/**
 * The record of a job, by ARN, name or id, as it is at this moment.
 *
 * @throws MissingJob
 */
export const findJob = async (
  { jobs, tableName, clock }: Pick<DashboardDependencies, 'jobs' | 'tableName' | 'clock'>,
  health: () => Promise<Health>,
  asked: string,
): Promise<JobRecord> => {
  const { job } = canNameJob(asked) ? await jobs.getJob(asked) : { job: undefined };
  if (job !== undefined) return job;
  const [newest, healthNow] = await Promise.all([
    // Answered whether or not the scopes are known.
    jobs.listJobs({ sortBy: 'last_modified_time', limit: COMPARED, maxReadUnits: MAX_READ_UNITS }),
    health(),
  ]);
  throw new MissingJob(
    missingSentence(asked, tableName, healthNow, clock()),
    nearNames(asked, newest.jobs.map(toDashboardJob)),
  );
};
