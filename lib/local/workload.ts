import {
  type BedrockClient,
  CreateModelCustomizationJobCommand,
  paginateListModelCustomizationJobs,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  type CreateModelCustomizationJobCommandInput,
} from '@aws-sdk/client-bedrock';

const PROJECTS = [
  'support-triage',
  'marketing-copy',
  'faq-distill',
  'legal-summaries',
  'sql-assistant',
  'intent-router',
];
const MODELS = [
  'amazon.nova-micro-v1:0:128k',
  'amazon.nova-lite-v1:0:300k',
  'amazon.nova-2-lite-v1:0:256k',
  'meta.llama3-3-70b-instruct-v1:0:128k',
];
const STOPPED_SHARE = 0.15;
const TAGGED_SHARE = 0.3;

const pick = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)] as T;

/** A job such as a team would create. */
const createInput = (): CreateModelCustomizationJobCommandInput => {
  const project = pick(PROJECTS);
  const name = `${project}-${Date.now().toString(36)}`;
  const isDistillation = project.includes('distill');
  return {
    jobName: name,
    customModelName: name,
    roleArn: 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole',
    baseModelIdentifier: isDistillation ? 'amazon.nova-lite-v1:0:300k' : pick(MODELS),
    customizationType: isDistillation ? 'DISTILLATION' : 'FINE_TUNING',
    trainingDataConfig: { s3Uri: `s3://acme-training/${project}/train.jsonl` },
    ...(Math.random() < 0.6
      ? { validationDataConfig: { validators: [{ s3Uri: `s3://acme-training/${project}/validation.jsonl` }] } }
      : {}),
    outputDataConfig: { s3Uri: `s3://acme-output/${project}/` },
    ...(isDistillation
      ? {
          customizationConfig: {
            distillationConfig: {
              teacherModelConfig: {
                teacherModelIdentifier: 'amazon.nova-premier-v1:0',
                maxResponseLengthForInference: 1000,
              },
            },
          },
        }
      : {
          hyperParameters: {
            epochCount: pick(['1', '2', '3']),
            batchSize: '1',
            learningRate: pick(['1.0E-5', '5.0E-5', '1.0E-4']),
          },
        }),
    jobTags: [
      { key: 'team', value: pick(['ml-platform', 'search', 'support']) },
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
  /** True for a job that these teams made. */
  readonly made: (jobName: unknown) => boolean;
}

const activeJobArns = async (client: BedrockClient): Promise<string[]> => {
  const active: string[] = [];
  for await (const page of paginateListModelCustomizationJobs({ client }, { statusEquals: 'InProgress' })) {
    for (const { jobArn } of page.modelCustomizationJobSummaries ?? []) if (jobArn !== undefined) active.push(jobArn);
  }
  return active;
};

export const simulateTeams = (client: BedrockClient): SimulatedTeams => {
  const names = new Set<unknown>();
  return {
    play: async (activeJobs) => {
      const active = await activeJobArns(client);
      if (active.length >= activeJobs) return;
      const input = createInput();
      names.add(input.jobName);
      await client.send(new CreateModelCustomizationJobCommand(input));
      const chosen = active.length > 0 ? pick(active) : undefined;
      if (chosen !== undefined && Math.random() < STOPPED_SHARE) {
        await client.send(new StopModelCustomizationJobCommand({ jobIdentifier: chosen }));
      }
      if (chosen !== undefined && Math.random() < TAGGED_SHARE) {
        await client.send(new TagResourceCommand({ resourceARN: chosen, tags: [{ key: 'reviewed', value: 'yes' }] }));
      }
    },
    made: (jobName) => names.has(jobName),
  };
};
