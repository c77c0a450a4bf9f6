import { TrackerError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/text.ts';
import { collect, readEntries } from '../../operator/batch-get.ts';
import type { ModelDetails, ModelsAnswer } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { newestOf, parentOf } from './job.ts';
import { worthOf } from './overview.ts';
import { keep, type Kept } from './single-flight.ts';

/** Bedrock's quotas allow far fewer in an account and Region. */
const MOST = 5_000;

type Deps = Pick<DashboardDependencies, 'jobs' | 'models' | 'modelsProblem' | 'clock' | 'updateInterval'>;

const requireModels = ({ models, modelsProblem = 'The tracker does not follow models.' }: Deps) => {
  if (models === undefined) throw new TrackerError('MODEL_NOT_FOUND', modelsProblem);
  return models;
};

/** The newest models. */
export const keepModels = (deps: Deps): Kept<ModelsAnswer> => {
  let cost = 0;
  const onCost = (readUnits: number) => (cost = readUnits);
  return keep(
    () => collect(readEntries(requireModels(deps).iterateModels({ most: MOST, limit: 1_000 }), { onCost })),
    () => Math.max(deps.updateInterval, worthOf(cost)),
    () => deps.clock().getTime(),
  );
};

/**
 * A model with what it came from, by its ARN or name, or by those of its job or of what serves it.
 *
 * @throws TrackerError MODEL_NOT_FOUND, and as the client's lineage
 */
export const readModelDetails = async (deps: Deps, text: string): Promise<ModelDetails> => {
  const { model, job } = (await requireModels(deps).lineage(text)).lineage;
  if (model === undefined)
    throw new TrackerError('MODEL_NOT_FOUND', `The tracker has no record of the model of ${oneLine(text, 200)} yet.`);
  const [parent, children] = await Promise.all([parentOf(deps, model), newestOf(deps, model.model_arn)]);
  return { model, ...(job !== undefined && { job }), ...(parent !== undefined && { parent }), children };
};
