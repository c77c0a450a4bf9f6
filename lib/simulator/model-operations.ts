/** The operations on custom models, on their deployments on demand and on their provisioned throughputs. */
import { ApiError, type CallContext, invalid } from './call.ts';
import { foundationModel, kmsKeyArn, refuseModelName } from './create-job.ts';
import { createOnce, find, freshArn, type Tag, withGetFaults, withListFaults, withTags } from './kind-operations.ts';
import { defined } from './life.ts';
import { readPage, type Window } from './list.ts';
import {
  type DeploymentAnswer,
  foundationModelArnOf,
  givenAt,
  type Model,
  type ModelAnswer,
  type Staged,
  type StagedKind,
  type ThroughputAnswer,
} from './models.ts';
import type { Kept } from './jobs.ts';
import type { Place } from './resources.ts';
import type { RequestOf } from '../service-model/model.ts';

/** Where one kind is kept. */
type In<Answer> = (store: CallContext['store']) => Kept<Answer>;
const models: In<ModelAnswer> = (store) => store.models;
const deployments: In<DeploymentAnswer> = (store) => store.deployments;
const throughputs: In<ThroughputAnswer> = (store) => store.throughputs;

const MINUTE = 60_000;
const FAILED = { failureMessage: 'An internal error occurred. Try again.' };
const iso = (time: number): string => new Date(time).toISOString();

/** When something is ready that begins now, and whether it fails. */
const outcome = (
  { minutes: [low, high] }: Pick<StagedKind<object>, 'minutes'>,
  { now, random, plans }: CallContext,
) => ({
  at: now + Math.max(1, Math.round((random.between(low, high) * MINUTE) / plans.speed)),
  fails: random.chance(plans.failureRate),
});

/** Makes one that is Creating, and some time later ready or Failed. `own` gives its further members, or throws. */
const create = <Answer extends object>(
  kept: In<Answer>,
  request: { readonly clientRequestToken?: string },
  name: string,
  tags: readonly Tag[] | undefined,
  context: CallContext,
  own: () => object,
): object => {
  const resources = kept(context.store);
  const { kind } = resources;
  const { scope, byName } = resources.in(context.caller);
  const make = (): Staged<Answer> => {
    if (byName.has(name)) throw invalid(`The ${kind.noun} name ${name} is currently in use.`);
    const members = { ...own(), [kind.name]: name, [kind.created]: iso(context.now) };
    const begun = { ...members, [kind.arn]: freshArn(kind.type, context), ...modified(kind, context.now) };
    const { at, fails } = outcome(kind, context);
    const ended = { [kind.status]: fails ? 'Failed' : kind.ready, ...(fails && FAILED), ...modified(kind, at) };
    return {
      scope,
      createdAt: context.now,
      tags: withTags(new Map(), tags),
      stages: [
        { at: context.now, given: defined({ ...begun, [kind.status]: 'Creating' }) as Answer },
        { at, given: defined({ ...begun, ...ended }) as Answer },
      ],
    };
  };
  return { [kind.arn]: createOnce(resources, request, context, make) };
};

const modified = <Answer>({ modified: member }: StagedKind<Answer>, at: number): object =>
  member === undefined ? {} : { [member]: iso(at) };

/** Lives on from now with other answers, in place of what was planned: at once, and when an update has ended. */
const change = <Answer>(
  resources: Kept<Answer>,
  item: Staged<Answer> & Place,
  context: CallContext,
  begun: Answer,
  ended?: (fails: boolean) => Answer,
): void => {
  const { at, fails } = outcome(resources.kind, context);
  const [first, ...others] = item.stages;
  const stage = (at: number, given: Answer) => ({ at, given: { ...given, ...modified(resources.kind, at) } });
  const planned = ended ? [stage(at, ended(fails))] : [];
  item.stages = [first, ...others.filter((each) => each.at <= context.now), stage(context.now, begun), ...planned];
  resources.moved(item, context.now);
};

/** Get of a kind. */
const get =
  <Answer extends object>(kept: In<Answer>) =>
  (_: unknown, context: CallContext, identifier: string): object =>
    withGetFaults(givenAt(find(kept(context.store), identifier, context), context.now), context.faults);

/** List of a kind: `member` has the summaries. */
const list =
  <Answer extends { readonly modelArn: string }, Request extends Window & { readonly modelArnEquals?: string }>(
    kept: In<Answer>,
    member: string,
    summaryOf: (given: Answer, context: CallContext) => object,
    isAskedFor = ({ modelArn }: Answer, { modelArnEquals }: Request): boolean => isOr(modelArnEquals, modelArn),
  ) =>
  (request: Request, context: CallContext): object => {
    const resources = kept(context.store);
    const isListed = (item: Staged<Answer>): boolean => isAskedFor(givenAt(item, context.now), request);
    const { items, nextToken } = readPage(resources.kind.noun, resources.in(context.caller), request, isListed);
    const summaries = items.map((item) => defined(summaryOf(givenAt(item, context.now), context)));
    return defined({ nextToken, [member]: summaries.map((summary) => withListFaults(summary, context.faults)) });
  };

