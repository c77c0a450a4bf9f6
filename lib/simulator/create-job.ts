/** CreateModelCustomizationJob: what it refuses, and the job that it makes. */
import { createHash } from 'node:crypto';
import { type JobAnswer, defined } from './life.ts';
import { ApiError, type CallContext, invalid, parseArn, partitionOf, type Scope } from './call.ts';
import { activeJobs, type NewJob } from './jobs.ts';
import { createOnce, freshArn, withTags } from './kind-operations.ts';
import type { Model } from './models.ts';
import { type CreateRequest, PATTERNS } from '../service-model/model.ts';
import { planJob } from './plan.ts';
import type { Shelf } from './resources.ts';

/** What a Create's baseModelIdentifier names, by the ARNs that Get answers with. */
interface BaseModel {
  /** As in a foundation model's ARN; jobs and custom models carry it in theirs. */
  readonly modelId: string;
  readonly foundationModelArn: string;
  /** The custom model that the job starts from, if it is one. */
  readonly customModelArn?: string;
}

const unknownModel = (): ApiError => invalid('The provided model identifier is invalid.');

/** Of a text model the version to customize ends in the length of its context; models of images have one version. */
const CUSTOMIZABLE = /:\d+k$|canvas|image/;

/** Nova's models for text, images and videos as input, not Nova Canvas. */
export const isNovaText = (modelId: string): boolean => /^amazon\.nova-.*:\d+k$/.test(modelId);

export const foundationModel = (modelId: string, { accountId, region }: Scope): BaseModel => {
  const partition = partitionOf(region);
  const foundationModelArn = `arn:${partition}:bedrock:${region}::foundation-model/${modelId}`;
  const jobArn = `arn:${partition}:bedrock:${region}:${accountId}:model-customization-job/${modelId}/000000000000`;
  // The model's patterns differ: some identifiers that Create allows cannot be told by Get.
  if (!PATTERNS.foundationModelArn.matches(foundationModelArn) || !PATTERNS.jobArn.matches(jobArn))
    throw unknownModel();
  return { modelId, foundationModelArn };
};

const customizable = (model: BaseModel): BaseModel => {
  if (!CUSTOMIZABLE.test(model.modelId)) throw unknownModel();
  return model;
};

const byArn = (arn: string, scope: Scope): BaseModel => {
  const parsed = parseArn(arn);
  if (parsed?.region !== scope.region || parsed.partition !== partitionOf(scope.region)) throw unknownModel();
  const [kind, modelId = ''] = parsed.resource.split('/');
  const model = foundationModel(modelId, scope);
  if (kind === 'foundation-model') return customizable(model);
  if (parsed.accountId !== scope.accountId)
    throw new ApiError('AccessDeniedException', `You don't have access to the model ${arn}.`);
  return { ...model, ...(PATTERNS.modelArn.matches(arn) && { customModelArn: arn }) };
};

/** Throws ValidationException for a model that is none. */
const resolveBaseModel = (identifier: string, { scope, byName }: Shelf<Model>): BaseModel => {
  if (identifier.startsWith('arn:')) return byArn(identifier, scope);
  if (identifier.includes('.')) return customizable(foundationModel(identifier, scope));
  // A bare name means a custom model of the scope.
  const model = byName.get(identifier);
  if (model?.status !== 'Active') throw unknownModel();
  return byArn(model.arn, scope);
};

/** Get answers with a key's ARN, whatever Create called it; an alias stands for one key for ever. */
export const kmsKeyArn = (keyId: string, { accountId, region }: Scope): string => {
  if (PATTERNS.kmsKeyArn.matches(keyId)) return keyId;
  const hash = createHash('sha256').update(keyId).digest('hex');
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)];
  const id = keyId.includes('alias/') ? uuid.join('-') : keyId;
  return `arn:${partitionOf(region)}:kms:${region}:${accountId}:key/${id}`;
};

/** Throws where a model has the name, or will have it: a job holds it until it ends without a model. */
export const refuseModelName = (name: string, { store, caller }: CallContext): void => {
  const isHeld = activeJobs(store.in(caller)).some(({ given }) => given.outputModelName === name);
  if (isHeld || store.models.in(caller).byName.has(name))
    throw invalid('The provided custom model name is currently in use.');
};

