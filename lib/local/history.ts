/** What the simulated teams did before the run: they tuned models, and forgot a throughput. */
import type { BedrockSimulator, Loaded } from '../simulator/index.ts';
import type { Scope } from '../domain/identity.ts';
import { DAY, HOUR } from '../domain/time.ts';

/** The teams use what is called so, and nothing else. */
export const LIVE = 'live';

const MODEL_ID = 'amazon.nova-lite-v1:0:300k';
const IMPORTED = 'imported/smz4import01';
/** Completed jobs: id, name, and how many days ago. Their models come with them, under the same ids. */
const JOBS = [
  ['eml3drafts01', 'email-drafts', 75],
  ['ctr7review01', 'contract-review', 41],
  ['faq2answer01', 'faq-answers', 30],
] as const;
/** Id, name, model, how many days ago, and how many days its commitment still lasts. */
const THROUGHPUTS = [
  ['ctr7pilot001', 'contract-review-pilot', `${MODEL_ID}/ctr7review01`, 40, undefined],
  ['smz4units001', `summarizer-${LIVE}`, IMPORTED, 21, 9],
] as const;
const [FORGOTTEN, ...USED] = [
  'provisioned-model/ctr7pilot001',
  'provisioned-model/smz4units001',
  'custom-model-deployment/faq2deploy01',
];

/** Puts the history into a simulator that does not have it, with its use until today, or until 20 days ago. */
export const seedHistory = (bedrock: BedrockSimulator, { accountId, region }: Scope, now = Date.now()): void => {
  const arn = (resource: string) => `arn:aws:bedrock:${region}:${accountId}:${resource}`;
  const days = (ago: number) => new Date(now - ago * DAY).toISOString();
  const baseModelArn = `arn:aws:bedrock:${region}::foundation-model/${MODEL_ID}`;
  const jobs = JOBS.map(([id, jobName, ago]) => ({
    ...{ jobArn: arn(`model-customization-job/${MODEL_ID}/${id}`), jobName, status: 'Completed' as const },
    ...{ outputModelName: jobName, outputModelArn: arn(`custom-model/${MODEL_ID}/${id}`), baseModelArn },
    ...{ customizationType: 'FINE_TUNING' as const, trainingMetrics: { trainingLoss: 0.61 }, validationMetrics: [] },
    ...{ creationTime: days(ago), lastModifiedTime: days(ago - 0.1), endTime: days(ago - 0.1) },
    roleArn: 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole',
    hyperParameters: { epochCount: '2', batchSize: '1', learningRate: '5e-5' },
    trainingDataConfig: { s3Uri: `s3://acme-training/${jobName}/train.jsonl` },
    outputDataConfig: { s3Uri: `s3://acme-output/${jobName}/` },
  }));
  if (bedrock.truth(jobs[0]?.jobArn ?? '')) return;
  const model = {
    ...{ modelArn: arn(`custom-model/${IMPORTED}`), modelName: 'summarizer', baseModelArn },
    ...{ customizationType: 'IMPORTED' as const, creationTime: days(100), modelStatus: 'Active' as const },
  };
  const deployment = {
    ...{ customModelDeploymentArn: arn('custom-model-deployment/faq2deploy01'), status: 'Active' as const },
    ...{ modelDeploymentName: `faq-answers-${LIVE}`, modelArn: arn(`custom-model/${MODEL_ID}/faq2answer01`) },
    ...{ createdAt: days(29), lastUpdatedAt: days(29) },
  };
  const throughputs = THROUGHPUTS.map(([id, provisionedModelName, of, ago, left]) => ({
    ...{ provisionedModelArn: arn(`provisioned-model/${id}`), provisionedModelName, status: 'InService' as const },
    ...{
      modelArn: arn(`custom-model/${of}`),
      desiredModelArn: arn(`custom-model/${of}`),
      foundationModelArn: baseModelArn,
    },
    ...{ modelUnits: 2, desiredModelUnits: 2, creationTime: days(ago), lastModifiedTime: days(ago) },
    ...(left !== undefined && { commitmentDuration: 'OneMonth' as const, commitmentExpirationTime: days(-left) }),
  }));
  const resources: Loaded[] = [
    ...jobs.map((job) => ({ job })),
    { model },
    { deployment },
    ...throughputs.map((throughput) => ({ throughput })),
  ];
  bedrock.load(resources.map((each) => ({ ...each, tags: { team: 'ml-platform', env: 'prod' } })));
  const calls = { invocations: 40, inputTokens: 30_000, outputTokens: 8_000 };
  for (let hours = 1; hours < 20 * 24; hours += 6) {
    for (const used of USED) bedrock.use(arn(used), calls, now - hours * HOUR);
    bedrock.use(arn(FORGOTTEN), calls, now - 20 * DAY - hours * HOUR);
  }
};
