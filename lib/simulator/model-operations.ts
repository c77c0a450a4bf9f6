/** The operations on custom models, on their deployments on demand and on their provisioned throughputs. */
import { ApiError, type CallContext, invalid } from './call.ts';
import { createOnce, find, freshArn, withGetFaults, withListFaults, withTags } from './kind-operations.ts';
import { foundationModel, kmsKeyArn, refuseModelName } from './create-job.ts';
import { defined } from './life.ts';
import { readPage, type Window } from './list.ts';
import {
  baseModelNameOf,
  type DeploymentAnswer,
  foundationModelArnOf,
  givenAt,
  type Model,
  type ModelAnswer,
  type Stage,
  type Staged,
  type ThroughputAnswer,
} from './models.ts';
import type { Place, Resources } from './resources.ts';
import type * as model from '../service-model/model.ts';

const MINUTE = 60_000;
const iso = (time: number): string => new Date(time).toISOString();

/** How long it takes in reality until each is ready, in minutes. */
const MINUTES = { model: [5, 15], deployment: [2, 5], throughput: [10, 20] } as const;

const FAILED = 'An internal error occurred. Try again.';

/** When something is ready that begins now, and whether it fails. */
const outcome = (what: keyof typeof MINUTES, { now, random, plans }: CallContext) => {
  const [low, high] = MINUTES[what];
  const at = now + Math.max(1, Math.round((random.between(low, high) * MINUTE) / plans.speed));
  return { at, fails: random.chance(plans.failureRate) };
};

/** Lives on from now with these answers, whatever was planned. */
const change = <Answer>(
  resources: Resources<Staged<Answer>>,
  item: Staged<Answer> & Place,
  now: number,
  stages: readonly Stage<Answer>[],
): void => {
  const [first, ...past] = item.stages.filter(({ at }) => at <= now);
  item.stages = [first ?? item.stages[0], ...past, ...stages];
  resources.moved(item, now);
};

const get = <Answer extends object>(
  resources: Resources<Staged<Answer>>,
  identifier: string,
  context: CallContext,
): object => withGetFaults(givenAt(find(resources, identifier, context), context.now), context.faults);

const list = <Answer>(
  resources: Resources<Staged<Answer>>,
  request: Window,
  { caller, now, faults }: CallContext,
  member: string,
  isAskedFor: (given: Answer) => boolean,
  summaryOf: (given: Answer) => object,
): object => {
  const isListed = (item: Staged<Answer>): boolean => isAskedFor(givenAt(item, now));
  const { items, nextToken } = readPage(resources.kind.noun, resources.in(caller), request, isListed);
  const summaries = items.map((item) => withListFaults(defined(summaryOf(givenAt(item, now))), faults));
  return defined({ nextToken, [member]: summaries });
};

/** `asked` is undefined where a List is not asked for it. */
const isOr = (asked: string | undefined, value: string | undefined): boolean => asked === undefined || asked === value;

const conflict = (message: string): ApiError => new ApiError('ConflictException', message);

const refuseName = <Answer>(resources: Resources<Staged<Answer>>, name: string, { caller }: CallContext): void => {
  if (resources.in(caller).byName.has(name))
    throw invalid(`The ${resources.kind.noun} name ${name} is currently in use.`);
};

/** A custom model that can serve. */
const activeModel = (identifier: string, context: CallContext): Model => {
  const found = find(context.store.models, identifier, context);
  if (found.status !== 'Active')
    throw invalid(
      `The custom model ${identifier} cannot be used: its status is ${found.status ?? 'unknown'}, not Active.`,
    );
  return found;
};

/** What an import is based on cannot be known without its files. */
const IMPORTED_FROM = 'amazon.nova-lite-v1:0:300k';

export const createModel = (request: model.CreateModelRequest, context: CallContext): object => {
  const { store, caller, now } = context;
  const { scope } = store.models.in(caller);
  const make = (): Staged<ModelAnswer> => {
    refuseModelName(request.modelName, context);
    const tags = withTags(new Map(), request.modelTags);
    const { at, fails } = outcome('model', context);
    const given = defined({
      modelArn: freshArn('custom-model/imported', context),
      modelName: request.modelName,
      baseModelArn: foundationModel(IMPORTED_FROM, scope).foundationModelArn,
      customizationType: 'IMPORTED',
      modelKmsKeyArn: request.modelKmsKeyArn && kmsKeyArn(request.modelKmsKeyArn, scope),
      creationTime: iso(now),
      modelStatus: 'Creating',
    });
    const then = fails ? { modelStatus: 'Failed', failureMessage: FAILED } : { modelStatus: 'Active' };
    return {
      scope,
      createdAt: now,
      tags,
      stages: [
        { at: now, given },
        { at, given: { ...given, ...then } },
      ],
    };
  };
  return { modelArn: createOnce(store.models, request, context, make) };
};

export const getModel = ({ modelIdentifier }: model.ModelRequest, context: CallContext): object =>
  get(context.store.models, modelIdentifier, context);

