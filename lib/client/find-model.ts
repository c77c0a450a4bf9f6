import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MODEL_INDEX } from '../contract.ts';
import { resourceKindOf } from '../domain/identity.ts';
import type { ModelRecord, ServingPointer } from '../domain/model-record.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { MAX_LENGTH } from './find-job.ts';
import { ambiguous, createFinder, isAt, placeOf, type Finder, type Place } from './finder.ts';
import { wrongRequest } from './list/validate.ts';
import { createReadUnits } from './read-units.ts';
import type { GetJobOptions, ModelAnswer } from './requests.ts';

/** An item of the models table. A pointer has `serves_model_arn`, and no record has it. */
export type ModelItem = ModelRecord | ServingPointer;

export const isPointer = (item: ModelItem): item is ServingPointer => 'serves_model_arn' in item;

/** The text as an ARN of a kind that leads to a model; undefined for a name. */
export const checkArn = (text: string) => {
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH) {
    throw wrongRequest(['name a model, deployment, provisioned throughput or job by its ARN or name']);
  }
  if (!text.startsWith('arn:')) return undefined;
  const kind = resourceKindOf(text);
  if (kind === 'foundation-model') {
    throw wrongRequest([
      `${oneLine(text, 200)} is a foundation model, which no job made and the tracker does not follow; the models made from it are those that listModels finds by baseModel`,
    ]);
  }
  if (kind !== undefined) return kind;
  throw wrongRequest([
    `${oneLine(text, 200)} is not the ARN of a model customization job, custom model, deployment or provisioned throughput of Bedrock`,
  ]);
};

/**
 * The ARN that a name means: of the newest model, else of the newest deployment or throughput. A name comes back after a
 * deletion, and often a deployment has the name of its model.
 */
export const findModelArn = async (
  finder: Finder<ModelItem>,
  name: string,
  place: Place,
): Promise<string | undefined> => {
  const arns = (await finder.lookUp(MODEL_INDEX.byModelName, name)).filter((arn) => isAt(arn, place));
  const firstOf = new Map<string, string>();
  for (const arn of [...arns.filter((each) => resourceKindOf(each) === 'model'), ...arns]) {
    const { account, region } = placeOf(arn);
    const scope = `${account ?? ''}#${region ?? ''}`;
    if (!firstOf.has(scope)) firstOf.set(scope, arn);
  }
  if (firstOf.size > 1) throw ambiguous('AMBIGUOUS_MODEL', 'models', name, [...firstOf.values()]);
  return [...firstOf.values()][0];
};

/** The record of the model with an ARN or a name, also those of what serves it. */
export const findModel = async (
  client: DynamoDBDocumentClient,
  models: Table,
  text: string,
  { consistent = true, ...place }: GetJobOptions = {},
): Promise<ModelAnswer> => {
  const spent = createReadUnits();
  const finder = createFinder<ModelItem>(client, models, spent);
  const kind = checkArn(text);
  if (kind === 'job') throw wrongRequest([`${oneLine(text, 200)} is the ARN of a job: lineage finds its model`]);
  const arn = kind === undefined ? await findModelArn(finder, text, place) : text;
  const item = arn === undefined ? undefined : await finder.read(arn, consistent);
  const model = item !== undefined && isPointer(item) ? await finder.read(item.serves_model_arn, consistent) : item;
  return { model: model as ModelRecord | undefined, ...spent.cost() };
};
