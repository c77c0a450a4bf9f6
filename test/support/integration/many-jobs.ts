import type { JobRecord } from '../../../lib/domain/record.ts';
import type { LoadedJob } from '../../../lib/simulator/index.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

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
