// A service that reads, as an ES module in TypeScript.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createJobsClient, hasCode, type JobRecord, type JobsPage } from 'bedrock-job-tracker/client';

const jobs = createJobsClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), 'jobs');
const scope = { accountId: '111122223333', region: 'us-east-1' };
export const read = (jobArn: string): Promise<JobRecord | undefined> => jobs.getJob(jobArn);
const page: JobsPage | string = await jobs
  .listJobs({ scope, cursor: 'nonsense' })
  .catch((error: unknown) => (hasCode(error, 'BAD_CURSOR') ? error.code : 'another error'));
console.log(typeof page === 'string' ? page : page.jobs.length);
