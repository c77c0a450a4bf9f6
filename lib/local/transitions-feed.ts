import type { JobsClient, JobSummary } from '../client/requests.ts';
import { compareText } from '../domain/text.ts';
import { repeat, type Repetition } from './repeat.ts';

const LOOK_EVERY_MS = 1_000;
const NEWEST = 50;

const line = (job: JobSummary, from: string | undefined): string =>
  [
    new Date().toISOString().slice(11, 19),
    (job.job_name ?? job.job_arn).padEnd(28),
    `${from ?? 'new'} → ${job.status ?? 'unknown'}${job.missing_since === undefined ? '' : ' (missing in Bedrock)'}`,
    ...(job.failure_message === undefined ? [] : [`– ${job.failure_message}`]),
  ].join('  ');

const stateOf = (job: JobSummary): string => `${job.status ?? 'unknown'}${job.missing_since ?? ''}`;

/**
 * The jobs that changed last and those created last, oldest change first. What changed last shows a transition of a job
 * however old it is; what was created last also shows marks of the tracker's own, which do not move a job's time.
 */
const latest = async (jobs: JobsClient): Promise<readonly JobSummary[]> => {
  const pages = await Promise.all([
    jobs.listJobs({ sortBy: 'last_modified_time', limit: NEWEST }),
    jobs.listJobs({ limit: NEWEST }),
  ]);
  const byArn = new Map(pages.flatMap((page) => page.jobs).map((job) => [job.job_arn, job]));
  const changed = (job: JobSummary) => job.last_modified_time ?? job.creation_time ?? '';
  return [...byArn.values()].sort((a, b) => compareText(changed(a), changed(b)));
};

/** Prints each change of status that comes to the table, as a reader of the table sees it. */
export const followTransitions = (jobs: JobsClient, print: (line: string) => void): Repetition => {
  const seen = new Map<string, { state: string; status: string | undefined }>();
  let first = true;
  return repeat(LOOK_EVERY_MS, async () => {
    // A look that fails shows nothing; the next one, a second later, shows what it missed.
    const changed = await latest(jobs).catch(() => undefined);
    if (changed === undefined) return;
    for (const job of changed) {
      const before = seen.get(job.job_arn);
      if (before?.state === stateOf(job)) continue;
      seen.set(job.job_arn, { state: stateOf(job), status: job.status });
      if (!first) print(line(job, before?.status));
    }
    first = false;
  });
};
