import type { JobsClient, ReadCost } from '../../../lib/client/requests.ts';
import {
  MANY_MODELS,
  MANY_SCOPES,
  MANY_SINCE,
  MANY_STEP_MS,
  manyJob,
} from '../../../test/support/integration/many-jobs.ts';
import { DAY } from '../../../lib/domain/time.ts';

const [EAST] = MANY_SCOPES;
const [NOVA] = MANY_MODELS;

export interface Pattern {
  readonly name: string;
  readonly index: string;
  /** The size of the table says where its newest jobs are. */
  readonly read: (client: JobsClient, size: number) => Promise<ReadCost>;
}

/** When the newest of so many jobs was created. */
const newestOf = (size: number): number => MANY_SINCE + size * MANY_STEP_MS;
const daysBefore = (size: number, days: number): Date => new Date(newestOf(size) - days * DAY);

/** A completed job in the middle of the history: neither the newest nor the oldest is what people look up. */
const completedJob = (size: number) => {
  for (let n = Math.floor(size / 2); n < size; n += 1) {
    const { job } = manyJob(n);
    if (job.outputModelArn !== undefined && n % 101 !== 0 && n % 103 !== 0) return { ...job, made: job.outputModelArn };
  }
  throw new Error(`None of ${size} jobs is completed.`);
};

/** What docs/querying.md lists. A page is 100 jobs. */
export const PATTERNS: readonly Pattern[] = [
  { name: 'a job by ARN', index: 'table', read: (client, size) => client.getJob(completedJob(size).jobArn) },
  { name: 'a job by name', index: 'by-name', read: (client, size) => client.getJob(completedJob(size).jobName) },
  {
    name: 'a job by id',
    index: 'by-job-id',
    read: (client, size) => client.getJob(completedJob(size).jobArn.split('/').at(-1) ?? ''),
  },
  {
    name: 'the job that made a model',
    index: 'by-output-model',
    read: (client, size) => client.jobThatMade(completedJob(size).made),
  },
  {
    name: 'newest jobs of one scope',
    index: 'by-scope',
    read: (client) => client.listJobs({ account: EAST.accountId, region: EAST.region }),
  },
  { name: 'newest jobs of three scopes', index: 'by-scope', read: (client) => client.listJobs({}) },
  {
    name: 'jobs of one week, a year ago',
    index: 'by-scope',
    read: (client, size) =>
      client.listJobs({
        createdAfter: new Date(Math.max(MANY_SINCE, newestOf(size) - 365 * DAY)),
        createdBefore: new Date(Math.max(MANY_SINCE, newestOf(size) - 365 * DAY) + 7 * DAY),
      }),
  },
  { name: 'active jobs', index: 'active', read: (client) => client.listJobs({ active: true }) },
  { name: 'failed jobs', index: 'by-status', read: (client) => client.listJobs({ status: 'Failed' }) },
  {
    name: 'jobs changed in the last day',
    index: 'by-status',
    read: (client, size) => client.listJobs({ modifiedAfter: daysBefore(size, 1) }),
  },
  { name: 'jobs of a base model', index: 'by-base-model', read: (client) => client.listJobs({ baseModel: NOVA }) },
  {
    name: 'failed jobs with a tag',
    index: 'by-status',
    read: (client) => client.listJobs({ status: 'Failed', tag: { key: 'team', value: 'ads' } }),
  },
  {
    name: 'a part of a name that no job has',
    index: 'by-scope',
    read: (client) => client.listJobs({ nameContains: 'no job is called this' }),
  },
  {
    name: 'sums over 7 days',
    index: 'by-scope',
    // The newest of many jobs are of the future.
    read: (client, size) => client.summarize({ createdAfter: daysBefore(size, 7), createdBefore: daysBefore(size, 0) }),
  },
];
