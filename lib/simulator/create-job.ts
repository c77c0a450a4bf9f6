/** CreateModelCustomizationJob: what it refuses, and the job that it makes. */
import { createHash } from 'node:crypto';
import { type JobAnswer, defined } from './answers.ts';
import { type BaseModel, isNovaText, kmsKeyArn, resolveBaseModel } from './base-model.ts';
import { ApiError, invalid } from './errors.ts';
import { type Job, type ScopeJobs, isActive } from './jobs.ts';
import type { CreateRequest } from '../service-model/model.ts';
import type { CallContext } from './call.ts';
import { planJob } from './plan.ts';
import { type Scope, partitionOf } from './scope.ts';
import { withTags } from './tags.ts';

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
