/** CreateModelCustomizationJob: what it refuses, and the job that it makes. */
import { createHash } from 'node:crypto';
import { type JobAnswer, defined } from './life.ts';
import { ApiError, type CallContext, invalid, parseArn, partitionOf, type Scope } from './call.ts';
import { isActive, type Job, type ScopeJobs } from './jobs.ts';
import { type CreateRequest, MAX_TAGS, PATTERNS } from '../service-model/model.ts';
import { planJob } from './plan.ts';

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

const foundationModel = (modelId: string, { accountId, region }: Scope): BaseModel => {
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

/** A bare name means a custom model that a completed job of this scope made. */
const byModelName = (name: string, jobs: ScopeJobs, now: (job: Job) => string | undefined): BaseModel => {
  const job = jobs.byModelName.get(name);
  const customModelArn = job?.status === 'Completed' ? now(job) : undefined;
  if (customModelArn === undefined) throw unknownModel();
  return byArn(customModelArn, jobs.scope);
};

/** Throws ValidationException for a model that is none. `outputModelArn` tells what a job made. */
const resolveBaseModel = (
  identifier: string,
  jobs: ScopeJobs,
  outputModelArn: (job: Job) => string | undefined,
): BaseModel => {
  if (identifier.startsWith('arn:')) return byArn(identifier, jobs.scope);
  return identifier.includes('.')
    ? customizable(foundationModel(identifier, jobs.scope))
    : byModelName(identifier, jobs, outputModelArn);
};

/** Get answers with a key's ARN, whatever Create called it; an alias stands for one key for ever. */
const kmsKeyArn = (keyId: string, { accountId, region }: Scope): string => {
  if (PATTERNS.kmsKeyArn.matches(keyId)) return keyId;
  const hash = createHash('sha256').update(keyId).digest('hex');
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)];
  const id = keyId.includes('alias/') ? uuid.join('-') : keyId;
  return `arn:${partitionOf(region)}:kms:${region}:${accountId}:key/${id}`;
};

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const uniqueTags = (tags: readonly Tag[]): Map<string, string> => {
  const unique = new Map(tags.map(({ key, value }) => [key, value]));
  if (unique.size < tags.length) throw invalid('Tag keys must be unique: a key is in the request more than once.');
  return unique;
};

/**
 * A resource's tags with those of a request. Throws ValidationException where a key comes twice in the request, and
 * TooManyTagsException, which names the resource where it exists already.
 */
export const withTags = (
  existing: ReadonlyMap<string, string>,
  tags: readonly Tag[],
  resourceName?: string,
): Map<string, string> => {
  const all = new Map([...existing, ...uniqueTags(tags)]);
  if (all.size > MAX_TAGS)
    throw new ApiError(
      'TooManyTagsException',
      `A resource can have at most ${MAX_TAGS} tags.`,
      resourceName === undefined ? {} : { resourceName },
    );
  return all;
};

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/** The same for requests that ask for the same thing, whatever their token. */
const fingerprintOf = (request: CreateRequest): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...request, clientRequestToken: undefined }, sorted))
    .digest('base64url');

/** A model's name is free again once its job has ended without a model. */
const holdsModelName = (job: Job | undefined): boolean =>
  job !== undefined && (isActive(job) || job.status === 'Completed');

const refuse = (request: CreateRequest, jobs: ScopeJobs, maxActiveJobs: number | undefined): void => {
  if (jobs.byName.has(request.jobName)) throw invalid('The provided job name is currently in use.');
  if (holdsModelName(jobs.byModelName.get(request.customModelName)))
    throw invalid('The provided custom model name is currently in use.');
  if (maxActiveJobs === undefined) return;
  const active = ['InProgress', 'Stopping'].reduce((sum, status) => sum + (jobs.byStatus.get(status)?.length ?? 0), 0);
  if (active >= maxActiveJobs)
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

const freshArn = (start: string, context: CallContext): string => {
  let arn = `${start}/${context.random.id()}`;
  while (context.store.get(arn)) arn = `${start}/${context.random.id()}`;
  return arn;
};

export const createJob = (request: CreateRequest, context: CallContext): { readonly jobArn: string } => {
  const { caller, store, now, random } = context;
  const jobs = store.in(caller);
  const token = request.clientRequestToken;
  const earlier = token === undefined ? undefined : jobs.tokens.get(token);
  const fingerprint = fingerprintOf(request);
  if (earlier && earlier.fingerprint !== fingerprint)
    throw new ApiError(
      'ConflictException',
      'The provided clientRequestToken was already used by a request with different parameters.',
    );
  if (earlier) return { jobArn: earlier.jobArn };

  refuse(request, jobs, context.maxActiveJobs);
  refuseData(request);
  const tags = withTags(new Map(), request.jobTags ?? []);
  withTags(new Map(), request.customModelTags ?? []);
  const model = resolveBaseModel(request.baseModelIdentifier, jobs, (job) => store.answer(job, now).outputModelArn);

  const { scope } = jobs;
  const start = `arn:${partitionOf(scope.region)}:bedrock:${scope.region}:${scope.accountId}`;
  const jobArn = freshArn(`${start}:model-customization-job/${model.modelId}`, context);
  const completed = withDefaults(request, model);
  const given = givenBy(completed, jobArn, model, scope, now);
  const outputModelArn = `${start}:custom-model/${given.customizationType === 'IMPORTED' ? 'imported' : model.modelId}/${random.id()}`;
  const plan = planJob(completed, given.customizationType ?? '', outputModelArn, random, context.plans);
  if (token !== undefined) jobs.tokens.set(token, { jobArn, fingerprint });
  store.create({
    scope,
    createdAt: now,
    given,
    plan,
    tags,
    ...(model.customModelArn !== undefined && { listedBaseModelArn: model.customModelArn }),
  });
  return { jobArn };
};
