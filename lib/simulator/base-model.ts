/** What a Create's baseModelIdentifier and KMS key name, as the ARNs that Get answers with. */
import { createHash } from 'node:crypto';
import { ApiError, invalid } from './errors.ts';
import type { Job, ScopeJobs } from './jobs.ts';
import { PATTERNS } from '../service-model/model.ts';
import { type Scope, parseArn, partitionOf } from './scope.ts';

export interface BaseModel {
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
export const resolveBaseModel = (
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
export const kmsKeyArn = (keyId: string, { accountId, region }: Scope): string => {
  if (PATTERNS.kmsKeyArn.matches(keyId)) return keyId;
  const hash = createHash('sha256').update(keyId).digest('hex');
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)];
  const id = keyId.includes('alias/') ? uuid.join('-') : keyId;
  return `arn:${partitionOf(region)}:kms:${region}:${accountId}:key/${id}`;
};
