import type { JobAnswer } from '../client/requests.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { formatScope, isJobArn, jobIdOf, parseJobArn, resourceKindOf } from '../domain/identity.ts';
import { JOB_STATUSES, type JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import { explain } from '../operator/aws-errors.ts';
import { isWhole } from '../operator/tracker-health.ts';
import { latest, missingSentence, nearJobs } from '../operator/missing-job.ts';
import { JobRequest } from '../service-model/model.ts';
import { check } from '../service-model/validation.ts';
import { didYouMean } from '../operator/near-names.ts';
import type { Connection } from './context.ts';
import type { Place } from './flags.ts';
import { quote } from '../operator/spec/problems.ts';

/** How many of the newest jobs a name is compared with. */
const COMPARED = 500;

/** Leaves out what cannot be read: a person who may not read the sweeps still learns that there is no such job. */
const orNothing = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch {
    return undefined;
  }
};

const unknownJob = async (connection: Connection, text: string, place: Place, now: Date): Promise<TrackerError> => {
  const { account, region } = place;
  const named = account === undefined || region === undefined ? undefined : { accountId: account, region };
  const scope = parseJobArn(text) ?? named;
  const [health, page] = await Promise.all([
    orNothing(() => connection.health()),
    orNothing(() => connection.jobs.listJobs({ limit: COMPARED })),
  ]);
  const sweeps = (health && isWhole(health) ? health.scopes : undefined)?.map((each) => ({
    scope: formatScope(each.scope),
    at: latest(each.active?.finished_at, each.full?.finished_at),
  }));
  const near = nearJobs(text, page?.jobs ?? []);
  const missing = missingSentence(text, connection, sweeps, now, scope && formatScope(scope));
  return new TrackerError('JOB_NOT_FOUND', `${missing}${didYouMean(near.map(quote))}`);
};

/** Read units of the search for a model's name, which no index has: some 10,000 of the jobs that changed last. */
const MOST_UNITS = 1_000;
const LONGEST_MODEL_NAME = 63;
const MOST_LISTED = 5;

/** The job behind a model, or behind what serves it, by the models table. */
const jobBehind = async ({ models }: Connection, text: string, place: Place = {}): Promise<JobAnswer> => {
  const { lineage, ...cost } = await (await models()).lineage(text, place);
  return { job: lineage.job, ...cost };
};

/**
 * The job that made the custom model with this name; of a model that is not made yet, the job that is to make it. `isCut`
 * where older jobs were not searched.
 */
const jobThatMadeNamed = async (
  connection: Connection,
  text: string,
  place: Place,
): Promise<JobAnswer & { readonly isCut?: boolean }> => {
  const none = { job: undefined, readUnits: 0, requests: 0 };
  if (text.length > LONGEST_MODEL_NAME || text.startsWith('arn:')) return none;
  // Also what serves a model has a name. Whoever may not read models, or has none, still finds the job.
  const behind = await jobBehind(connection, text, place).catch((error: unknown) => {
    if (hasCode(error, 'AMBIGUOUS_MODEL')) throw error;
  });
  if (behind?.job !== undefined) return behind;
  const request = { ...place, status: JOB_STATUSES, search: text, limit: 1000, maxReadUnits: MOST_UNITS };
  const page = await orNothing(() => connection.jobs.listJobs(request));
  const named = (page?.jobs ?? []).filter(({ output_model_name: name }) => name === text);
  // Only completed jobs have made one.
  const made = named.filter(({ status }) => status === 'Completed');
  const found = made.length > 0 ? made : named;
  const isCut = page?.cursor !== undefined;
  const [first] = found;
  if (first === undefined) return { ...none, isCut };
  if (found.length === 1) {
    const answer = await connection.jobs.getJob(first.job_arn);
    return { ...answer, readUnits: answer.readUnits + (page?.readUnits ?? 0) };
  }
  const listed = found.slice(0, MOST_LISTED).map(({ job_arn, job_name }) => `${job_name ?? ''} (${job_arn})`);
  const more = found.length > listed.length ? ` and ${found.length - listed.length} more` : '';
  throw new TrackerError(
    'AMBIGUOUS_JOB',
    `${found.length} jobs have a model called ${quote(text)}: ${listed.join(', ')}${more}. Give the ARN of one.`,
  );
};

