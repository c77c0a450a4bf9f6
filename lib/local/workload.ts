import {
  type BedrockClient,
  CreateCustomModelDeploymentCommand,
  CreateModelCustomizationJobCommand,
  DeleteCustomModelDeploymentCommand,
  ListCustomModelDeploymentsCommand,
  ListCustomModelsCommand,
  ListProvisionedModelThroughputsCommand,
  ListModelCustomizationJobsCommand,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  type CreateModelCustomizationJobCommandInput,
} from '@aws-sdk/client-bedrock';
import { LIVE } from './history.ts';

const PROJECTS = [
  'support-triage',
  'marketing-copy',
  'faq-distill',
  'legal-summaries',
  'sql-assistant',
  'intent-router',
  'math-tutor-rft',
] as const;
const MODELS = [
  'amazon.nova-micro-v1:0:128k',
  'amazon.nova-lite-v1:0:300k',
  'amazon.nova-2-lite-v1:0:256k',
  'meta.llama3-3-70b-instruct-v1:0:128k',
];
/** What a team tries, one run after the other, on the same model and data. The last one is often too much. */
const TRIALS = [
  { learningRate: '1e-5', epochCount: '2' },
  { learningRate: '5e-5', epochCount: '2' },
  { learningRate: '1e-4', epochCount: '2' },
  { learningRate: '5e-5', epochCount: '3' },
  { learningRate: '2e-5', epochCount: '4' },
  { learningRate: '1e-3', epochCount: '2' },
] as const;
const VALIDATED_SHARE = 0.8;
const STOPPED_SHARE = 0.15;
const TAGGED_SHARE = 0.3;
const SERVED_SHARE = 0.1;
const MOST_DEPLOYED = 4;

const pick = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)] as T;

/** The runs of one project: they differ in their hyperparameters alone, so that they can be compared. */
interface Series {
  readonly model: string;
  readonly isValidated: boolean;
  readonly team: string;
  /** The tag that its runs share. */
  readonly sweep: string;
  /** Trials that were made. */
  made: number;
}

const newSeries = (project: string): Series => {
  const model = pick(MODELS);
  return {
    model,
    // Fine-tuning of Nova 2 takes no validation data.
    isValidated: !model.startsWith('amazon.nova-2-') && Math.random() < VALIDATED_SHARE,
    team: pick(['ml-platform', 'search', 'support']),
    sweep: `${project}-${Date.now().toString(36)}`,
    made: 0,
  };
};

const distillation = {
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  customizationType: 'DISTILLATION',
  customizationConfig: {
    distillationConfig: {
      teacherModelConfig: {
        teacherModelIdentifier: 'amazon.nova-premier-v1:0',
        maxResponseLengthForInference: 1000,
      },
    },
  },
} as const;

const reinforcement = (learningRate: string, epochCount: string) => ({
  baseModelIdentifier: 'amazon.nova-2-lite-v1:0:256k',
  customizationType: 'REINFORCEMENT_FINE_TUNING' as const,
  customizationConfig: {
    rftConfig: {
      graderConfig: {
        lambdaGrader: { lambdaArn: 'arn:aws:lambda:us-east-1:123456789012:function:math-grader' },
      },
      hyperParameters: { epochCount: Number(epochCount), learningRate: Number(learningRate), batchSize: 64 },
    },
  },
});

/** What kind of customization a project does. */
const customizationOf = (project: string, { model }: Series, learningRate: string, epochCount: string) => {
  if (project.includes('distill')) return distillation;
  if (project.endsWith('rft')) return reinforcement(learningRate, epochCount);
  const hyperParameters = { epochCount, batchSize: '1', learningRate };
  return { baseModelIdentifier: model, customizationType: 'FINE_TUNING' as const, hyperParameters };
};

/** A job such as a team would create: the next trial of its project's series. */
const createInput = (project: string, series: Series): CreateModelCustomizationJobCommandInput => {
  const { learningRate, epochCount } = TRIALS[series.made] ?? TRIALS[0];
  const trial = project.includes('distill') ? '' : `lr${learningRate}-e${epochCount}-`;
  const name = `${project}-${trial}${Date.now().toString(36)}`;
  return {
    jobName: name,
    customModelName: name,
    roleArn: 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole',
    trainingDataConfig: { s3Uri: `s3://acme-training/${project}/train.jsonl` },
    ...(series.isValidated && {
      validationDataConfig: { validators: [{ s3Uri: `s3://acme-training/${project}/validation.jsonl` }] },
    }),
    outputDataConfig: { s3Uri: `s3://acme-output/${project}/` },
    ...customizationOf(project, series, learningRate, epochCount),
    jobTags: [
      { key: 'team', value: series.team },
      { key: 'sweep', value: series.sweep },
      { key: 'env', value: pick(['dev', 'prod']) },
    ],
  };
};

