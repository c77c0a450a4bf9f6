import { differencesOf, likeJob, type LikeJob, readLike, SWEEP_TAG, withTagMaps } from '../../operator/again.ts';
import type { CheckedRequest } from '../../operator/spec/create-request.ts';
import { FLAG_NAMES, flagWords, isRepeatable, type RequestFlags } from '../../operator/spec/flags.ts';
import { formatSpec, type JobSpec } from '../../operator/spec/from-record.ts';
import { hintsOn } from '../../operator/spec/hints.ts';
import { valueAt } from '../../operator/spec/problems.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import { oneLine } from '../../domain/text.ts';
import type { Again, AgainFields } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';

/** How many problems a sentence holds. */
const MOST_TOLD = 10;

/** A token stands for one request, and each of a dialog's is a new one. */
const REFUSED = ['clientRequestToken'];

const isRepeated = (name: string): boolean | undefined => {
  if (name === 'without') return true;
  const flag = REFUSED.includes(name) ? undefined : FLAG_NAMES.get(name);
  return flag && isRepeatable(flag);
};

const problemOf = (name: string, value: unknown): string | undefined => {
  const repeated = isRepeated(name);
  if (repeated === undefined) return 'is not known here';
  const isGood = repeated
    ? Array.isArray(value) && value.every((each) => typeof each === 'string')
    : typeof value === 'string';
  return isGood ? undefined : `must be ${repeated ? 'a list of strings' : 'a string'}`;
};

/**
 * The changes of a request's body.
 *
 * @throws TrackerError BAD_REQUEST that names each member that is wrong
 */
export const parseChanges = (body: Readonly<Record<string, unknown>>): RequestFlags => {
  const problems = Object.entries(body).flatMap(([name, value]) => {
    const problem = problemOf(name, value);
    return problem === undefined ? [] : [`${oneLine(name, 60)} ${problem}`];
  });
  if (problems.length === 0) return body;
  throw new TrackerError(
    'BAD_REQUEST',
    `These changes are not understood: ${problems.slice(0, MOST_TOLD).join('; ')}.`,
  );
};

/** The changes of a query, whose members are all lists. */
export const parseChangesQuery = (query: Readonly<Record<string, readonly string[]>>): RequestFlags =>
  parseChanges(
    Object.fromEntries(
      Object.entries(query).map(([name, values]) => [
        name,
        isRepeated(name) === true || values.length !== 1 ? values : values[0],
      ]),
    ),
  );

const textAt = (value: unknown, path: string): string | undefined => {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
};

const pairsAt = (value: unknown, path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(Object(valueAt(value, path)) as object).map(([key, text]) => [key, String(text)]));

const fieldsOf = ({ spec: { value }, first, namesAt }: LikeJob): AgainFields => {
  const { jobName = '', customModelName = '' } = namesAt(first);
  const rft = 'customizationConfig.rftConfig';
  const hyperParametersPath = `${valueAt(value, rft) === undefined ? '' : `${rft}.`}hyperParameters`;
  const trainingData = textAt(value, 'trainingDataConfig.s3Uri');
  const { [SWEEP_TAG]: _, ...tags } = pairsAt(value, 'jobTags');
  const validators = valueAt(value, 'validationDataConfig.validators');
  return {
    jobName,
    customModelName,
    ...(trainingData !== undefined && { trainingData }),
    validationData: Array.isArray(validators) ? validators.map((each) => textAt(each, 's3Uri') ?? '') : [],
    hyperParameters: pairsAt(value, hyperParametersPath),
    hyperParametersPath,
    tags,
  };
};

const specTextOf = ({ clientRequestToken: _, ...request }: CheckedRequest, { name, missing }: JobSpec): string =>
  formatSpec(withTagMaps(request), [
    `A spec for bedrock-jobs create --spec, like ${name.replace('The', 'the')}.`,
    ...missing,
  ]);

/** What a person sees before the job is created. Finding a free name costs a read unit or two. */
export const readAgain = async (
  { jobs }: Pick<DashboardDependencies, 'jobs'>,
  job: JobRecord,
  changes: RequestFlags,
): Promise<Again> => {
  const like = await likeJob(job, changes, jobs);
  const { request, problems } = readLike(like);
  const words = flagWords({ ...like.namesAt(like.first), ...changes });
  return {
    fields: fieldsOf(like),
    ...(request !== undefined && { spec: specTextOf(request, like.spec) }),
    command: ['create', '--like', job.job_arn, ...words],
    differences: request === undefined ? [] : differencesOf(like.spec, request),
    problems: problems.map(({ where, text }) => ({ where, text })),
    notes: [...like.spec.missing, ...(request === undefined ? [] : hintsOn(request))],
  };
};

/**
 * The job like this one, ready to be created.
 *
 * @throws TrackerError BAD_REQUEST with what is wrong, on one line
 */
export const checkedLike = async (
  { jobs }: Pick<DashboardDependencies, 'jobs'>,
  job: JobRecord,
  changes: RequestFlags,
): Promise<LikeJob> => {
  const like = await likeJob(job, changes, jobs);
  const { problems } = readLike(like);
  if (problems.length === 0) return like;
  const told = problems.slice(0, MOST_TOLD).map(({ where, text }) => oneLine(`${where}: ${text}`, 300));
  throw new TrackerError('BAD_REQUEST', `This job cannot be created: ${told.join('; ')}.`);
};
