import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { INDEX } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { isCustomModelArn, resourceKindOf } from '../domain/identity.ts';
import { isServing, type ModelRecord } from '../domain/model-record.ts';
import type { JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { findArn } from './find-job.ts';
import { checkArn, findModelArn, isPointer, type ModelItem } from './find-model.ts';
import { createFinder, readBoth, type Finder, type Place } from './finder.ts';
import { createReadUnits } from './read-units.ts';
import type { GetJobOptions, Lineage, LineageAnswer, Making } from './requests.ts';

const MAKING = [
  'base_model_arn',
  'customization_type',
  'hyper_parameters',
  'training_data_config',
  'validation_data_config',
  'output_data_config',
  'training_metrics',
  'validation_metrics',
  'customization_config',
] as const satisfies readonly (keyof Making)[];

const CHECK = 'Check the ARN or name, the tables, and whether the account and Region are tracked.';
const notFound = (code: 'MODEL_NOT_FOUND' | 'JOB_NOT_FOUND', what: string): TrackerError =>
  new TrackerError(code, `${what} ${CHECK}`);

/** The model and the job, or what is known of them. */
interface Pair {
  readonly modelArn?: string | undefined;
  readonly jobArn?: string | undefined;
  readonly model?: ModelRecord | undefined;
  readonly job?: JobRecord | undefined;
}

const toLineage = (kind: Lineage['kind'], arn: string, { modelArn, jobArn, model, job }: Pair): Lineage => {
  const making = Object.fromEntries(
    MAKING.flatMap((name) => {
      const value = job?.[name] ?? model?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ) as Making;
  const base = making.base_model_arn;
  return {
    kind,
    arn,
    ...(modelArn !== undefined && { model_arn: modelArn }),
    ...(jobArn !== undefined && { job_arn: jobArn }),
    ...making,
    ...(base !== undefined && isCustomModelArn(base) && { parent_model_arn: base }),
    ...(model !== undefined && { model }),
    ...(job !== undefined && { job }),
    serving: [...(model?.provisioned_throughputs ?? []), ...(model?.deployments ?? [])].filter(isServing),
  };
};

/** Finds the lineage of one ARN or name. */
export const findLineage = async (
  client: DynamoDBDocumentClient,
  modelsTable: Table,
  jobsTable: Table,
  text: string,
  { consistent = true, ...place }: GetJobOptions = {},
): Promise<LineageAnswer> => {
  const spent = createReadUnits();
  const models = createFinder<ModelItem>(client, modelsTable, spent);
  const jobs = createFinder<JobRecord>(client, jobsTable, spent);
  const readModel = async (arn: string) => (await models.read(arn, consistent)) as ModelRecord | undefined;
  const readJob = async (arn: string | undefined) => (arn === undefined ? undefined : await jobs.read(arn, consistent));

  const ofJob = async (arn: string): Promise<Pair> => {
    const job = await readJob(arn);
    if (job === undefined) throw notFound('JOB_NOT_FOUND', `The jobs table has no record of ${oneLine(arn, 200)}.`);
    const modelArn = job.output_model_arn;
    return { jobArn: arn, job, modelArn, model: modelArn === undefined ? undefined : await readModel(modelArn) };
  };
  const ofModel = async (modelArn: string): Promise<Pair> => {
    const model = await readModel(modelArn);
    // The job's record comes first: the model's may only come with the next sweep of models.
    const jobArn = model === undefined ? (await jobs.lookUp(INDEX.byOutputModel, modelArn))[0] : model.job_arn;
    if (model !== undefined || jobArn !== undefined) return { modelArn, model, jobArn, job: await readJob(jobArn) };
    throw notFound(
      'MODEL_NOT_FOUND',
      `The tables have no record of ${oneLine(modelArn, 200)}. A new model has one after the next sweep of models.`,
    );
  };
  const ofServing = async (arn: string): Promise<Pair> => {
    const pointer = await models.read(arn, consistent);
    if (pointer === undefined || !isPointer(pointer)) {
      throw notFound(
        'MODEL_NOT_FOUND',
        `The models table does not know what ${oneLine(arn, 200)} serves. A new one is known after the next sweep of models; throughputs of foundation models are not tracked.`,
      );
    }
    const { serves_model_arn: modelArn, made_by_job_arn: jobArn } = pointer;
    if (jobArn === undefined) return ofModel(modelArn);
    const [model, job] = await readBoth(client, [models, modelArn], [jobs, jobArn], consistent, spent);
    return { modelArn, jobArn, model: model as ModelRecord | undefined, job };
  };

  const arn = await arnOf(models, jobs, text, place);
  const kind = resourceKindOf(arn) as Lineage['kind'];
  const pair = await (kind === 'job' ? ofJob(arn) : kind === 'model' ? ofModel(arn) : ofServing(arn));
  return { lineage: toLineage(kind, arn, pair), ...spent.cost() };
};

/** The ARN of a model, a deployment, a throughput or a job. */
const arnOf = async (models: Finder<ModelItem>, jobs: Finder<JobRecord>, text: string, place: Place) => {
  const kind = checkArn(text);
  if (kind !== undefined && kind !== 'job') return text;
  const named = kind === undefined ? await findModelArn(models, text, place) : undefined;
  // Also the short form of a job's ARN, which is no key.
  const arn = named ?? (await findArn(jobs, text, place));
  if (arn !== undefined) return arn;
  throw kind === 'job'
    ? notFound('JOB_NOT_FOUND', `The jobs table has no record of ${oneLine(text, 200)}.`)
    : notFound(
        'MODEL_NOT_FOUND',
        `No model, deployment, provisioned throughput or job is called ${oneLine(text, 200)}.`,
      );
};
