import {
  advanceAll,
  advanceListed,
  advanceMissing,
  advanceUntracked,
  changedStatus,
  type Advance,
} from '../domain/advance.ts';
import { canonicalJson } from '../domain/text.ts';
import { showsLastingDifference, isListedAsBefore, formatListing, type ListedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import { formatScope, jobIdOf, parseJobArn, type Scope } from '../domain/identity.ts';
import { normalize, storedTags } from '../domain/normalize.ts';
import type { JobRecord, JobSnapshot, ObservedVia } from '../domain/record.ts';
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
  /** The id of the job that is meant, where it is asked for by name and its id is known. */
  readonly jobId?: string | undefined;
  readonly via: Exclude<ObservedVia, 'backfill'>;
  /** When the job's scope was first swept, ISO-8601 UTC: a sweep backfills the jobs that were there before. */
  readonly firstSweptAt?: string | undefined;
  /** How Bedrock lists the job: where a look at it listed so has changed nothing before, it is not asked again. */
  readonly listed?: ListedJob | undefined;
  /** Tags of a job that is not looked at are compared where it was modified since, ISO-8601 UTC; absent: never. */
  readonly tagsSince?: string | undefined;
}

export interface TrackedOutcome {
  readonly jobArn: string;
  /** `known` where Bedrock lists the job as it did when a look changed nothing, so that none was made. */
  readonly outcome: Advance['outcome'] | 'known';
  readonly status: string | undefined;
  /** As what the look was recorded. */
  readonly via: ObservedVia;
  /** True where this write was the first to carry the job's present status. */
  readonly statusChanged: boolean;
}

/** Each attempt lost means that another writer succeeded, so a few suffice for any real number of writers. */
const MAX_WRITE_ATTEMPTS = 10;

interface Look {
  readonly bedrock: BedrockJobs;
  readonly request: TrackJobRequest;
  readonly clock: Clock;
}

/** No event was missed of a job that was there before its scope was first swept, as long as nothing is known of it. */
const viaOf = (
  { via, firstSweptAt = '' }: TrackJobRequest,
  previous: JobRecord | undefined,
  { creation_time }: JobSnapshot,
): ObservedVia =>
  via === 'sweep' && previous === undefined && creation_time !== undefined && creation_time < firstSweptAt
    ? 'backfill'
    : via;

const refuseNamesake = ({ jobId, jobIdentifier, scope }: TrackJobRequest, jobArn: unknown): void => {
  if (jobId === undefined || typeof jobArn !== 'string' || jobIdOf(jobArn) === jobId) return;
  throw new TrackerError(
    'ANOTHER_JOB',
    `The event is about job ${jobId} in ${formatScope(scope)}, and Bedrock answers to its name "${jobIdentifier}" with ${jobArn}. ` +
      'The next sweep tracks the job by its ARN.',
  );
};

/** Gets the job and its tags side by side; by name the tags must wait for the ARN in the answer. */
const lookAt = async ({ bedrock, request, clock }: Look, jobIdentifier: string): Promise<JobSnapshot> => {
  // Before the answers: what they say is at least as new as this, however long they take.
  const fetchedAt = clock().toISOString();
  const { scope, via } = request;
  if (parseJobArn(jobIdentifier)) {
    const [job, tags] = await Promise.allSettled([bedrock.getJob(jobIdentifier), bedrock.listTags(jobIdentifier)]);
    // What Get says about a job that is not there counts, whichever answer came first.
    if (job.status === 'rejected') throw job.reason;
    if (tags.status === 'rejected') throw tags.reason;
    return normalize(job.value, { scope, jobIdentifier, tags: tags.value, fetchedAt, via });
  }
  const answer = await bedrock.getJob(jobIdentifier);
  const { jobArn } = answer;
  refuseNamesake(request, jobArn);
  const tags = typeof jobArn === 'string' ? await bedrock.listTags(jobArn) : {};
  return normalize(answer, { scope, jobIdentifier, tags, fetchedAt, via });
};

const contention = (jobArn: string): TrackerError =>
  new TrackerError(
    'WRITE_CONTENTION',
    `The record of ${jobArn} was written by others ${MAX_WRITE_ATTEMPTS} times in a row; the next delivery or sweep tries again.`,
  );

/** Whether nothing is to be learned from a look: the job is listed as it was when one changed nothing, and has its tags. */
const isKnown = async (
  bedrock: BedrockJobs,
  { listed, tagsSince }: TrackJobRequest,
  record: JobRecord | undefined,
): Promise<boolean> => {
  if (listed === undefined || record === undefined || !isListedAsBefore(record, listed)) return false;
  const { job_arn, tags, last_modified_time, creation_time = '' } = record;
  const areTagsDue = tagsSince !== undefined && (last_modified_time ?? creation_time) >= tagsSince;
  return !areTagsDue || canonicalJson(storedTags(await bedrock.listTags(job_arn))) === canonicalJson(tags);
};