/** Teams that fine-tune on the simulator, all through the API as anyone else would. */
export interface SimulatedTeams {
  /**
   * One round of what teams do: a new job where fewer than `activeJobs` run, and now and then a job that is stopped or
   * tagged. Rejects where the simulator refuses a call.
   */
  readonly play: (activeJobs: number) => Promise<void>;
  /** One round of deploying models, of using what is live, and of taking it down again. */
  readonly serve: () => Promise<void>;
  /** True for a job that these teams made. */
  readonly made: (jobName: unknown) => boolean;
}

/** Hands out the next trial of a project that was begun, or of one that has none left, in a new series. */
const trials = (): (() => CreateModelCustomizationJobCommandInput) => {
  const begun = new Map<string, Series>();
  // One project first, so that there are six runs to compare after a minute, then two at a time.
  let current: readonly string[] = [pick(PROJECTS.slice(0, 2))];
  return () => {
    const project = pick(current);
    const series = begun.get(project) ?? newSeries(project);
    begun.set(project, series);
    const input = createInput(project, series);
    series.made += 1;
    if (series.made === TRIALS.length) {
      begun.delete(project);
      const others = current.filter((other) => other !== project);
      while (others.length < 2) others.push(pick(PROJECTS.filter((other) => ![project, ...others].includes(other))));
      current = others;
    }
    return input;
  };
};

const someCalls = () => {
  const invocations = 1 + Math.floor(Math.random() * 20);
  return { invocations, inputTokens: invocations * 800, outputTokens: invocations * 200 };
};

/** `use` counts calls of inference. */
export const simulateTeams = (
  client: BedrockClient,
  use: (arn: string, calls: ReturnType<typeof someCalls>) => void = () => undefined,
): SimulatedTeams => {
  const names = new Set<unknown>();
  const nextTrial = trials();
  return {
    play: async (activeJobs) => {
      const { modelCustomizationJobSummaries: active = [] } = await client.send(
        new ListModelCustomizationJobsCommand({ statusEquals: 'InProgress', maxResults: 1000 }),
      );
      if (active.length >= activeJobs) return;
      // A job that a person made is theirs to stop and tag.
      const own = active.filter(({ jobName }) => names.has(jobName));
      const input = nextTrial();
      names.add(input.jobName);
      await client.send(new CreateModelCustomizationJobCommand(input));
      const chosen = own.length > 0 ? pick(own).jobArn : undefined;
      // The first six runs are left alone, so that there are completed ones to compare.
      if (chosen !== undefined && names.size > TRIALS.length && Math.random() < STOPPED_SHARE) {
        await client.send(new StopModelCustomizationJobCommand({ jobIdentifier: chosen }));
      }
      if (chosen !== undefined && Math.random() < TAGGED_SHARE) {
        await client.send(new TagResourceCommand({ resourceARN: chosen, tags: [{ key: 'reviewed', value: 'yes' }] }));
      }
    },
    serve: async () => {
      const { modelDeploymentSummaries: deployments = [] } = await client.send(
        new ListCustomModelDeploymentsCommand({ nameContains: LIVE, statusEquals: 'Active' }),
      );
      const { provisionedModelSummaries: throughputs = [] } = await client.send(
        new ListProvisionedModelThroughputsCommand({ nameContains: LIVE }),
      );
      for (const { customModelDeploymentArn: arn = '' } of deployments) use(arn, someCalls());
      for (const { provisionedModelArn: arn = '' } of throughputs) use(arn, someCalls());
      if (Math.random() > SERVED_SHARE) return;
      if (deployments.length >= MOST_DEPLOYED) {
        const customModelDeploymentIdentifier = deployments[0]?.customModelDeploymentArn;
        await client.send(new DeleteCustomModelDeploymentCommand({ customModelDeploymentIdentifier }));
        return;
      }
      const { modelSummaries: models = [] } = await client.send(new ListCustomModelsCommand({ modelStatus: 'Active' }));
      const live = new Set(deployments.map(({ modelArn }) => modelArn));
      const model = models.find(({ modelName, modelArn }) => names.has(modelName) && !live.has(modelArn));
      if (model === undefined) return;
      const modelDeploymentName = `${model.modelName ?? ''}-${LIVE}`;
      await client.send(new CreateCustomModelDeploymentCommand({ modelDeploymentName, modelArn: model.modelArn }));
    },
    made: (jobName) => names.has(jobName),
  };
};
