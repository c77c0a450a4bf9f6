import { hasCode } from '../domain/errors.ts';
import { formatScope, isCustomModelArn, resourceKindOf, type ResourceKind, type Scope } from '../domain/identity.ts';
import type { Serving } from '../domain/model-kind.ts';
import { scopeOfArn } from '../domain/model-normalize.ts';
import type { BedrockModels } from './ports.ts';
import { findServing, type ModelDependencies } from './track-model.ts';

/** Which models an event may be about. An event is a hint: nothing else in it is used. */
export interface ModelHint {
  readonly scope: Scope;
  /** ARNs or names of models. */
  readonly models: readonly string[];
  /** ARNs or names of deployments and throughputs. */
  readonly serving: readonly { readonly list: keyof Serving; readonly identifier: string }[];
}

/** Names come back: the newest of a name are looked at, and sweeps find the rest. */
const MAX_NAMESAKES = 5;

const KIND_OF: Readonly<Record<keyof Serving, ResourceKind>> = {
  deployments: 'deployment',
  provisioned_throughputs: 'throughput',
};

/** What the table knows by a name in a scope, of one kind. */
const listNamed = async ({ models }: ModelDependencies, scope: Scope, name: string, kind: ResourceKind) =>
  (await models.listNamed(name))
    .filter((arn) => resourceKindOf(arn) === kind)
    .filter((arn) => formatScope(scopeOfArn(arn) ?? scope) === formatScope(scope))
    .slice(0, MAX_NAMESAKES);

const findModel = async (bedrock: BedrockModels, name: string): Promise<string[]> => {
  try {
    const { modelArn } = await bedrock.getModel(name);
    return typeof modelArn === 'string' ? [modelArn] : [];
  } catch (error) {
    if (hasCode(error, 'MODEL_NOT_FOUND')) return [];
    throw error;
  }
};

/**
 * The ARNs of the models that a hint may be about. An ARN of a deployment or a throughput costs a read of its pointer, or
 * a Get where there is none. A name may be of a deleted model and of its successor: it costs a read of the index by name,
 * the reads of the pointers, and a Get.
 */
export const modelsOf = async (deps: ModelDependencies, { scope, models, serving }: ModelHint): Promise<string[]> => {
  const bedrock = deps.bedrockModelsOf(scope);
  const pointedAt = async (arn: string) => (await deps.models.getPointer(arn))?.serves_model_arn;
  const ofModels = models.map(async (one) =>
    one.startsWith('arn:')
      ? [one]
      : (await Promise.all([findModel(bedrock, one), listNamed(deps, scope, one, 'model')])).flat(),
  );
  const ofServing = serving.map(async ({ list, identifier }) => {
    const shown = async () => (await findServing(bedrock, list, identifier))?.modelArn;
    if (identifier.startsWith('arn:')) return [(await pointedAt(identifier)) ?? (await shown())];
    const known = await listNamed(deps, scope, identifier, KIND_OF[list]);
    return Promise.all([...known.map(pointedAt), shown()]);
  });
  const found = (await Promise.all([...ofModels, ...ofServing])).flat();
  return [...new Set(found.filter((arn) => arn !== undefined && isCustomModelArn(arn)) as string[])];
};
