/** Custom models, their deployments on demand and their provisioned throughputs: what they are, and how they live. */
import type { Kind, Place, Resource } from './resources.ts';
import { defined, type JobAnswer } from './life.ts';
import { partitionOf, type Scope } from './call.ts';

/** The answer of GetCustomModel, as JSON on the wire. */
export interface ModelAnswer extends Partial<
  Pick<
    JobAnswer,
    | 'jobArn'
    | 'jobName'
    | 'hyperParameters'
    | 'trainingDataConfig'
    | 'validationDataConfig'
    | 'outputDataConfig'
    | 'trainingMetrics'
    | 'validationMetrics'
    | 'customizationType'
    | 'customizationConfig'
    | 'failureMessage'
  >
> {
  readonly modelArn: string;
  readonly modelName: string;
  readonly baseModelArn?: string;
  readonly modelKmsKeyArn?: string;
  readonly creationTime: string;
  readonly modelStatus?: string;
}

/** The answer of GetCustomModelDeployment. */
export interface DeploymentAnswer {
  readonly customModelDeploymentArn: string;
  readonly modelDeploymentName: string;
  readonly modelArn: string;
  readonly createdAt: string;
  readonly status: string;
  readonly description?: string;
  readonly updateDetails?: { readonly modelArn: string; readonly updateStatus: string };
  readonly failureMessage?: string;
  readonly lastUpdatedAt?: string;
}

/** The answer of GetProvisionedModelThroughput. */
export interface ThroughputAnswer {
  readonly provisionedModelArn: string;
  readonly provisionedModelName: string;
  readonly modelUnits: number;
  readonly desiredModelUnits: number;
  readonly modelArn: string;
  readonly desiredModelArn: string;
  readonly foundationModelArn: string;
  readonly status: string;
  readonly creationTime: string;
  readonly lastModifiedTime: string;
  readonly failureMessage?: string;
  readonly commitmentDuration?: string;
  readonly commitmentExpirationTime?: string;
}

/** What Get answers from a time on. */
export interface Stage<Answer> {
  readonly at: number;
  readonly given: Answer;
}

/** A resource whose life is the list of its answers, past ones and planned ones, oldest first. */
export interface Staged<Answer> extends Resource {
  stages: readonly [Stage<Answer>, ...Stage<Answer>[]];
}

export type Model = Staged<ModelAnswer> & Place;
export type Deployment = Staged<DeploymentAnswer> & Place;
export type Throughput = Staged<ThroughputAnswer> & Place;

/** The answer of Get at a time: a pure function of the resource's stages. */
export const givenAt = <Answer>({ stages }: Staged<Answer>, t: number): Answer =>
  (stages.findLast(({ at }) => at <= t) ?? stages[0]).given;

const stagedKind = <Answer>(
  noun: string,
  arnOf: (given: Answer) => string,
  nameOf: (given: Answer) => string,
  statusOf: (given: Answer) => string | undefined,
): Kind<Staged<Answer>> => ({
  noun,
  arnOf: ({ stages: [{ given }] }) => arnOf(given),
  nameOf: (resource, t) => nameOf(givenAt(resource, t)),
  statusAt: (resource, t) => statusOf(givenAt(resource, t)),
  nextChangeAfter: ({ stages }, t) => stages.find(({ at }) => at > t)?.at,
});

export const MODEL = stagedKind<ModelAnswer>(
  'custom model',
  ({ modelArn }) => modelArn,
  ({ modelName }) => modelName,
  ({ modelStatus }) => modelStatus,
);
export const DEPLOYMENT = stagedKind<DeploymentAnswer>(
  'custom model deployment',
  ({ customModelDeploymentArn }) => customModelDeploymentArn,
  ({ modelDeploymentName }) => modelDeploymentName,
  ({ status }) => status,
);
export const THROUGHPUT = stagedKind<ThroughputAnswer>(
  'provisioned model throughput',
  ({ provisionedModelArn }) => provisionedModelArn,
  ({ provisionedModelName }) => provisionedModelName,
  ({ status }) => status,
);

interface MakingJob extends Resource {
  readonly listedBaseModelArn?: string;
  readonly modelTags?: Readonly<Record<string, string>>;
}

/** The model of a completed job: it is made when the job completes. */
export const modelMadeBy = (
  { scope, listedBaseModelArn, modelTags = {} }: MakingJob,
  job: JobAnswer,
): Staged<ModelAnswer> | undefined => {
  const { status, outputModelArn: modelArn, outputModelName: modelName, lastModifiedTime, endTime } = job;
  if (status !== 'Completed' || modelArn === undefined || modelName === undefined) return undefined;
  const times = [lastModifiedTime, endTime, job.creationTime].map((time) => Date.parse(time ?? ''));
  const createdAt = times.find((time) => !Number.isNaN(time)) ?? 0;
  const given = defined({
    modelArn,
    modelName,
    jobArn: job.jobArn,
    jobName: job.jobName,
    baseModelArn: listedBaseModelArn ?? job.baseModelArn,
    customizationType: job.customizationType,
    modelKmsKeyArn: job.outputModelKmsKeyArn,
    hyperParameters: job.hyperParameters,
    trainingDataConfig: job.trainingDataConfig,
    validationDataConfig: job.validationDataConfig,
    outputDataConfig: job.outputDataConfig,
    trainingMetrics: job.trainingMetrics,
    validationMetrics: job.validationMetrics,
    customizationConfig: job.customizationConfig,
    creationTime: new Date(createdAt).toISOString(),
    modelStatus: 'Active',
  });
  return { scope, createdAt, tags: new Map(Object.entries(modelTags)), stages: [{ at: createdAt, given }] };
};

/** `amazon.nova-lite-v1` of a foundation model's or a custom model's ARN. */
export const baseModelNameOf = (arn: string | undefined): string | undefined =>
  /:(?:foundation-model|custom-model)\/([^:/]+)/.exec(arn ?? '')?.[1];

/** The foundation model that a model goes back to: its custom models carry the id in their ARNs. */
export const foundationModelArnOf = ({ baseModelArn = '' }: ModelAnswer, { region }: Scope): string => {
  const modelId = /:custom-model\/([^/]+)/.exec(baseModelArn)?.[1];
  return modelId === undefined
    ? baseModelArn
    : `arn:${partitionOf(region)}:bedrock:${region}::foundation-model/${modelId}`;
};
