import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { INDEX, MODEL_INDEX } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { isCustomModelArn, resourceKindOf } from '../domain/identity.ts';
import { isServing, MAKING, type ModelRecord, type ServingPointer } from '../domain/model-record.ts';
import type { JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { ambiguous, createFinder, findArn, isAt, MAX_LENGTH, type Finder, type Place } from './find-job.ts';
import { wrongRequest } from './list/validate.ts';
import { createReadUnits, RETURN_READ_UNITS, type ReadUnits } from './read-units.ts';
import type { GetJobOptions, Lineage, LineageAnswer, ModelAnswer } from './requests.ts';

/** An item of the models table. A pointer has `serves_model_arn`, and no record has it. */
type ModelItem = ModelRecord | ServingPointer;
const isPointer = (item: ModelItem | undefined): item is ServingPointer =>
  item !== undefined && 'serves_model_arn' in item;

/** The kind of an ARN that leads to a model; undefined for a name. */
const kindOf = (text: string) => {
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH) {
    throw wrongRequest(['name a model, deployment, provisioned throughput or job by its ARN or name']);
  }
  if (!text.startsWith('arn:')) return undefined;
  const kind = resourceKindOf(text);
  if (kind !== undefined && kind !== 'foundation-model') return kind;
  throw wrongRequest([
    kind === undefined
      ? `${oneLine(text, 200)} is not the ARN of a job, custom model, deployment or provisioned throughput of Bedrock`
      : `${oneLine(text, 200)} is a foundation model, which no job made; listModels finds the models made from it by baseModel`,
  ]);
};

/**
 * The ARN that a name means: of the newest model, else of the newest deployment or throughput. A name comes back after a
 * deletion, and a deployment can have the name of its model.
 */
const arnCalled = async (finder: Finder<ModelItem>, name: string, place: Place): Promise<string | undefined> => {
  const arns = (await finder.lookUp(MODEL_INDEX.byModelName, name)).filter((arn) => isAt(arn, place));
  const models = arns.filter((arn) => resourceKindOf(arn) === 'model');
  const byScope = new Map([...models, ...arns].reverse().map((arn) => [arn.split(':', 5).join(':'), arn]));
  const found = [...byScope.values()];
  if (found.length > 1) throw ambiguous('AMBIGUOUS_MODEL', 'models', name, found);
  return found[0];
};

/** The record of the model with an ARN or a name, or of the model that a deployment or throughput serves. */
export const findModel = async (
  client: DynamoDBDocumentClient,
  models: Table,
  text: string,
  { consistent = true, ...place }: GetJobOptions = {},
): Promise<ModelAnswer> => {
  const spent = createReadUnits();
  const finder = createFinder<ModelItem>(client, models, spent);
  const kind = kindOf(text);
  if (kind === 'job') throw wrongRequest([`${oneLine(text, 200)} is the ARN of a job: lineage finds its model`]);
  const arn = kind === undefined ? await arnCalled(finder, text, place) : text;
  const item = arn === undefined ? undefined : await finder.read(arn, consistent);
  const model = isPointer(item) ? await finder.read(item.serves_model_arn, consistent) : item;
  return { model: model as ModelRecord | undefined, ...spent.cost() };
};

/** One record of each of two tables, in one request unless DynamoDB is throttled. */
const readBoth = async <First, Second>(
  client: DynamoDBDocumentClient,
  first: readonly [Finder<First>, arn: string],
  second: readonly [Finder<Second>, arn: string],
  consistent: boolean,
  spent: ReadUnits,
): Promise<readonly [First | undefined, Second | undefined]> => {
  const entries = [first, second].map(([{ table }, arn]) => {
    const key = { [table.schema.partitionKey]: arn };
    return [table.tableName, { Keys: [key], ConsistentRead: consistent }];
  });
  const command = new BatchGetCommand({ RequestItems: Object.fromEntries(entries) as never, ...RETURN_READ_UNITS });
  const answer = await client.send(command);
  spent.count(answer);
  const take = async <T>([finder, arn]: readonly [Finder<T>, string]): Promise<T | undefined> => {
    const items = answer.Responses?.[finder.table.tableName];
    // The SDK repeats what failed as a whole, and not what DynamoDB left of it.
    const isLeft = items === undefined || answer.UnprocessedKeys?.[finder.table.tableName] !== undefined;
    return isLeft ? finder.read(arn, consistent) : (items[0] as T | undefined);
  };
  return Promise.all([take(first), take(second)]);
};

