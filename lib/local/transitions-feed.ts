import type { JobsClient, JobSummary } from '../client/jobs-client.ts';
import type { Scope } from '../domain/scope.ts';
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

/** Prints each change of status that comes to the table, as a reader of the table sees it. */
export const followTransitions = (
  jobs: JobsClient,
  scopes: readonly Scope[],
  print: (line: string) => void,
): Repetition => {
  const seen = new Map<string, { state: string; status: string | undefined }>();
  let first = true;
  return repeat(LOOK_EVERY_MS, async () => {
    const pages = await Promise.all(
      // A look that fails shows nothing; the next one, a second later, shows what it missed.
      scopes.map((scope) => jobs.listJobs({ scope, limit: NEWEST }).catch(() => ({ jobs: [] }))),
    );
    for (const job of pages.flatMap((page) => [...page.jobs].reverse())) {
      const before = seen.get(job.job_arn);
      if (before?.state === stateOf(job)) continue;
      seen.set(job.job_arn, { state: stateOf(job), status: job.status });
      if (!first) print(line(job, before?.status));
    }
    first = false;
  });
};
