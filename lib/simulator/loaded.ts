import type { JobAnswer } from './answers.ts';
import type { NewJob } from './jobs.ts';
import { parseArn } from './scope.ts';

/** A job to put in as it is: Get's answer as JSON, with its tags. */
export interface LoadedJob {
  readonly job: JobAnswer;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the simulator knows of one job at a time. */
export interface Truth {
  readonly job: JobAnswer;
  readonly tags: Readonly<Record<string, string>>;
}

/** Throws a TypeError for a job that no list could hold. */
export const toNewJob = ({ job, tags = {} }: LoadedJob): NewJob => {
  const scope = parseArn(job.jobArn);
  const createdAt = Date.parse(job.creationTime);
  if (!scope) throw new TypeError(`${job.jobArn} is not the ARN of a Bedrock job.`);
  if (Number.isNaN(createdAt)) throw new TypeError(`The creationTime of ${job.jobArn} is not a timestamp.`);
  return {
    scope: { accountId: scope.accountId, region: scope.region },
    createdAt,
    given: job,
    tags: new Map(Object.entries(tags)),
  };
};

export const truthOf = (job: JobAnswer, tags: ReadonlyMap<string, string>): Truth => ({
  job,
  tags: Object.fromEntries(tags),
});
