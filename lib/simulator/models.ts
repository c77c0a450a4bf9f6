/** Custom models, their deployments on demand and their provisioned throughputs: what they are, and how they live. */
import type {
  GetCustomModelDeploymentResponse,
  GetCustomModelResponse,
  GetProvisionedModelThroughputResponse,
} from '@aws-sdk/client-bedrock';
import type { NewJob } from './jobs.ts';
import { defined, type JobAnswer, type OnTheWire } from './life.ts';
import type { Kind, Place, Resource } from './resources.ts';

export type ModelAnswer = OnTheWire<GetCustomModelResponse>;
export type DeploymentAnswer = OnTheWire<GetCustomModelDeploymentResponse>;
export type ThroughputAnswer = OnTheWire<GetProvisionedModelThroughputResponse>;

interface Stage<Answer> {
  readonly at: number;
  readonly given: Answer;
}

/** A resource whose life is the list of what Get answers from a time on: past answers and planned ones, oldest first. */
export interface Staged<Answer> extends Resource {
  stages: readonly [Stage<Answer>, ...Stage<Answer>[]];
}

/** How a kind begins, and the members of Get's answer that any kind has. */
interface Declaration<Answer> {
  /** For messages. */
  readonly noun: string;
  readonly arn: keyof Answer;
  readonly name: keyof Answer;
  readonly created: keyof Answer;
  readonly status: keyof Answer;
  /** When it changed last; absent where Get tells none. */
  readonly modified?: keyof Answer;
  readonly hasConflicts?: boolean;
  /** In the ARN of a new one, before its id. */
  readonly type: string;
  readonly ready: 'Active' | 'InService';
  /** How long it takes in reality until it is ready, or updated. */
  readonly minutes: readonly [low: number, high: number];
}

export interface StagedKind<Answer> extends Kind<Staged<Answer>>, Declaration<Answer> {}

/** The answer of Get at a time: a pure function of the stages. */
export const givenAt = <Answer>({ stages }: Staged<Answer>, t: number): Answer =>
  (stages.findLast(({ at }) => at <= t) ?? stages[0]).given;

const stagedKind = <Answer>(declared: Declaration<Answer>): StagedKind<Answer> => {
  const textAt = (resource: Staged<Answer>, t: number, member: keyof Answer) => String(givenAt(resource, t)[member]);
  return {
    ...declared,
    arnOf: (resource) => textAt(resource, resource.createdAt, declared.arn),
    nameOf: (resource, t) => textAt(resource, t, declared.name),
    statusAt: (resource, t) => textAt(resource, t, declared.status),
    nextChangeAfter: ({ stages }, t) => stages.find(({ at }) => at > t)?.at,
  };
};

export const MODEL = stagedKind<ModelAnswer>({
  ...{ noun: 'custom model', type: 'custom-model/imported', ready: 'Active', minutes: [5, 15] },
  ...{ arn: 'modelArn', name: 'modelName', created: 'creationTime', status: 'modelStatus' },
});
export const DEPLOYMENT = stagedKind<DeploymentAnswer>({
  ...{ noun: 'custom model deployment', type: 'custom-model-deployment', ready: 'Active', minutes: [2, 5] },
  ...{ arn: 'customModelDeploymentArn', name: 'modelDeploymentName', status: 'status', hasConflicts: false },
  ...{ created: 'createdAt', modified: 'lastUpdatedAt' },
});
export const THROUGHPUT = stagedKind<ThroughputAnswer>({
  ...{ noun: 'provisioned model throughput', type: 'provisioned-model', ready: 'InService', minutes: [10, 20] },
  ...{ arn: 'provisionedModelArn', name: 'provisionedModelName', status: 'status', hasConflicts: false },
  ...{ created: 'creationTime', modified: 'lastModifiedTime' },
});

export type Model = Staged<ModelAnswer> & Place;

/** The model of a completed job: it is made when the job completes. */
export const modelMadeBy = (
  { scope, listedBaseModelArn, modelTags = {} }: NewJob,
  job: JobAnswer,
): Staged<ModelAnswer> | undefined => {
  const { status, outputModelArn: modelArn, outputModelName: modelName } = job;
  if (status !== 'Completed' || modelArn === undefined || modelName === undefined) return undefined;
  const times = [job.lastModifiedTime, job.endTime, job.creationTime].map((time) => Date.parse(time ?? ''));
  const createdAt = times.find((time) => !Number.isNaN(time)) ?? 0;
  const { jobArn, jobName, customizationType, hyperParameters, customizationConfig } = job;
  const { trainingDataConfig, validationDataConfig, outputDataConfig, trainingMetrics, validationMetrics } = job;
  const given = defined({
    ...{ modelArn, modelName, jobArn, jobName, customizationType, hyperParameters, customizationConfig },
    ...{ trainingDataConfig, validationDataConfig, outputDataConfig, trainingMetrics, validationMetrics },
    baseModelArn: listedBaseModelArn ?? job.baseModelArn,
    modelKmsKeyArn: job.outputModelKmsKeyArn,
    creationTime: new Date(createdAt).toISOString(),
    modelStatus: 'Active',
  }) as ModelAnswer;
  return { scope, createdAt, tags: new Map(Object.entries(modelTags)), stages: [{ at: createdAt, given }] };
};

/** The foundation model that a model goes back to: a custom model's ARN carries its id. */
export const foundationModelArnOf = ({ baseModelArn = '' }: ModelAnswer): string =>
  baseModelArn.replace(/:\d*:custom-model\/([^/]+)\/.*$/, '::foundation-model/$1');
