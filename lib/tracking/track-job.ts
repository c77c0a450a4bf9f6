import { TrackerError } from '../domain/errors.ts';
import { formatScope, jobIdOf, parseJobArn, type Scope } from '../domain/identity.ts';
import { JOBS } from '../domain/job-kind.ts';
import { normalize } from '../domain/normalize.ts';
import type { JobSnapshot } from '../domain/record.ts';
import type { BedrockOf, Clock, JobStore } from './ports.ts';
import { track, type TrackedOutcome, type Tracker, type TrackRequest } from './track.ts';

export type { TrackedOutcome };

export interface TrackingDependencies {
  readonly bedrockOf: BedrockOf;
  readonly jobs: JobStore;
  readonly clock: Clock;
}

export interface TrackJobRequest extends Omit<TrackRequest, 'identifier' | 'id'> {
  readonly scope: Scope;
  /** A full job ARN or a job name. */
  readonly jobIdentifier: string;
  readonly jobId?: string | undefined;
}

const refuseNamesake = (scope: Scope, { id, identifier }: TrackRequest, jobArn: unknown): void => {
  if (id === undefined || typeof jobArn !== 'string' || jobIdOf(jobArn) === id) return;
  throw new TrackerError(
    'ANOTHER_JOB',
    `The event is about job ${id} in ${formatScope(scope)}, but Bedrock returns ${jobArn} for its name "${identifier}". ` +
      'The next sweep tracks the job by its ARN.',
  );
};

/** One look: Get and ListTags in parallel; by name, ListTags needs the ARN from Get's answer. */
const lookAt = async (
  { bedrockOf, clock }: Omit<TrackingDependencies, 'jobs'>,
  scope: Scope,
  request: TrackRequest,
): Promise<JobSnapshot> => {
  const bedrock = bedrockOf(scope);
  // Before the calls: the answers are at least as new, however long they take.
  const fetchedAt = clock().toISOString();
  const { identifier: jobIdentifier, via } = request;
  if (parseJobArn(jobIdentifier)) {
    const [job, tags] = await Promise.allSettled([bedrock.getJob(jobIdentifier), bedrock.listTags(jobIdentifier)]);
    // Get's error is the one that counts, whichever call failed first.
    if (job.status === 'rejected') throw job.reason;
    if (tags.status === 'rejected') throw tags.reason;
    return normalize(job.value, { scope, jobIdentifier, tags: tags.value, fetchedAt, via });
  }
  const answer = await bedrock.getJob(jobIdentifier);
  const { jobArn } = answer;
  refuseNamesake(scope, request, jobArn);
  const tags = typeof jobArn === 'string' ? await bedrock.listTags(jobArn) : {};
  return normalize(answer, { scope, jobIdentifier, tags, fetchedAt, via });
};

export const jobTracker = ({ bedrockOf, jobs, clock }: TrackingDependencies, scope: Scope): Tracker => ({
  kind: JOBS,
  scope,
  store: jobs,
  clock,
  isArn: (identifier) => parseJobArn(identifier) !== undefined,
  listTags: (arn) => bedrockOf(scope).listTags(arn),
  look: (request) => lookAt({ bedrockOf, clock }, scope, request),
  list: () => ({ listed: (query) => bedrockOf(scope).listJobs(query) }),
});

/**
 * Looks at one job and updates its record. Throws JOB_NOT_FOUND, ANOTHER_JOB, ACCESS_DENIED, INVALID_JOB, and what `track`
 * throws.
 */
export const trackJob = (
  deps: TrackingDependencies,
  { scope, jobIdentifier: identifier, jobId: id, ...request }: TrackJobRequest,
): Promise<TrackedOutcome> => track(jobTracker(deps, scope), { ...request, identifier, id });
