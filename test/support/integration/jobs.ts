import type { CreateModelCustomizationJobCommandInput } from '@aws-sdk/client-bedrock';
import type { JobAnswer, LoadedJob } from '../../../lib/simulator/index.ts';
import { jobOnWire } from '../fixtures.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

export const arnOf = (id: string, accountId = '123456789012', region = 'us-east-1'): string =>
  `arn:aws:bedrock:${region}:${accountId}:model-customization-job/amazon.nova-lite-v1:0:300k/${id.padStart(12, '0')}`;

/** A request with everything that a fine-tuning job may carry. */
export const createInput = (
  jobName: string,
  change: Partial<CreateModelCustomizationJobCommandInput> = {},
): CreateModelCustomizationJobCommandInput => ({
  jobName,
  customModelName: `${jobName}-model`,
  roleArn: 'arn:aws:iam::123456789012:role/BedrockCustomizationRole',
  clientRequestToken: `token-of-${jobName}`,
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  customModelKmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0',
  jobTags: [
    { key: 'Team', value: 'Search' },
    { key: 'Cost-Center', value: '' },
  ],
  trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
  validationDataConfig: { validators: [{ s3Uri: 's3://acme-training/validation.jsonl' }] },
  outputDataConfig: { s3Uri: 's3://acme-output/' },
  hyperParameters: { epochCount: '2', learningRateWarmupSteps: '0' },
  vpcConfig: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  ...change,
});

const loaded = (fixture: string, number: number, created: number, change: Partial<JobAnswer>): LoadedJob => ({
  job: {
    ...(jobOnWire(fixture) as unknown as JobAnswer),
    jobArn: arnOf(`${number}`),
    jobName: `job-${number}`,
    creationTime: new Date(created).toISOString(),
    lastModifiedTime: new Date(created + MINUTE).toISOString(),
    ...change,
  },
});

/** A job that ended long ago: the n-th of its scope, created n minutes after 2024 began. */
export const finishedJob = (number: number, change: Partial<JobAnswer> = {}): LoadedJob =>
  loaded('fine-tuning-completed', number, Date.UTC(2024, 0, 1) + number * MINUTE, {
    outputModelArn: arnOf(`${number}`).replace('customization-job', 'custom-model'),
    endTime: new Date(Date.UTC(2024, 0, 1) + (number + 1) * MINUTE).toISOString(),
    ...change,
  });

/** The same with the fields alone by which sweeps and indexes go: thousands of them are quickly loaded. */
export const plainFinishedJob = (number: number): LoadedJob => {
  const { jobArn, jobName, status, creationTime, lastModifiedTime, endTime } = finishedJob(number).job;
  const times = { creationTime, ...(lastModifiedTime && { lastModifiedTime }), ...(endTime && { endTime }) };
  return { job: { jobArn, jobName, ...(status && { status }), ...times } };
};

/** A job that runs, created as `finishedJob` creates it. */
export const activeJob = (number: number, change: Partial<JobAnswer> = {}): LoadedJob =>
  loaded('continued-pre-training-in-progress', number, Date.UTC(2024, 0, 1) + number * MINUTE, change);
