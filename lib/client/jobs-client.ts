import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readSource } from './environment.ts';
import { findJob, findJobThatMade } from './find-job.ts';
import { iterateAll, listPage, type Kind } from './list/pages.ts';
import { planList } from './list/plan.ts';
import { toSummary } from './list/read.ts';
import { parseListRequest } from './list/validate.ts';
import type {
  GetJobOptions,
  JobsClient,
  JobsClientOptions,
  JobSummary,
  ListJobsRequest,
  SummarizeRequest,
  Summary,
} from './requests.ts';
import { createSums, windowOf } from './summarize.ts';
import { timeOf, waitForJob } from './wait-for-job.ts';

const JOBS: Kind<ListJobsRequest, JobSummary> = { parse: parseListRequest, plan: planList, toItem: toSummary };

/**
 * Creates a reader of the jobs table. In a function with `grantReadJobs` it needs no arguments.
 *
 * @param client the caller's document client, with its Region, endpoint and credentials; by default the SDK's settings
 * @throws TrackerError BAD_CONFIGURATION if no table is named
 */
export const createJobsClient = (
  client: DynamoDBDocumentClient = DynamoDBDocumentClient.from(new DynamoDBClient({})),
  options: JobsClientOptions = {},
): JobsClient => {
  const source = readSource(options);
  const clock = options.clock ?? Date.now;
  const getJob = (text: string, how?: GetJobOptions) => findJob(client, source, text, how);

  const summarize = async (request: SummarizeRequest = {}): Promise<Summary> => {
    const { window, jobs } = windowOf(request, clock());
    const sums = createSums(window);
    const all = iterateAll(client, source, JOBS, jobs);
    for (;;) {
      const { value, done } = await all.next();
      if (done === true) return sums.summary(value);
      sums.add(value);
    }
  };

  return {
    getJob,
    async listJobs(request = {}) {
      const { items, ...page } = await listPage(client, source, JOBS, request);
      return { jobs: items, ...page };
    },
    iterateJobs: (request = {}) => iterateAll(client, source, JOBS, request),
    jobThatMade: (outputModelArn) => findJobThatMade(client, source, outputModelArn),
    async transitions(text, how) {
      const { job, ...cost } = await getJob(text, how);
      return { transitions: job?.transitions, folded: job?.transitions_folded ?? 0, ...cost };
    },
    waitForJob: (text, how = {}) => waitForJob(client, source, text, how, timeOf(clock)),
    summarize,
  };
};
