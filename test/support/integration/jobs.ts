import type { CreateModelCustomizationJobCommandInput } from '@aws-sdk/client-bedrock';
import type { JobAnswer, LoadedJob } from '../../../lib/simulator/index.ts';
import { jobOnWire, SCOPE, withDates } from '../fixtures.ts';
import { MINUTE } from '../../../lib/domain/time.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { advance } from '../../../lib/domain/advance.ts';
import { normalize, type BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { parseJobArn } from '../../../lib/domain/identity.ts';
import type { EmbeddedTables } from '../embedded-tables.ts';

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

/** Two accounts; one of them in two Regions. */
export const MANY_SCOPES = [
  { accountId: '111122223333', region: 'us-east-1' },
  { accountId: '111122223333', region: 'us-west-2' },
  { accountId: '444455556666', region: 'us-east-1' },
] as const;
export const MANY_MODELS = [
  'amazon.nova-lite-v1:0:300k',
  'amazon.nova-micro-v1:0:128k',
  'amazon.titan-text-express-v1:0:8k',
  'meta.llama3-1-8b-instruct-v1:0:128k',
] as const;
const TYPES = ['FINE_TUNING', 'DISTILLATION', 'CONTINUED_PRE_TRAINING'] as const;
/** Mostly completed, as histories are; of 100 jobs, and one of a status that nobody knows yet. */
const STATUSES: readonly string[] = [
  ...Array<string>(74).fill('Completed'),
  ...Array<string>(15).fill('Failed'),
  ...Array<string>(8).fill('Stopped'),
  'InProgress',
  'Stopping',
  'Paused',
];

/** When the first of them was created; each next one 13 minutes later. */
export const MANY_SINCE = Date.UTC(2026, 0, 1);
export const MANY_STEP_MS = 13 * MINUTE;

/** Numbers that look random and are the same each time. */
const mixed = (n: number, salt: number): number => ((n + 1) * 2_654_435_761 + salt * 40_503_161) % 4_294_967_296;
const pick = <T>(from: readonly T[], n: number, salt: number): T =>
  from[Math.floor(mixed(n, salt) / 65_536) % from.length] as T;

/** Twelve characters, each number's its own. */
export const manyIdOf = (n: number): string => `j0b${n.toString(36).padStart(9, '0')}`;

/** The n-th of many jobs: its scope, model, type, status, durations, losses and tags are spread by its number. */
export const manyJob = (n: number): LoadedJob => {
  const { accountId, region } = pick(MANY_SCOPES, n, 1);
  const model = pick(MANY_MODELS, n, 2);
  const status = pick(STATUSES, n, 3);
  const created = MANY_SINCE + n * MANY_STEP_MS;
  const ended = ['Completed', 'Failed', 'Stopped'].includes(status)
    ? created + (30 + (mixed(n, 4) % 600)) * MINUTE
    : undefined;
  const arn = `arn:aws:bedrock:${region}:${accountId}`;
  const id = manyIdOf(n);
  const completed = status === 'Completed' && {
    outputModelArn: `${arn}:custom-model/${model}/${id}`,
    trainingMetrics: { trainingLoss: n % 50 === 0 ? 'NaN' : (mixed(n, 5) % 2_000) / 1_000 },
    validationMetrics: n % 3 === 0 ? [{ validationLoss: (mixed(n, 6) % 900) / 1_000 }, { validationLoss: 1.5 }] : [],
  };
  return {
    job: {
      jobArn: `${arn}:model-customization-job/${model}/${id}`,
      jobName: `${pick(['triage', 'summaries', 'translate'], n, 7)}-${n}`,
      outputModelName: `model-${n}`,
      roleArn: `arn:aws:iam::${accountId}:role/BedrockCustomizationRole`,
      baseModelArn: `arn:aws:bedrock:${region}::foundation-model/${model}`,
      // Bedrock gives none for some jobs.
      ...(n % 97 !== 0 && { customizationType: pick(TYPES, n, 8) }),
      status,
      creationTime: new Date(created).toISOString(),
      lastModifiedTime: new Date((ended ?? created) + MINUTE).toISOString(),
      ...(ended !== undefined && { endTime: new Date(ended).toISOString() }),
      ...(status === 'Failed' && { failureMessage: 'The training data has lines that are no JSON.' }),
      trainingDataConfig: { s3Uri: `s3://acme-training/${n % 40}.jsonl` },
      outputDataConfig: { s3Uri: 's3://acme-output/' },
      hyperParameters: { epochCount: '2', learningRate: '1.0E-5' },
      ...completed,
    },
    tags: n % 2 === 0 ? { team: n % 4 === 0 ? 'search' : 'ads', 'cost center': String(n % 7) } : {},
  };
};

/** Bedrock does not know some of them any more, and the scope of others is not tracked: neither is active. */
export const withMarks = (record: JobRecord, n: number): JobRecord => {
  const { active_scope: _scope, ...rest } = record;
  if (n % 101 === 0) return { ...rest, missing_since: '2026-06-01T00:00:00.000Z' };
  if (n % 103 === 0) return { ...rest, untracked_since: '2026-06-01T00:00:00.000Z' };
  return record;
};

const BATCH_SIZE = 25;
const FETCHED_AT = '2025-01-01T00:00:00.000Z';

/** The record that a backfill writes of a job, by the same rules. */
export const recordOf = ({ job, tags = {} }: LoadedJob): JobRecord => {
  const decision = advance(
    undefined,
    normalize(withDates(job) as BedrockAnswer, {
      scope: parseJobArn(job.jobArn) ?? SCOPE,
      jobIdentifier: job.jobArn,
      tags,
      fetchedAt: FETCHED_AT,
      via: 'backfill',
    }),
  );
  if (!('record' in decision)) throw new Error(`No record of ${job.jobArn}`);
  return decision.record;
};

/**
 * Writes the records that a backfill would have written, by the same rules (`normalize` and `advance`) but in batches:
 * looking at ten thousand jobs one by one would take the embedded table a minute. Answers what it wrote, which `change`
 * may give what no backfill does.
 */
export const loadTable = async (
  { client, jobsTable }: Pick<EmbeddedTables, 'client' | 'jobsTable'>,
  jobs: readonly LoadedJob[],
  change: (record: JobRecord, number: number) => JobRecord = (record) => record,
): Promise<readonly JobRecord[]> => {
  const records = jobs.map((job, number) => change(recordOf(job), number));
  const batches = Array.from({ length: Math.ceil(records.length / BATCH_SIZE) }, (_, number) =>
    records.slice(number * BATCH_SIZE, (number + 1) * BATCH_SIZE),
  );
  await pMap(
    batches,
    async (batch) => {
      const requests = batch.map((record) => ({ PutRequest: { Item: { ...record } } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [jobsTable]: requests } }));
    },
    { concurrency: 8 },
  );
  return records;
};