const refuse = (request: CreateRequest, context: CallContext): void => {
  const { maxActiveJobs } = context;
  const jobs = context.store.in(context.caller);
  if (jobs.byName.has(request.jobName)) throw invalid('The provided job name is currently in use.');
  refuseModelName(request.customModelName, context);
  if (maxActiveJobs === undefined) return;
  if (activeJobs(jobs).length >= maxActiveJobs)
    throw new ApiError(
      'ServiceQuotaExceededException',
      `The account may run ${maxActiveJobs} model customization jobs at once. Wait until one has ended.`,
    );
};

const customizationTypeOf = ({ customizationType, customizationConfig }: CreateRequest): string => {
  if (customizationType) return customizationType;
  if (customizationConfig?.distillationConfig) return 'DISTILLATION';
  return customizationConfig?.rftConfig ? 'REINFORCEMENT_FINE_TUNING' : 'FINE_TUNING';
};

/** What AWS answers for data of another format: https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html */
const refuseData = (request: CreateRequest): void => {
  // What is imported is a folder of a model's artifacts.
  if (customizationTypeOf(request) === 'IMPORTED') return;
  const { trainingDataConfig, validationDataConfig } = request;
  const validators = validationDataConfig?.validators ?? [];
  for (const { s3Uri } of [trainingDataConfig, ...validators])
    if (s3Uri !== undefined && !s3Uri.endsWith('.jsonl'))
      throw invalid(`Provided S3 location is invalid: ${s3Uri}. Input data must be in .jsonl format`);
};

/** Observed of Nova's text models: Get tells the hyperparameters that Create left out, learning rates in this form. */
const NOVA_DEFAULTS = { epochCount: '2', batchSize: '1', learningRate: '1.0E-4' };

const withDefaults = (request: CreateRequest, { modelId }: BaseModel): CreateRequest =>
  isNovaText(modelId) && customizationTypeOf(request) === 'FINE_TUNING'
    ? { ...request, hyperParameters: { ...NOVA_DEFAULTS, ...request.hyperParameters } }
    : request;

/** The members of Get's answer that never change. */
const givenBy = (request: CreateRequest, jobArn: string, model: BaseModel, scope: Scope, now: number): JobAnswer =>
  defined({
    jobArn,
    jobName: request.jobName,
    outputModelName: request.customModelName,
    clientRequestToken: request.clientRequestToken,
    roleArn: request.roleArn,
    creationTime: new Date(now).toISOString(),
    baseModelArn: model.foundationModelArn,
    hyperParameters: request.hyperParameters ?? {},
    trainingDataConfig: request.trainingDataConfig,
    // Observed: absent where the job has no validators.
    validationDataConfig: request.validationDataConfig?.validators.length ? request.validationDataConfig : undefined,
    outputDataConfig: request.outputDataConfig,
    customizationType: customizationTypeOf(request),
    outputModelKmsKeyArn:
      request.customModelKmsKeyId === undefined ? undefined : kmsKeyArn(request.customModelKmsKeyId, scope),
    vpcConfig: request.vpcConfig,
    customizationConfig: request.customizationConfig,
  });

export const createJob = (request: CreateRequest, context: CallContext): { readonly jobArn: string } => {
  const { store, now, random } = context;
  const make = (): NewJob => {
    refuse(request, context);
    refuseData(request);
    const tags = withTags(new Map(), request.jobTags);
    const modelTags = withTags(new Map(), request.customModelTags);
    const models = store.models.in(context.caller);
    const { scope } = models;
    const model = resolveBaseModel(request.baseModelIdentifier, models);
    const jobArn = freshArn(`model-customization-job/${model.modelId}`, context);
    const completed = withDefaults(request, model);
    const given = givenBy(completed, jobArn, model, scope, now);
    const type = given.customizationType ?? '';
    const outputModelArn = freshArn(`custom-model/${type === 'IMPORTED' ? 'imported' : model.modelId}`, context);
    return {
      scope,
      createdAt: now,
      given,
      plan: planJob(completed, type, outputModelArn, random, context.plans),
      tags,
      ...(model.customModelArn !== undefined && { listedBaseModelArn: model.customModelArn }),
      ...(modelTags.size > 0 && { modelTags: Object.fromEntries(modelTags) }),
    };
  };
  return { jobArn: createOnce(store, request, context, make) };
};
