import { TrackerError } from '../../lib/domain/errors.ts';
import type { ListedJob } from '../../lib/domain/drift.ts';
import { catalogFields, type BedrockAnswer } from '../../lib/domain/normalize.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import type { BedrockJobs, BedrockOf } from '../../lib/tracking/ports.ts';
import { jobAnswer, SCOPE } from './fixtures.ts';

/** Bedrock in memory: what it knows, what it was asked, and what it refuses. */
export interface FakeBedrock {
  readonly bedrockOf: BedrockOf;
  /** Answers by job ARN, as the SDK hands them over. */
  readonly answers: Map<string, BedrockAnswer>;
  readonly tags: Map<string, Record<string, string>>;
  /** Calls in the order in which they were made: `GetModelCustomizationJob <identifier>` and so on. */
  readonly calls: string[];
  /** Errors by call, as in `calls`. */
  readonly refusals: Map<string, Error>;
}

const RUNNING = jobAnswer('continued-pre-training-in-progress');

/** A job's full ARN in the scope of the tests, from the last characters of its id. */
export const arnOf = (id: string, { accountId, region }: Scope = SCOPE): string =>
  `arn:aws:bedrock:${region}:${accountId}:model-customization-job/amazon.titan-text-express-v1:0:8k/${id.padStart(12, '0')}`;

/** A running job with an id of its own, created in a minute of 2026-01-01, with some of its answer changed. */
export const runningJob = (id: string, minute = 0, change: Readonly<Record<string, unknown>> = {}): BedrockAnswer => ({
  ...RUNNING,
  jobArn: arnOf(id),
  jobName: `job-${id}`,
  creationTime: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  lastModifiedTime: new Date(Date.UTC(2026, 0, 1, 0, minute, 30)),
  ...change,
});

const COMPARED = ['job_arn', 'status', 'status_details', 'creation_time', 'last_modified_time', 'end_time'];

const listedJob = (answer: BedrockAnswer): ListedJob =>
  Object.fromEntries(
    Object.entries(catalogFields(answer)).filter(([name]) => COMPARED.includes(name)),
  ) as unknown as ListedJob;

export const fakeBedrock = (...jobs: readonly BedrockAnswer[]): FakeBedrock => {
  const answers = new Map(jobs.map((job) => [String(job['jobArn']), job]));
  const tags = new Map<string, Record<string, string>>();
  const calls: string[] = [];
  const refusals = new Map<string, Error>();
  const call = (name: string): void => {
    calls.push(name);
    const refusal = refusals.get(name);
    if (refusal) throw refusal;
  };
  const ofScope = (scope: Scope): BedrockJobs => ({
    getJob: async (jobIdentifier) => {
      call(`GetModelCustomizationJob ${jobIdentifier}`);
      await Promise.resolve();
      const answer =
        answers.get(jobIdentifier) ?? [...answers.values()].find((job) => job['jobName'] === jobIdentifier);
      if (answer) return answer;
      throw new TrackerError('JOB_NOT_FOUND', `Bedrock has no customization job "${jobIdentifier}".`);
    },
    listTags: async (jobArn) => {
      call(`ListTagsForResource ${jobArn}`);
      return Promise.resolve(tags.get(jobArn) ?? {});
    },
    async *listJobs({ status, createdBefore }) {
      call(`ListModelCustomizationJobs ${status ?? 'all'}`);
      const listed = [...answers.values()]
        .filter(({ jobArn }) => String(jobArn).includes(`:${scope.region}:${scope.accountId}:`))
        .map(listedJob)
        .filter((job) => status === undefined || job.status === status)
        .filter((job) => createdBefore === undefined || (job.creation_time ?? '') < createdBefore);
      for (const job of listed.sort((a, b) => (b.creation_time ?? '').localeCompare(a.creation_time ?? ''))) {
        yield await Promise.resolve(job);
      }
    },
  });
  return { bedrockOf: ofScope, answers, tags, calls, refusals };
};
