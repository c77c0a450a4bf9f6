import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readSource } from './environment.ts';
import { findJob, findJobThatMade } from './find-job.ts';
import { iterateAll, listPage } from './list/list-jobs.ts';
import type { GetJobOptions, JobsClient, JobsClientOptions, SummarizeRequest, Summary } from './requests.ts';
import { createSums, windowOf } from './summarize.ts';
import { timeOf, waitForJob } from './wait-for-job.ts';

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
  const { tableName } = source;
  const clock = options.clock ?? Date.now;
  const getJob = (text: string, how?: GetJobOptions) => findJob(client, tableName, text, how);

  const summarize = async (request: SummarizeRequest = {}): Promise<Summary> => {
    const { window, jobs } = windowOf(request, clock());
    const sums = createSums(window);
    const all = iterateAll(client, source, jobs);
    for (;;) {
      const { value, done } = await all.next();
      if (done === true) return sums.summary(value);
      sums.add(value);
    }
  };

  return {
    getJob,
    listJobs: (request = {}) => listPage(client, source, request),
    iterateJobs: (request = {}) => iterateAll(client, source, request),
    jobThatMade: (outputModelArn) => findJobThatMade(client, tableName, outputModelArn),
    async transitions(text, how) {
      const { job, ...cost } = await getJob(text, how);
      return { transitions: job?.transitions, folded: job?.transitions_folded ?? 0, ...cost };
    },
    waitForJob: (text, how = {}) => waitForJob(client, tableName, text, how, timeOf(clock)),
    summarize,
  };
};
