// A function as a service has it, to be bundled.
import { createJobsClient } from 'bedrock-job-tracker-client';

const jobs = createJobsClient();

export const handler = async ({ jobArn }) => (await jobs.getJob(jobArn)).job;