/** Delete of a kind. `refusal` says why one cannot be deleted, if it cannot. */
const remove =
  <Answer>(kept: In<Answer>, refusal: (given: Answer, context: CallContext) => string | undefined) =>
  (_: unknown, context: CallContext, identifier: string): object => {
    const resources = kept(context.store);
    const item = find(resources, identifier, context);
    const message = refusal(givenAt(item, context.now), context);
    if (message !== undefined)
      throw new ApiError('ConflictException', `The ${resources.kind.noun} ${identifier} cannot be deleted. ${message}`);
    resources.remove(item);
    return {};
  };

/** `asked` is undefined where a List is not asked for it. */
const isOr = (asked: string | undefined, value: string | undefined): boolean => asked === undefined || asked === value;

/** A custom model that can serve. */
const activeModel = (identifier: string, context: CallContext): Model => {
  const found = find(context.store.models, identifier, context);
  if (found.status !== 'Active')
    throw invalid(`The custom model ${identifier} cannot be used: its status is ${String(found.status)}, not Active.`);
  return found;
};

/** What an import is based on cannot be known without its files. */
const IMPORTED_FROM = 'amazon.nova-lite-v1:0:300k';

/** A model stays while a deployment or throughput has it behind it, or is about to. */
const whyModelStays = ({ modelArn }: ModelAnswer, { store, now }: CallContext): string | undefined =>
  [...store.deployments.all(), ...store.throughputs.all()].some((item) => {
    const given = givenAt<DeploymentAnswer | ThroughputAnswer>(item, now);
    const desired = 'desiredModelArn' in given ? given.desiredModelArn : targetOf(given);
    return given.status !== 'Failed' && [given.modelArn, desired].includes(modelArn);
  })
    ? 'It serves: delete its deployments and provisioned throughputs first.'
    : undefined;

/** The model that an update of a deployment leads to, while it lasts. */
const targetOf = ({ updateDetails: update }: DeploymentAnswer): string | undefined =>
  update?.updateStatus === 'Updating' ? update.modelArn : undefined;

/** The model behind a throughput: a custom one, or a foundation model. */
const provisioned = (identifier: string, context: CallContext) => {
  const isFoundationModel = identifier.startsWith('arn:')
    ? identifier.includes(':foundation-model/')
    : identifier.includes('.');
  if (isFoundationModel) {
    const { foundationModelArn } = foundationModel(identifier.split('/').at(-1) ?? '', context.caller);
    return { modelArn: foundationModelArn, foundationModelArn };
  }
  const found = activeModel(identifier, context);
  return { modelArn: found.arn, foundationModelArn: foundationModelArnOf(givenAt(found, context.now)) };
};

const MONTHS = { OneMonth: 1, SixMonths: 6 } as const;

const commitment = (duration: keyof typeof MONTHS | undefined, now: number): object => {
  if (duration === undefined) return {};
  const end = new Date(now);
  end.setUTCMonth(end.getUTCMonth() + MONTHS[duration]);
  return { commitmentDuration: duration, commitmentExpirationTime: end.toISOString() };
};

const createModel = (request: RequestOf<'CreateCustomModel'>, context: CallContext): object =>
  create(models, request, request.modelName, request.modelTags, context, () => {
    if ((request.modelSourceConfig ?? request.customModelDataSource) === undefined)
      throw invalid('One of modelSourceConfig and customModelDataSource must be set.');
    refuseModelName(request.modelName, context);
    const modelKmsKeyArn = request.modelKmsKeyArn && kmsKeyArn(request.modelKmsKeyArn, context.caller);
    const baseModelArn = foundationModel(IMPORTED_FROM, context.caller).foundationModelArn;
    return { baseModelArn, customizationType: 'IMPORTED', modelKmsKeyArn };
  });

const isModelAskedFor = (given: ModelAnswer, request: RequestOf<'ListCustomModels'>): boolean =>
  // Nobody shares models here.
  request.isOwned !== 'false' &&
  isOr(request.baseModelArnEquals, given.baseModelArn) &&
  isOr(request.foundationModelArnEquals, foundationModelArnOf(given));

const modelSummary = (given: ModelAnswer, { caller }: CallContext): object => {
  const { modelArn, modelName, creationTime, baseModelArn = '', customizationType, modelStatus } = given;
  const baseModelName = /\/([^:/]+)/.exec(baseModelArn)?.[1];
  const shown = { modelArn, modelName, creationTime, baseModelArn, baseModelName, customizationType, modelStatus };
  return { ...shown, ownerAccountId: caller.accountId };
};

