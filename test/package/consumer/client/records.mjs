// Prints what the client says about the jobs of a table that an older release has written.
import { createJobsClient } from 'bedrock-job-tracker-client';

const jobs = createJobsClient();
const listed = await jobs.listJobs({ order: 'oldest' });
const answers = await Promise.all(listed.jobs.map(({ job_name }) => jobs.getJob(job_name)));
const { transitions } = await jobs.transitions(listed.jobs[0].job_arn);
const { byStatus } = await jobs.summarize({
  createdAfter: '2026-11-01T00:00:00Z',
  createdBefore: '2026-12-01T00:00:00Z',
});
const { job } = await jobs.waitForJob(listed.jobs[0].job_arn);
console.log(JSON.stringify({ records: answers.map(({ job }) => job), transitions, byStatus, waited: job.status }));
