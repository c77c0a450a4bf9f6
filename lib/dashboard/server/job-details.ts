import type { JobRecord } from '../../domain/record.ts';
import type { DashboardJob, JobDetails } from '../api.ts';
import { toDashboardJob } from './dashboard-job.ts';
import type { DashboardDependencies } from './dependencies.ts';

type Deps = Pick<DashboardDependencies, 'jobs' | 'readRecords'>;

const MAX_RELATIVES = 50;
const MAX_READ_UNITS = 25;
const CUSTOM_MODEL = /^arn:[^:]+:bedrock:[^:]*:\d{12}:(custom|imported)-model\//;

const newestOf = async ({ jobs }: Deps, baseModel: string): Promise<readonly DashboardJob[]> => {
  const page = await jobs.listJobs({
    baseModel,
    sortBy: 'creation_time',
    limit: MAX_RELATIVES,
    maxReadUnits: MAX_READ_UNITS,
  });
  return page.jobs.map(toDashboardJob);
};

/** The job that made the model which this one started from. */
const parentOf = async ({ jobs }: Deps, job: JobRecord): Promise<DashboardJob | undefined> => {
  if (job.base_model_arn === undefined || !CUSTOM_MODEL.test(job.base_model_arn)) return undefined;
  const { job: parent } = await jobs.jobThatMade(job.base_model_arn);
  return parent && toDashboardJob(parent);
};

/** Among the newest jobs of the same base model those of the same data, which the index does not carry. */
const siblingsOf = async (deps: Deps, job: JobRecord): Promise<readonly DashboardJob[]> => {
  const data = job.training_data_config?.s3_uri;
  if (data === undefined || job.base_model_arn === undefined) return [];
  const others = (await newestOf(deps, job.base_model_arn)).filter(({ job_arn }) => job_arn !== job.job_arn);
  if (others.length === 0) return [];
  const records = await deps.readRecords(others.map(({ job_arn }) => job_arn));
  const same = new Set(
    records.filter((record) => record.training_data_config?.s3_uri === data).map(({ job_arn }) => job_arn),
  );
  return others.filter(({ job_arn }) => same.has(job_arn));
};

/** A job with what it came from, what came from it, and what it can be compared with. */
export const readJobDetails = async (deps: Deps, job: JobRecord): Promise<JobDetails> => {
  const [parent, children, siblings] = await Promise.all([
    parentOf(deps, job),
    job.output_model_arn === undefined ? [] : newestOf(deps, job.output_model_arn),
    siblingsOf(deps, job),
  ]);
  return { job, ...(parent !== undefined && { parent }), children, siblings };
};