const createDeployment = (request: RequestOf<'CreateCustomModelDeployment'>, context: CallContext): object =>
  create(deployments, request, request.modelDeploymentName, request.tags, context, () => ({
    modelArn: activeModel(request.modelArn, context).arn,
    description: request.description,
  }));

const deploymentSummary = (given: DeploymentAnswer): object => {
  const { modelDeploymentName: customModelDeploymentName, description: _, updateDetails: __, ...shown } = given;
  return { ...shown, customModelDeploymentName };
};

const createThroughput = (request: RequestOf<'CreateProvisionedModelThroughput'>, context: CallContext): object =>
  create(throughputs, request, request.provisionedModelName, request.tags, context, () => {
    const { modelUnits, modelId, commitmentDuration } = request;
    const { modelArn, foundationModelArn } = provisioned(modelId, context);
    const asked = { modelUnits, desiredModelUnits: modelUnits, modelArn, desiredModelArn: modelArn };
    return { ...asked, foundationModelArn, ...commitment(commitmentDuration, context.now) };
  });

const updateThroughput = (request: RequestOf<'UpdateProvisionedModelThroughput'>, context: CallContext): object => {
  const resources = context.store.throughputs;
  const found = find(resources, request.provisionedModelId, context);
  const { failureMessage: _, ...given } = givenAt(found, context.now);
  if (given.status !== 'InService')
    throw invalid(`The provisioned model throughput cannot be updated: its status is ${given.status}, not InService.`);
  const { desiredProvisionedModelName: provisionedModelName = found.name, desiredModelId } = request;
  if (provisionedModelName !== found.name && resources.in(found.scope).byName.has(provisionedModelName))
    throw invalid(`The provisioned model throughput name ${provisionedModelName} is currently in use.`);
  const { modelArn, foundationModelArn } = desiredModelId === undefined ? given : provisioned(desiredModelId, context);
  const isOther = modelArn !== given.modelArn;
  if (foundationModelArn !== given.foundationModelArn || (isOther && given.modelArn === foundationModelArn))
    throw invalid('The desired model must be customized from the same foundation model as the present custom model.');
  const begun = { ...given, provisionedModelName };
  if (isOther)
    change(resources, found, context, { ...begun, status: 'Updating', desiredModelArn: modelArn }, (fails) =>
      fails ? { ...begun, ...FAILED } : { ...begun, modelArn, desiredModelArn: modelArn },
    );
  else change(resources, found, context, begun);
  return {};
};

const updateDeployment = (request: RequestOf<'UpdateCustomModelDeployment'>, context: CallContext): object => {
  const resources = context.store.deployments;
  const found = find(resources, request.customModelDeploymentIdentifier, context);
  const { failureMessage: _, ...given } = givenAt(found, context.now);
  if (given.status !== 'Active' || targetOf(given) !== undefined)
    throw invalid('The custom model deployment can be updated only while it is Active and no update is in progress.');
  const { arn: modelArn } = activeModel(request.modelArn, context);
  const updated = (updateStatus: 'Updating' | 'UpdateCompleted' | 'UpdateFailed') => ({
    ...given,
    updateDetails: { modelArn, updateStatus },
  });
  change(resources, found, context, updated('Updating'), (fails) =>
    fails ? { ...updated('UpdateFailed'), ...FAILED } : { ...updated('UpdateCompleted'), modelArn },
  );
  return { customModelDeploymentArn: found.arn };
};

export const MODEL_OPERATIONS = {
  CreateCustomModel: createModel,
  GetCustomModel: get(models),
  ListCustomModels: list(models, 'modelSummaries', modelSummary, isModelAskedFor),
  DeleteCustomModel: remove(models, whyModelStays),
  CreateCustomModelDeployment: createDeployment,
  GetCustomModelDeployment: get(deployments),
  ListCustomModelDeployments: list(deployments, 'modelDeploymentSummaries', deploymentSummary),
  UpdateCustomModelDeployment: updateDeployment,
  DeleteCustomModelDeployment: remove(deployments, (given) =>
    given.status === 'Creating' || targetOf(given) !== undefined ? 'It is created or updated.' : undefined,
  ),
  CreateProvisionedModelThroughput: createThroughput,
  GetProvisionedModelThroughput: get(throughputs),
  ListProvisionedModelThroughputs: list(
    throughputs,
    'provisionedModelSummaries',
    ({ failureMessage: _, ...given }) => given,
  ),
  UpdateProvisionedModelThroughput: updateThroughput,
  DeleteProvisionedModelThroughput: remove(throughputs, ({ status, commitmentExpirationTime: end = '' }, { now }) => {
    if (status === 'Creating' || status === 'Updating') return 'It is created or updated.';
    return Date.parse(end) > now ? `Its commitment ends at ${end}.` : undefined;
  }),
};
