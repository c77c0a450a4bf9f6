// A service that reads, as an ES module in TypeScript.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createJobsClient, hasCode, type JobAnswer, type JobsPage } from 'bedrock-job-tracker-client';

const jobs = createJobsClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), {
  tableName: 'jobs',
});
const place = { account: '111122223333', region: 'us-east-1' };
export const read = (jobArn: string): Promise<JobAnswer> => jobs.getJob(jobArn);
const page: JobsPage | string = await jobs
  .listJobs({ ...place, cursor: 'nonsense' })
  .catch((error: unknown) => (hasCode(error, 'BAD_CURSOR') ? error.code : 'another error'));
console.log(typeof page === 'string' ? page : page.jobs.length);
