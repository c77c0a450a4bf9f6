import { hasCode, TrackerError } from '../domain/errors.ts';
import { formatScope, isCustomModelArn, type Scope } from '../domain/identity.ts';
import { REMOVED } from '../domain/kind.ts';
import { type ListedModel, mapServing, MODELS, servingOf, type Serving } from '../domain/model-kind.ts';
import { missingModel, normalizeModel, scopeOfArn, type Served, servingFrom } from '../domain/model-normalize.ts';
import type { Deployment, ModelRecord, ModelSnapshot, ServingPointer } from '../domain/model-record.ts';
import { canonicalJson, present } from '../domain/text.ts';
import { collect } from './merge-join.ts';
import type { BedrockModels, Clock, ModelStore } from './ports.ts';
import type { Swept } from './release-scope.ts';
import { track, type ResourceList, type TrackedOutcome, type Tracker, type TrackRequest } from './track.ts';

export interface ModelDependencies {
  readonly bedrockModelsOf: (scope: Scope) => BedrockModels;
  readonly models: ModelStore;
  readonly clock: Clock;
}

interface ModelRequest extends TrackRequest {
  readonly listed?: ListedModel | undefined;
}

const LISTS = ['deployments', 'provisioned_throughputs'] as const satisfies readonly (keyof Serving)[];

const listServing = async (bedrock: BedrockModels, modelArn?: string): Promise<Served[]> =>
  (await Promise.all(LISTS.map((list) => collect(bedrock.listServing(list, modelArn))))).flat();

/** What Get shows of a deployment or a throughput; undefined if Bedrock has none. */
export const findServing = async (
  bedrock: BedrockModels,
  list: keyof Serving,
  identifier: string,
): Promise<Served | undefined> => {
  try {
    return await bedrock.getServing(list, identifier);
  } catch (error) {
    if (hasCode(error, 'MODEL_NOT_FOUND')) return undefined;
    throw error;
  }
};

/** A list may lag behind: what it no longer shows is asked for before it counts as removed. */
const withUnlisted = async (
  bedrock: BedrockModels,
  modelArn: string,
  listed: Serving,
  before: ModelRecord | undefined,
  fetchedAt: string,
): Promise<Serving> => {
  const shown = new Set(servingOf(listed).map(({ arn }) => arn));
  const asked = LISTS.flatMap((list) =>
    (before?.[list] ?? [])
      .filter(({ arn, status }) => status !== REMOVED && !shown.has(arn))
      .map(({ arn }) => findServing(bedrock, list, arn)),
  );
  const found = (await Promise.all(asked)).filter((one) => one?.modelArn === modelArn) as Served[];
  if (found.length === 0) return listed;
  const more = servingFrom(found, fetchedAt);
  return mapServing(listed, (entries, list) => [
    ...entries,
    ...(more[list] as readonly Deployment[] as typeof entries),
  ]);
};

/** The model, or undefined if Bedrock has none, or does not show one of another account. */
const getModel = async (bedrock: BedrockModels, scope: Scope, identifier: string) => {
  const [model, tags] = await Promise.allSettled([
    bedrock.getModel(identifier),
    isCustomModelArn(identifier) ? bedrock.listTags(identifier) : undefined,
  ]);
  if (model.status === 'rejected') {
    const isForeign = (scopeOfArn(identifier)?.accountId ?? scope.accountId) !== scope.accountId;
    const reason: unknown = model.reason;
    if (hasCode(reason, 'MODEL_NOT_FOUND') || (isForeign && reason instanceof TrackerError)) return undefined;
    throw reason;
  }
  if (tags.status === 'rejected') throw tags.reason;
  const { modelArn } = model.value;
  return {
    answer: model.value,
    tags: tags.value ?? (typeof modelArn === 'string' ? await bedrock.listTags(modelArn) : {}),
  };
};

/** One look: Get and ListTags, and the two lists of what serves the model, unless a sweep has them. All at once. */
const lookAt = async (
  { bedrockModelsOf, clock }: Omit<ModelDependencies, 'models'>,
  scope: Scope,
  { identifier, via, listed }: ModelRequest,
  before: ModelRecord | undefined,
): Promise<ModelSnapshot | undefined> => {
  const bedrock = bedrockModelsOf(scope);
  // Before the calls: the answers are at least as new, however long they take.
  const fetchedAt = listed?.fetched_at ?? clock().toISOString();
  const servingOfModel = async () => listed ?? servingFrom(await listServing(bedrock, identifier), fetchedAt);
  const [found, serving] = await Promise.all([getModel(bedrock, scope, identifier), servingOfModel()]);
  const { deployments, provisioned_throughputs } = serving;
  const all = await withUnlisted(bedrock, identifier, { deployments, provisioned_throughputs }, before, fetchedAt);
  const seen = { scope, serving: all, fetchedAt, via };
  if (found !== undefined) return normalizeModel(found.answer, { ...seen, identifier, tags: found.tags });
  return before === undefined && servingOf(all).length === 0 ? undefined : missingModel(identifier, seen);
};