/** What was decided, or where that is nothing what is learned of the list: it tells the job otherwise than Get. */
const rememberListing = (decision: Advance, previous: JobRecord | undefined, { listed }: TrackJobRequest, at: Date) =>
  decision.outcome === 'unchanged' && previous !== undefined && listed && showsLastingDifference(previous, listed, at)
    ? advanceListed(previous, formatListing(listed))
    : decision;

type Written = Omit<TrackedOutcome, 'via'>;

/** Writes what was decided. Undefined means that another writer was faster. */
const write = async (
  jobs: JobStore,
  jobArn: string,
  previous: JobRecord | undefined,
  decision: Advance,
): Promise<Written | undefined> => {
  if (!('record' in decision)) {
    return { jobArn, outcome: decision.outcome, status: previous?.status, statusChanged: false };
  }
  const { record, outcome } = decision;
  if ((await jobs.put(record)) === 'conflict') return undefined;
  return { jobArn, outcome, status: record.status, statusChanged: changedStatus(previous, record) };
};

/**
 * Looks at one job in Bedrock and brings its record up to date: the one way by which Bedrock's word is written.
 *
 * The record is read before Bedrock is asked, so a write that succeeds says something newer than what it replaces, even
 * where last_modified_time does not tell (tags change without it). Where another writer was faster, Bedrock is asked
 * again, and what was seen before still adds to the transitions.
 *
 * Where a sweep knows already that the list tells the job otherwise than Get, that is one read, or one more ListTags.
 *
 * Costs GetModelCustomizationJob and ListTagsForResource (side by side where the ARN is known), one consistent read,
 * and a write where something changed. Throws JOB_NOT_FOUND, ANOTHER_JOB, ACCESS_DENIED, INVALID_JOB, SCOPE_NOT_TRACKED,
 * RECORD_TOO_LARGE or WRITE_CONTENTION, and what the AWS SDK throws after its retries; nothing partial is written.
 */
export const trackJob = async (
  { bedrockOf, jobs, clock }: TrackingDependencies,
  request: TrackJobRequest,
): Promise<TrackedOutcome> => {
  const look: Look = { bedrock: bedrockOf(request.scope), request, clock };
  const snapshots: JobSnapshot[] = [];
  let jobArn = parseJobArn(request.jobIdentifier) && request.jobIdentifier;
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const before = jobArn === undefined ? undefined : await jobs.get(jobArn);
    if (jobArn !== undefined && (await isKnown(look.bedrock, request, before))) {
      return { jobArn, outcome: 'known', status: before?.status, via: request.via, statusChanged: false };
    }
    const snapshot = await lookAt(look, jobArn ?? request.jobIdentifier);
    snapshots.push(snapshot);
    // By name the record is known only now; a writer in between shows by its later fetched_at.
    const previous = jobArn === snapshot.job_arn ? before : await jobs.get(snapshot.job_arn);
    jobArn = snapshot.job_arn;
    const via = viaOf(request, previous, snapshot);
    const seen = snapshots.map((one) => ({ ...one, observed_via: via }));
    const decision = advanceAll(previous, seen);
    const written = await write(jobs, jobArn, previous, rememberListing(decision, previous, request, clock()));
    if (written !== undefined) return { ...written, outcome: decision.outcome, via };
  }
  throw contention(jobArn ?? request.jobIdentifier);
};

/** Marks a record without a look at its job. One read, and a write where the mark is news. */
const markJob = async (jobs: JobStore, jobArn: string, mark: (previous: JobRecord) => Advance): Promise<Written> => {
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const previous = await jobs.get(jobArn);
    const decision = previous === undefined ? ({ outcome: 'stale' } as const) : mark(previous);
    const outcome = await write(jobs, jobArn, previous, decision);
    if (outcome !== undefined) return outcome;
  }
  throw contention(jobArn);
};

/** Marks the record of a job that Bedrock said at `observedAt` it does not know. One read, and a write where it is news. */
export const trackMissingJob = (
  { jobs }: Pick<TrackingDependencies, 'jobs'>,
  jobArn: string,
  observedAt: string,
): Promise<Written> => markJob(jobs, jobArn, (previous) => advanceMissing(previous, observedAt));

/** Marks the record of a job whose scope is not tracked at a time. One read, and a write where it is news. */
export const releaseJob = (
  { jobs }: Pick<TrackingDependencies, 'jobs'>,
  jobArn: string,
  at: string,
): Promise<Written> => markJob(jobs, jobArn, (previous) => advanceUntracked(previous, at));
