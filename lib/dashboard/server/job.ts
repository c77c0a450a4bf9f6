import { toSummary } from '../../client/list/read.ts';
import { TrackerError } from '../../domain/errors.ts';
import { isCustomModelArn } from '../../domain/identity.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { Health, JobDetails, JobSummary, Sibling } from '../api.ts';
import { sentenceOf } from './answers.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { latest, missingSentence, nearJobs } from '../../operator/missing-job.ts';

/** Longest name: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelCustomizationJob.html */
export const MAX_NAME = 63;
/** How many of the latest jobs a name is compared with. */
const MAX_COMPARED = 200;
const MAX_RELATIVES = 50;
const MAX_READ_UNITS = 25;

type Deps = Pick<DashboardDependencies, 'jobs' | 'tableName' | 'region' | 'clock' | 'readRecords' | 'models'>;

/** Whether a text can be an ARN, name or id. Others could be longer than a key of the table may be. */
export const canNameJob = (text: string): boolean => /^[\x21-\x7e]{1,1011}$/.test(text);

/** There is no record of this job; `near` holds similar names. */
export class MissingJob extends TrackerError {
  readonly near: readonly string[];

  constructor(message: string, near: readonly string[]) {
    super('JOB_NOT_FOUND', message);
    this.near = near;
  }
}

/**
 * The current record of the job with this ARN, name or id.
 *
 * @throws MissingJob
 */
export const requireJob = async (
  { jobs, tableName, region, clock }: Deps,
  health: () => Promise<Health>,
  text: string,
): Promise<JobRecord> => {
  const { job } = canNameJob(text) ? await jobs.getJob(text) : { job: undefined };
  if (job !== undefined) return job;
  const [newest, healthNow] = await Promise.all([
    // By this time an index answers whether or not the scopes are known.
    jobs.listJobs({ sortBy: 'last_modified_time', limit: MAX_COMPARED, maxReadUnits: MAX_READ_UNITS }),
    health(),
  ]);
  const { queues, counts, scopes } = healthNow;
  // Without queues the tracker's health could not be read; a hub's scopes may be too many for it.
  const sweeps = queues === undefined || (counts !== undefined && scopes.length === 0) ? undefined : scopes;
  const lastSweeps = sweeps?.map(({ scope, active, full }) => ({
    scope,
    at: latest(active?.finished_at, full?.finished_at),
  }));
  const sentence = missingSentence(text, { tableName, region }, lastSweeps, clock());
  throw new MissingJob(sentence, nearJobs(text, newest.jobs));
};

/** The newest jobs that started from a model. */
export const newestOf = async ({ jobs }: Pick<Deps, 'jobs'>, baseModel: string): Promise<readonly JobSummary[]> => {
  const request = { sortBy: 'creation_time', limit: MAX_RELATIVES, maxReadUnits: MAX_READ_UNITS } as const;
  return (await jobs.listJobs({ baseModel, ...request })).jobs;
};

/** The job that made the base model of a job or a model. */
export const parentOf = async (
  { jobs }: Pick<Deps, 'jobs'>,
  { base_model_arn: base }: Pick<JobRecord, 'base_model_arn'>,
): Promise<JobSummary | undefined> => {
  if (base === undefined || !isCustomModelArn(base)) return undefined;
  const { job: parent } = await jobs.jobThatMade(base);
  return parent && toSummary(parent);
};

/** What the job made, or why it cannot be read: the rest of the page shows without it. */
const modelOf = async (
  { models }: Deps,
  { output_model_arn: arn }: JobRecord,
): Promise<Pick<JobDetails, 'model' | 'modelProblem'>> => {
  if (arn === undefined || models === undefined) return {};
  try {
    const { model } = await models.getModel(arn);
    return model === undefined ? {} : { model };
  } catch (error) {
    return { modelProblem: sentenceOf(error) };
  }
};

/** The newest jobs of the same base model and training data. No index carries the data, so this reads the records. */
const siblingsOf = async (deps: Deps, job: JobRecord): Promise<readonly Sibling[]> => {
  const data = job.training_data_config?.s3_uri;
  if (data === undefined || job.base_model_arn === undefined) return [];
  const others = (await newestOf(deps, job.base_model_arn)).filter(({ job_arn }) => job_arn !== job.job_arn);
  if (others.length === 0) return [];
  const records = await deps.readRecords(others.map(({ job_arn }) => job_arn));
  const byArn = new Map(records.map((record) => [record.job_arn, record]));
  return others.flatMap((other) => {
    const record = byArn.get(other.job_arn);
    if (record?.training_data_config?.s3_uri !== data) return [];
    const { training_data_config, validation_data_config } = record;
    return [{ ...other, training_data_config, ...(validation_data_config && { validation_data_config }) }];
  });
};

/** A job with its parent, its children, its siblings and its model. */
export const readJobDetails = async (deps: Deps, job: JobRecord): Promise<JobDetails> => {
  const [parent, children, siblings, model] = await Promise.all([
    parentOf(deps, job),
    job.output_model_arn === undefined ? [] : newestOf(deps, job.output_model_arn),
    siblingsOf(deps, job),
    modelOf(deps, job),
  ]);
  return { job, ...(parent !== undefined && { parent }), children, siblings, ...model };
};