export const listModels = (request: model.ListModelsRequest, context: CallContext): object =>
  list(
    context.store.models,
    request,
    context,
    'modelSummaries',
    (given) =>
      // Nobody shares models here.
      request.isOwned !== 'false' &&
      isOr(request.baseModelArnEquals, given.baseModelArn) &&
      isOr(request.foundationModelArnEquals, foundationModelArnOf(given, context.caller)),
    ({ modelArn, modelName, creationTime, baseModelArn, customizationType, modelStatus }) => ({
      modelArn,
      modelName,
      creationTime,
      baseModelArn,
      baseModelName: baseModelNameOf(baseModelArn),
      customizationType,
      ownerAccountId: context.caller.accountId,
      modelStatus,
    }),
  );

/** Whether a deployment or throughput has the model behind it, or is about to. */
const isServed = (modelArn: string, { store, now }: CallContext): boolean => {
  const deployed = [...store.deployments.all()].map((item) => givenAt(item, now));
  const provisioned = [...store.throughputs.all()].map((item) => givenAt(item, now));
  return (
    deployed.some(({ modelArn: arn, updateDetails, status }) => {
      const isTarget = updateDetails?.updateStatus === 'Updating' && updateDetails.modelArn === modelArn;
      return status !== 'Failed' && (arn === modelArn || isTarget);
    }) ||
    provisioned.some(
      ({ modelArn: arn, desiredModelArn, status }) =>
        status !== 'Failed' && (arn === modelArn || desiredModelArn === modelArn),
    )
  );
};

export const deleteModel = ({ modelIdentifier }: model.ModelRequest, context: CallContext): object => {
  const { models } = context.store;
  const found = find(models, modelIdentifier, context);
  if (isServed(found.arn, context))
    throw conflict(
      `The custom model ${modelIdentifier} is in use: delete its deployments and provisioned throughputs first.`,
    );
  models.remove(found);
  return {};
};

export const createDeployment = (request: model.CreateDeploymentRequest, context: CallContext): object => {
  const { store, now, caller } = context;
  const { scope } = store.deployments.in(caller);
  const make = (): Staged<DeploymentAnswer> => {
    refuseName(store.deployments, request.modelDeploymentName, context);
    const { arn: modelArn } = activeModel(request.modelArn, context);
    const tags = withTags(new Map(), request.tags);
    const { at, fails } = outcome('deployment', context);
    const given = defined({
      customModelDeploymentArn: freshArn('custom-model-deployment', context),
      modelDeploymentName: request.modelDeploymentName,
      modelArn,
      createdAt: iso(now),
      status: 'Creating',
      description: request.description,
    });
    const then = fails ? { status: 'Failed', failureMessage: FAILED } : { status: 'Active' };
    const ready = { ...given, ...then, lastUpdatedAt: iso(at) };
    return {
      scope,
      createdAt: now,
      tags,
      stages: [
        { at: now, given },
        { at, given: ready },
      ],
    };
  };
  return { customModelDeploymentArn: createOnce(store.deployments, request, context, make, 'ValidationException') };
};

export const getDeployment = (
  { customModelDeploymentIdentifier: identifier }: model.DeploymentRequest,
  context: CallContext,
): object => get(context.store.deployments, identifier, context);

export const listDeployments = (request: model.ListDeploymentsRequest, context: CallContext): object =>
  list(
    context.store.deployments,
    request,
    context,
    'modelDeploymentSummaries',
    ({ modelArn }) => isOr(request.modelArnEquals, modelArn),
    ({ modelDeploymentName: customModelDeploymentName, description: _, updateDetails: __, ...given }) => ({
      ...given,
      customModelDeploymentName,
    }),
  );

export const updateDeployment = (request: model.UpdateDeploymentRequest, context: CallContext): object => {
  const { store, now } = context;
  const found = find(store.deployments, request.customModelDeploymentIdentifier, context);
  const { failureMessage: _, ...given } = givenAt(found, now);
  if (given.status !== 'Active' || given.updateDetails?.updateStatus === 'Updating')
    throw invalid('The custom model deployment can be updated only while it is Active and no update is in progress.');
  const { arn: modelArn } = activeModel(request.modelArn, context);
  const { at, fails } = outcome('deployment', context);
  const begun = { ...given, updateDetails: { modelArn, updateStatus: 'Updating' }, lastUpdatedAt: iso(now) };
  const failed = { updateDetails: { modelArn, updateStatus: 'UpdateFailed' }, failureMessage: FAILED };
  const completed = { modelArn, updateDetails: { modelArn, updateStatus: 'UpdateCompleted' } };
  const ended = { ...begun, ...(fails ? failed : completed), lastUpdatedAt: iso(at) };
  change(store.deployments, found, now, [
    { at: now, given: begun },
    { at, given: ended },
  ]);
  return { customModelDeploymentArn: found.arn };
};

export const deleteDeployment = (
  { customModelDeploymentIdentifier: identifier }: model.DeploymentRequest,
  context: CallContext,
): object => {
  const { deployments } = context.store;
  const found = find(deployments, identifier, context);
  const { status, updateDetails } = givenAt(found, context.now);
  if (status === 'Creating' || updateDetails?.updateStatus === 'Updating')
    throw conflict('The custom model deployment cannot be deleted while it is created or updated.');
  deployments.remove(found);
  return {};
};

