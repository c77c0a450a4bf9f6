import { advance, advanceMissing, changedStatus, type Advance } from '../domain/advance.ts';
import { TrackerError } from '../domain/errors.ts';
import { parseJobArn } from '../domain/job-arn.ts';
import { normalize } from '../domain/normalize.ts';
import type { JobRecord, JobSnapshot, ObservedVia } from '../domain/record.ts';
import type { Scope } from '../domain/scope.ts';
import type { BedrockJobs, BedrockOf, Clock, JobStore } from './ports.ts';

export interface TrackingDependencies {
  readonly bedrockOf: BedrockOf;
  readonly jobs: JobStore;
  readonly clock: Clock;
}

export interface TrackJobRequest {
  readonly scope: Scope;
  /** A full job ARN or a job name. */
  readonly jobIdentifier: string;
  readonly via: ObservedVia;
}

export interface TrackedOutcome {
  readonly jobArn: string;
  readonly outcome: Advance['outcome'];
  readonly status: string | undefined;
  /** True where this write was the first to carry the job's present status. */
  readonly statusChanged: boolean;
}

/** Each attempt lost means that another writer succeeded, so a few suffice for any real number of writers. */
const MAX_WRITE_ATTEMPTS = 10;

/** Gets the job and its tags side by side; by name the tags must wait for the ARN in the answer. */
const look = async (bedrock: BedrockJobs, jobIdentifier: string) => {
  if (parseJobArn(jobIdentifier)) {
    const [answer, tags] = await Promise.all([bedrock.getJob(jobIdentifier), bedrock.listTags(jobIdentifier)]);
    return { answer, tags };
  }
  const answer = await bedrock.getJob(jobIdentifier);
  const { jobArn } = answer;
  return { answer, tags: typeof jobArn === 'string' ? await bedrock.listTags(jobArn) : {} };
};

/** Reads, decides, and writes with compare-and-swap, again from the read on when another writer was faster. */
const writeAdvance = async (
  jobs: JobStore,
  jobArn: string,
  decide: (previous: JobRecord | undefined) => Advance,
): Promise<TrackedOutcome> => {
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const previous = await jobs.get(jobArn);
    const decision = decide(previous);
    if (!('record' in decision)) {
      return { jobArn, outcome: decision.outcome, status: previous?.status, statusChanged: false };
    }
    if ((await jobs.put(decision.record)) === 'written') {
      const { record, outcome } = decision;
      return { jobArn, outcome, status: record.status, statusChanged: changedStatus(previous, record) };
    }
  }
  throw new TrackerError(
    'WRITE_CONTENTION',
    `The record of ${jobArn} was written by others ${String(MAX_WRITE_ATTEMPTS)} times in a row; the next delivery or sweep tries again.`,
  );
};

/**
 * Looks at one job in Bedrock and brings its record up to date: the one way by which records are written.
 * Costs GetModelCustomizationJob and ListTagsForResource (side by side where the ARN is known), one consistent read,
 * and a write where something changed. Throws JOB_NOT_FOUND, ACCESS_DENIED, INVALID_JOB, SCOPE_NOT_TRACKED,
 * RECORD_TOO_LARGE or WRITE_CONTENTION, and what the AWS SDK throws after its retries; nothing partial is written.
 */
export const trackJob = async (
  { bedrockOf, jobs, clock }: TrackingDependencies,
  { scope, jobIdentifier, via }: TrackJobRequest,
): Promise<TrackedOutcome> => {
  const { answer, tags } = await look(bedrockOf(scope), jobIdentifier);
  const fetchedAt = clock().toISOString();
  const snapshot: JobSnapshot = normalize(answer, { scope, jobIdentifier, tags, fetchedAt, via });
  return writeAdvance(jobs, snapshot.job_arn, (previous) => advance(previous, snapshot));
};

/** Marks the record of a job that Bedrock said at `observedAt` it does not know. One read, and a write where it is news. */
export const trackMissingJob = async (
  { jobs }: Pick<TrackingDependencies, 'jobs'>,
  jobArn: string,
  observedAt: string,
): Promise<TrackedOutcome> =>
  writeAdvance(jobs, jobArn, (previous) =>
    previous === undefined ? { outcome: 'stale' } : advanceMissing(previous, observedAt),
  );
