/** The function of the service: reads a job by the client, which finds the table by the function's variables. */
import { createJobsClient } from '../../../lib/client/index.ts';

const jobs = createJobsClient();

export const handler = async ({ jobArn }: { jobArn: string }) => {
  const { job } = await jobs.getJob(jobArn);
  const { jobs: running } = await jobs.listJobs({ status: 'InProgress' });
  return { status: job?.status, running: running.map(({ job_arn }) => job_arn) };
};