/** What leads from what serves a model to the model and its job. */
const pointersOf = (record: ModelRecord | undefined): Map<string, ServingPointer> =>
  new Map(
    servingOf(record ?? {})
      .filter(({ status }) => status !== REMOVED)
      .map(({ arn, name, creation_time }) => [
        arn,
        present({
          model_arn: arn,
          model_name: name,
          creation_time,
          serves_model_arn: record?.model_arn ?? '',
          made_by_job_arn: record?.job_arn,
          fetched_at: record?.fetched_at ?? '',
        }),
      ]),
  );

const withoutTime = (pointer: ServingPointer | undefined) => canonicalJson({ ...pointer, fetched_at: undefined });

/** The three lists of a sweep. Deployments and throughputs are held: quotas keep them few. */
const listModels = ({ bedrockModelsOf, clock }: Omit<ModelDependencies, 'models'>, scope: Scope): ResourceList => {
  const bedrock = bedrockModelsOf(scope);
  const fetched_at = clock().toISOString();
  const groups = new Map<string, Served[]>();
  const seen = new Set<string>();
  const listedModel = (model: Omit<ListedModel, keyof Serving | 'fetched_at'>): ListedModel => {
    const served = groups.get(model.model_arn) ?? [];
    // Of those that serve nothing there can be many.
    if (groups.has(model.model_arn)) seen.add(model.model_arn);
    const problem = model.problem ?? served.find((one) => one.problem !== undefined)?.problem;
    return present({ ...model, ...servingFrom(served, fetched_at), fetched_at, problem });
  };
  const unlisted = (arn: string): ListedModel => listedModel({ model_arn: arn, unlisted: true });
  return {
    async *listed(query) {
      const serving = listServing(bedrock);
      // Awaited below; this avoids an unhandled rejection until then.
      serving.catch(() => undefined);
      const group = async () => {
        for (const one of await serving) {
          if (isCustomModelArn(one.modelArn)) groups.set(one.modelArn, [...(groups.get(one.modelArn) ?? []), one]);
        }
      };
      let isGrouped = false;
      for await (const model of bedrock.listModels(query)) {
        if (!isGrouped) await group();
        isGrouped = true;
        yield listedModel(model);
      }
      if (!isGrouped) await group();
    },
    unlisted,
    rest: () => [...groups.keys()].filter((arn) => !seen.has(arn)).map(unlisted),
  };
};

/** True unless another scope shows a model that belongs to none of them. */
const isOwn = (scope: Scope, arn: string, before: ModelRecord | undefined): boolean =>
  before === undefined || before.scope === formatScope(scope) || scopeOfArn(arn)?.accountId === scope.accountId;

export const modelTracker = (deps: ModelDependencies, scope: Scope): Tracker => ({
  kind: MODELS,
  scope,
  store: deps.models,
  clock: deps.clock,
  isArn: isCustomModelArn,
  listTags: (arn) => deps.bedrockModelsOf(scope).listTags(arn),
  look: async (request: ModelRequest, before: ModelRecord | undefined) =>
    isOwn(scope, request.identifier, before) ? lookAt(deps, scope, request, before) : undefined,
  list: () => listModels(deps, scope),
  // First, so that whoever reads the record finds it by what serves it.
  beforeWrite: async (previous: ModelRecord | undefined, record: ModelRecord) => {
    const known = pointersOf(previous);
    const changed = [...pointersOf(record).values()].filter(
      (pointer) => withoutTime(pointer) !== withoutTime(known.get(pointer.model_arn)),
    );
    await Promise.all(changed.map((pointer) => deps.models.putPointer(pointer)));
  },
});

/**
 * Looks at one model, by ARN, and updates its record. A look costs GetCustomModel, ListTagsForResource, the two lists of what
 * serves it, and a Get for each deployment or throughput that they no longer show.
 */
export const trackModel = (deps: ModelDependencies, scope: Scope, modelArn: string): Promise<TrackedOutcome> =>
  track(modelTracker(deps, scope), { identifier: modelArn, via: 'event' });

/** Models as sweeps see them. */
export const sweptModels = (deps: ModelDependencies): Swept => ({
  sweep: 'models',
  trackerOf: (scope) => modelTracker(deps, scope),
});
