import type { GetJobOptions } from '../client/requests.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { isJobArn, jobIdOf, parseJobArn } from '../domain/identity.ts';
import type { JobRecord } from '../domain/record.ts';
import { JobRequest } from '../service-model/model.ts';
import { check } from '../service-model/validation.ts';
import { asking } from './bedrock-refusals.ts';
import type { Connection } from './context.ts';
import { unknownJob } from './find-job.ts';
import { quote } from './spec/problems.ts';

/** A job that is to be changed, as Bedrock is to be asked for it. */
export interface NamedJob {
  /** A full ARN, or a name that the table does not know. */
  readonly jobIdentifier: string;
  readonly region: string;
  /** What the table knows of it. */
  readonly record?: JobRecord;
}

/**
 * The job that a person names. A full ARN is taken as it is; a name, an id or the short ARN of an event is looked up in
 * the table. A name that is not there may still be a job's: a new one, say, so Bedrock is asked for it.
 *
 * @throws TrackerError AMBIGUOUS_JOB, JOB_NOT_FOUND for an id, BAD_REQUEST
 */
export const nameJob = async (
  { jobs, region, tableName }: Connection,
  text: string,
  place: Pick<GetJobOptions, 'account' | 'region'> = {},
): Promise<NamedJob> => {
  const arn = parseJobArn(text);
  if (arn !== undefined) return { jobIdentifier: text, region: arn.region };
  const short = isJobArn(text) ? jobIdOf(text) : undefined;
  const { problems } = check(JobRequest, { jobIdentifier: short ?? text });
  if (problems !== undefined)
    throw new TrackerError('BAD_REQUEST', `'${quote(text)}' is neither the ARN of a job, nor a name or id of one.`);
  const { job } = await jobs.getJob(short ?? text, place);
  const known = job && parseJobArn(job.job_arn);
  if (job !== undefined && known !== undefined)
    return { jobIdentifier: job.job_arn, region: known.region, record: job };
  if (short === undefined) return { jobIdentifier: text, region: place.region ?? region };
  throw new TrackerError(
    'JOB_NOT_FOUND',
    `Table ${tableName} has no job ${short}, and Bedrock is not asked by such an ARN: give the full one, or the name.`,
  );
};

/** The ARN of a job: Bedrock is asked for that of a name that the table does not know. */
export const arnOf = async (connection: Connection, { jobIdentifier, region }: NamedJob): Promise<string> => {
  if (parseJobArn(jobIdentifier) !== undefined) return jobIdentifier;
  const { GetModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  const { jobArn } = await asking({ operation: 'Get', job: jobIdentifier, region }, () =>
    connection.bedrock(region).send(new GetModelCustomizationJobCommand({ jobIdentifier })),
  );
  if (jobArn !== undefined) return jobArn;
  throw new TrackerError('JOB_NOT_FOUND', `Bedrock named no ARN of ${quote(jobIdentifier)} in ${region}.`);
};

/** Does something with a job. A name that Bedrock does not know either is told with the names that are near it. */
export const onJob = async <Answer>(
  connection: Connection,
  { jobIdentifier, region }: NamedJob,
  now: Date,
  work: () => Promise<Answer>,
): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, 'JOB_NOT_FOUND') || parseJobArn(jobIdentifier) !== undefined) throw error;
    const unknown = await unknownJob(connection, jobIdentifier, {}, now);
    throw new TrackerError('JOB_NOT_FOUND', `${unknown.message} Bedrock in ${region} knows none of this name either.`, {
      cause: error,
    });
  }
};
