/** What the simulated teams did before the run: they tuned models, and forgot a throughput. */
import type { BedrockSimulator, Loaded } from '../simulator/index.ts';
import type { Scope } from '../domain/identity.ts';
import { DAY, HOUR } from '../domain/time.ts';

/** The teams use what is called so, and nothing else. */
export const LIVE = 'live';

const MODEL_ID = 'amazon.nova-lite-v1:0:300k';

/** Resources of some days ago, all of one scope. */
const historyOf = (
  { accountId, region }: Scope,
  now: number,
): { readonly forgotten: string; readonly used: readonly string[]; readonly resources: readonly Loaded[] } => {
  const arn = (resource: string) => `arn:aws:bedrock:${region}:${accountId}:${resource}`;
  const days = (ago: number) => new Date(now - ago * DAY).toISOString();
  const baseModelArn = `arn:aws:bedrock:${region}::foundation-model/${MODEL_ID}`;
  const tags = { team: 'ml-platform', env: 'prod' };
  const modelArn = (id: string) => arn(`custom-model/${MODEL_ID}/${id}`);
  /** A completed job; its model comes with it. */
  const job = (id: string, jobName: string, ago: number): Loaded => ({
    tags,
    job: {
      ...{ jobArn: arn(`model-customization-job/${MODEL_ID}/${id}`), jobName, status: 'Completed' },
      ...{ outputModelName: jobName, outputModelArn: modelArn(id), baseModelArn, customizationType: 'FINE_TUNING' },
      roleArn: 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole',
      ...{ creationTime: days(ago), lastModifiedTime: days(ago - 0.1), endTime: days(ago - 0.1) },
      hyperParameters: { epochCount: '2', batchSize: '1', learningRate: '5e-5' },
      trainingDataConfig: { s3Uri: `s3://acme-training/${jobName}/train.jsonl` },
      outputDataConfig: { s3Uri: `s3://acme-output/${jobName}/` },
      ...{ trainingMetrics: { trainingLoss: 0.61 }, validationMetrics: [] },
    },
  });
  const throughput = (id: string, provisionedModelName: string, model: string, ago: number, more = {}): Loaded => ({
    tags,
    throughput: {
      ...{ provisionedModelArn: arn(`provisioned-model/${id}`), provisionedModelName, status: 'InService' },
      ...{ modelUnits: 2, desiredModelUnits: 2, modelArn: model, desiredModelArn: model },
      ...{ foundationModelArn: baseModelArn, creationTime: days(ago), lastModifiedTime: days(ago), ...more },
    },
  });
  const imported = arn('custom-model/imported/smz4import01');
  return {
    forgotten: arn('provisioned-model/ctr7pilot001'),
    used: [arn('provisioned-model/smz4units001'), arn('custom-model-deployment/faq2deploy01')],
    resources: [
      job('eml3drafts01', 'email-drafts', 75),
      job('ctr7review01', 'contract-review', 41),
      throughput('ctr7pilot001', 'contract-review-pilot', modelArn('ctr7review01'), 40),
      job('faq2answer01', 'faq-answers', 30),
      {
        tags,
        deployment: {
          customModelDeploymentArn: arn('custom-model-deployment/faq2deploy01'),
          modelDeploymentName: `faq-answers-${LIVE}`,
          ...{ modelArn: modelArn('faq2answer01'), status: 'Active', createdAt: days(29), lastUpdatedAt: days(29) },
        },
      },
      {
        tags,
        model: {
          ...{ modelArn: imported, modelName: 'summarizer', baseModelArn, customizationType: 'IMPORTED' },
          ...{ creationTime: days(100), modelStatus: 'Active' },
        },
      },
      throughput('smz4units001', `summarizer-${LIVE}`, imported, 21, {
        commitmentDuration: 'OneMonth',
        commitmentExpirationTime: days(-9),
      }),
    ],
  };
};

/** Puts the history into a simulator that does not have it, with its use until today, or until 20 days ago. */
export const seedHistory = (bedrock: BedrockSimulator, scope: Scope, now = Date.now()): void => {
  const { forgotten, used, resources } = historyOf(scope, now);
  if (bedrock.truth(resources[0]?.job?.jobArn ?? '')) return;
  bedrock.load(resources);
  const calls = { invocations: 40, inputTokens: 30_000, outputTokens: 8_000 };
  for (let hours = 1; hours < 20 * 24; hours += 6) {
    for (const arn of used) bedrock.use(arn, calls, now - hours * HOUR);
    bedrock.use(forgotten, calls, now - 20 * DAY - hours * HOUR);
  }
};