/**
 * The record of the job that an ARN, a name or an id means; or the ARN or name of the model that it made. A model's name
 * costs up to a thousand read units.
 *
 * @throws TrackerError JOB_NOT_FOUND with when the tracker last looked and with near names; AMBIGUOUS_JOB
 */
export const findJob = async (
  connection: Connection,
  text: string,
  place: Place,
  clock: () => Date,
): Promise<Omit<JobAnswer, 'job'> & { readonly job: JobRecord }> => {
  const { jobs } = connection;
  const kind = resourceKindOf(text);
  const isServing = kind === 'deployment' || kind === 'throughput';
  const { job, ...cost } = await (isServing
    ? jobBehind(connection, text)
    : kind === 'model'
      ? jobs.jobThatMade(text)
      : jobs.getJob(text, place));
  if (job !== undefined) return { job, ...cost };
  if (isServing || kind === 'model')
    throw new TrackerError(
      'JOB_NOT_FOUND',
      `No job in table ${connection.tableName} made the model ${isServing ? 'behind ' : ''}${oneLine(text, 1_200)}.`,
    );
  const { job: maker, isCut, ...modelCost } = await jobThatMadeNamed(connection, text, place);
  if (maker !== undefined) return { job: maker, ...modelCost };
  const { message } = await unknownJob(connection, text, place, clock());
  const older = isCut === true ? ` If it is an older custom model's name, give the model's ARN.` : '';
  throw new TrackerError('JOB_NOT_FOUND', `${message}${older}`);
};

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
 * the table. A name that is not there may still be a new job's, so Bedrock is asked for it.
 *
 * @throws TrackerError AMBIGUOUS_JOB, JOB_NOT_FOUND for a short ARN, BAD_REQUEST
 */
export const nameJob = async (
  { jobs, region, tableName }: Connection,
  text: string,
  place: Place = {},
): Promise<NamedJob> => {
  const arn = parseJobArn(text);
  if (arn !== undefined) return { jobIdentifier: text, region: arn.region };
  const short = isJobArn(text) ? jobIdOf(text) : undefined;
  const { problems } = check(JobRequest, { jobIdentifier: short ?? text });
  if (problems !== undefined)
    throw new TrackerError('BAD_REQUEST', `'${quote(text)}' is not the ARN, name or id of a job.`);
  const { job } = await jobs.getJob(short ?? text, place);
  const known = job && parseJobArn(job.job_arn);
  if (job !== undefined && known !== undefined)
    return { jobIdentifier: job.job_arn, region: known.region, record: job };
  if (short === undefined) return { jobIdentifier: text, region: place.region ?? region };
  throw new TrackerError(
    'JOB_NOT_FOUND',
    `Table ${tableName} has no job ${short}, and Bedrock does not accept this short ARN: give the full one, or the name.`,
  );
};

/** The ARN of a job: Bedrock is asked for that of a name that the table does not know. */
export const arnOf = async (connection: Connection, { jobIdentifier, region }: NamedJob): Promise<string> => {
  if (parseJobArn(jobIdentifier) !== undefined) return jobIdentifier;
  const { GetModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  const { jobArn } = await connection.bedrock(region).send(new GetModelCustomizationJobCommand({ jobIdentifier }));
  if (jobArn !== undefined) return jobArn;
  throw new TrackerError('JOB_NOT_FOUND', `Bedrock in ${region} did not give the ARN of ${quote(jobIdentifier)}.`);
};

/** Does something with a job. Where neither table nor Bedrock knows its name, the error suggests near names. */
export const onJob = async <Answer>(
  connection: Connection,
  { jobIdentifier, region }: NamedJob,
  now: Date,
  work: () => Promise<Answer>,
): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(explain(error), 'JOB_NOT_FOUND') || parseJobArn(jobIdentifier) !== undefined) throw error;
    const unknown = await unknownJob(connection, jobIdentifier, {}, now);
    throw new TrackerError('JOB_NOT_FOUND', `${unknown.message} Bedrock in ${region} does not know it either.`, {
      cause: error,
    });
  }
};