/** The model behind a throughput: a custom one, or a foundation model. */
const provisioned = (identifier: string, context: CallContext) => {
  const isFoundationModel = identifier.startsWith('arn:')
    ? identifier.includes(':foundation-model/')
    : identifier.includes('.');
  if (!isFoundationModel) {
    const found = activeModel(identifier, context);
    const foundationModelArn = foundationModelArnOf(givenAt(found, context.now), found.scope);
    return { modelArn: found.arn, foundationModelArn };
  }
  const { foundationModelArn } = foundationModel(identifier.split('/').at(-1) ?? '', context.caller);
  return { modelArn: foundationModelArn, foundationModelArn };
};

const MONTHS = { OneMonth: 1, SixMonths: 6 } as const;

const monthsLater = (time: number, months: number): string => {
  const date = new Date(time);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString();
};

export const createThroughput = (request: model.CreateThroughputRequest, context: CallContext): object => {
  const { store, now, caller } = context;
  const { scope } = store.throughputs.in(caller);
  const make = (): Staged<ThroughputAnswer> => {
    const { provisionedModelName, modelUnits, commitmentDuration } = request;
    refuseName(store.throughputs, provisionedModelName, context);
    const { modelArn, foundationModelArn } = provisioned(request.modelId, context);
    const tags = withTags(new Map(), request.tags);
    const { at, fails } = outcome('throughput', context);
    const given = defined({
      provisionedModelArn: freshArn('provisioned-model', context),
      provisionedModelName,
      modelUnits,
      desiredModelUnits: modelUnits,
      modelArn,
      desiredModelArn: modelArn,
      foundationModelArn,
      status: 'Creating',
      creationTime: iso(now),
      lastModifiedTime: iso(now),
      commitmentDuration,
      commitmentExpirationTime: commitmentDuration && monthsLater(now, MONTHS[commitmentDuration]),
    });
    const then = fails ? { status: 'Failed', failureMessage: FAILED } : { status: 'InService' };
    const ready = { ...given, ...then, lastModifiedTime: iso(at) };
    return {
      scope,
      createdAt: now,
      tags,
      stages: [
        { at: now, given },
        { at, given: ready },
      ],
    };
  };
  return { provisionedModelArn: createOnce(store.throughputs, request, context, make, 'ValidationException') };
};

export const getThroughput = ({ provisionedModelId }: model.ThroughputRequest, context: CallContext): object =>
  get(context.store.throughputs, provisionedModelId, context);

export const listThroughputs = (request: model.ListThroughputsRequest, context: CallContext): object =>
  list(
    context.store.throughputs,
    request,
    context,
    'provisionedModelSummaries',
    ({ modelArn }) => isOr(request.modelArnEquals, modelArn),
    ({ failureMessage: _, ...given }) => given,
  );

export const updateThroughput = (request: model.UpdateThroughputRequest, context: CallContext): object => {
  const { store, now } = context;
  const found = find(store.throughputs, request.provisionedModelId, context);
  const { failureMessage: _, ...given } = givenAt(found, now);
  if (given.status !== 'InService')
    throw invalid(`The provisioned model throughput cannot be updated: its status is ${given.status}, not InService.`);
  const { desiredProvisionedModelName: name = given.provisionedModelName, desiredModelId } = request;
  if (name !== given.provisionedModelName) refuseName(store.throughputs, name, context);
  const target = desiredModelId === undefined ? given : provisioned(desiredModelId, context);
  if (
    target.foundationModelArn !== given.foundationModelArn ||
    (given.modelArn === given.foundationModelArn && target.modelArn !== given.modelArn)
  )
    throw invalid(
      'The desired model must go back to the same foundation model as the custom model that is provisioned.',
    );
  const renamed = { ...given, provisionedModelName: name, lastModifiedTime: iso(now) };
  if (target.modelArn === given.modelArn) {
    change(store.throughputs, found, now, [{ at: now, given: renamed }]);
    return {};
  }
  const { at, fails } = outcome('throughput', context);
  const { modelArn } = target;
  const ended = { ...renamed, ...(fails ? { failureMessage: FAILED } : { modelArn, desiredModelArn: modelArn }) };
  change(store.throughputs, found, now, [
    { at: now, given: { ...renamed, status: 'Updating', desiredModelArn: modelArn } },
    { at, given: { ...ended, lastModifiedTime: iso(at) } },
  ]);
  return {};
};

export const deleteThroughput = ({ provisionedModelId }: model.ThroughputRequest, context: CallContext): object => {
  const { throughputs } = context.store;
  const found = find(throughputs, provisionedModelId, context);
  const { status, commitmentExpirationTime: end } = givenAt(found, context.now);
  if (status === 'Creating' || status === 'Updating')
    throw conflict('The provisioned model throughput cannot be deleted while it is created or updated.');
  if (end !== undefined && Date.parse(end) > context.now)
    throw conflict(`The provisioned model throughput cannot be deleted before its commitment ends at ${end}.`);
  throughputs.remove(found);
  return {};
};