/** The model and the job, or what is known of them. */
interface Pair {
  readonly modelArn: string | undefined;
  readonly jobArn: string | undefined;
  readonly model?: ModelRecord | undefined;
  readonly job?: JobRecord | undefined;
}

/** Without members that are not known. */
const toLineage = (kind: Lineage['kind'], arn: string, { modelArn, jobArn, model, job }: Pair): Lineage => {
  const making = MAKING.map((name): [string, unknown] => [name, job?.[name] ?? model?.[name]]);
  const base = job?.base_model_arn ?? model?.base_model_arn ?? '';
  const parent = isCustomModelArn(base) ? base : undefined;
  const members = { model_arn: modelArn, job_arn: jobArn, parent_model_arn: parent, model, job };
  const known = [...making, ...Object.entries(members)].filter(([, value]) => value !== undefined);
  return {
    ...{ kind, arn },
    ...(Object.fromEntries(known) as Partial<Lineage>),
    serving: [...(model?.provisioned_throughputs ?? []), ...(model?.deployments ?? [])].filter(isServing),
  };
};

const notFound = (text: string, isJob: boolean): TrackerError =>
  new TrackerError(
    isJob ? 'JOB_NOT_FOUND' : 'MODEL_NOT_FOUND',
    `No record leads from ${oneLine(text, 200)} to a model or job. Check it, and whether its account and Region are tracked.` +
      (isJob ? '' : ' What is new has a record after the next sweep of models. Foundation models have none.'),
  );

/** The lineage of an ARN or a name. Rejects as the client's `lineage` does. */
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
  const readJob = async (arn: string | undefined) => (arn === undefined ? undefined : jobs.read(arn, consistent));
  const readModel = async (arn: string | undefined) =>
    (arn === undefined ? undefined : await models.read(arn, consistent)) as ModelRecord | undefined;

  const readPair = async (modelArn: string | undefined, jobArn?: string): Promise<Pair> => {
    if (modelArn === undefined) {
      const job = await readJob(jobArn);
      return { modelArn: job?.output_model_arn, jobArn, model: await readModel(job?.output_model_arn), job };
    }
    if (jobArn !== undefined) {
      const [model, job] = await readBoth(client, [models, modelArn], [jobs, jobArn], consistent, spent);
      return { modelArn, jobArn, model: model as ModelRecord | undefined, job };
    }
    const model = await readModel(modelArn);
    // The record of a new model can come hours after that of its job.
    const madeBy = model === undefined ? (await jobs.lookUp(INDEX.byOutputModel, modelArn))[0] : model.job_arn;
    return { modelArn, jobArn: madeBy, model, job: await readJob(madeBy) };
  };
  const pairOf = async (arn: string, kind: Lineage['kind']): Promise<Pair | undefined> => {
    if (kind === 'job') return readPair(undefined, arn);
    if (kind === 'model') return readPair(arn);
    const pointer = await models.read(arn, consistent);
    return isPointer(pointer) ? readPair(pointer.serves_model_arn, pointer.made_by_job_arn) : undefined;
  };

  const named = kindOf(text);
  const own = named === undefined ? await arnCalled(models, text, place) : text;
  // Also for the short form of a job's ARN, which is not a key.
  const arn = own === undefined || named === 'job' ? await findArn(jobs, text, place) : own;
  const kind = (arn === undefined ? named : resourceKindOf(arn)) as Lineage['kind'];
  const pair = arn === undefined ? undefined : await pairOf(arn, kind);
  if (arn === undefined || (pair?.model ?? pair?.job) === undefined) throw notFound(text, kind === 'job');
  return { lineage: toLineage(kind, arn, pair as Pair), ...spent.cost() };
};
