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
  /** The id of the job, if known: a request by name must find this job. */
  readonly jobId?: string | undefined;
  readonly via: Exclude<ObservedVia, 'backfill'>;
  /** When the job's scope was first swept, ISO-8601 UTC: a sweep backfills jobs created before. */
  readonly firstSweptAt?: string | undefined;
  /** How Bedrock lists the job: no look is made if an earlier one, listed the same, changed nothing. */
  readonly listed?: ListedJob | undefined;
  /** Without a look, compare the tags of a job modified since, ISO-8601 UTC. @default never */
  readonly tagsSince?: string | undefined;
}

export interface TrackedOutcome {
  readonly jobArn: string;
  /** `known`: no look was made, as an earlier one with the same listing changed nothing. */
  readonly outcome: Advance['outcome'] | 'known';
  readonly status: string | undefined;
  readonly via: ObservedVia;
  /** True if this write was the first with the job's current status. */
  readonly statusChanged: boolean;
}

/** Each lost attempt means that another writer succeeded, so a few are enough. */
const MAX_WRITE_ATTEMPTS = 10;

interface Look {
  readonly bedrock: BedrockJobs;
  readonly request: TrackJobRequest;
  readonly clock: Clock;
}

/** A new record of a job that is older than its scope's first sweep is a backfill: no event of it was missed. */
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
    `The event is about job ${jobId} in ${formatScope(scope)}, but Bedrock returns ${jobArn} for its name "${jobIdentifier}". ` +
      'The next sweep tracks the job by its ARN.',
  );
};

/** One look: Get and ListTags in parallel; by name, ListTags needs the ARN from Get's answer. */
const lookAt = async ({ bedrock, request, clock }: Look, jobIdentifier: string): Promise<JobSnapshot> => {
  // Before the calls: the answers are at least as new, however long they take.
  const fetchedAt = clock().toISOString();
  const { scope, via } = request;
  if (parseJobArn(jobIdentifier)) {
    const [job, tags] = await Promise.allSettled([bedrock.getJob(jobIdentifier), bedrock.listTags(jobIdentifier)]);
    // Get's error is the one that counts, whichever call failed first.
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
    `Other writers changed the record of ${jobArn} ${MAX_WRITE_ATTEMPTS} times in a row. The next delivery or sweep tries again.`,
  );

/** Whether a look would change nothing: one with the same listing did not, and the tags are the same. */
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

/** The decision, or, if a look changed nothing, that List and Get differ for this job. */
const rememberListing = (decision: Advance, previous: JobRecord | undefined, { listed }: TrackJobRequest, at: Date) =>
  decision.outcome === 'unchanged' && previous !== undefined && listed && showsLastingDifference(previous, listed, at)
    ? advanceListed(previous, formatListing(listed))
    : decision;

type Written = Omit<TrackedOutcome, 'via'>;

/** Undefined: another writer was faster. */
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
 * Looks at one job in Bedrock and updates its record: the only way in which Bedrock's answers are written.
 *
 * The record is read before Bedrock is called, so a successful write is newer than what it replaces, even if
 * last_modified_time does not show it (tags change without it). After a lost race it looks again, and the earlier looks
 * still add their transitions.
 *
 * Costs Get, ListTags, one consistent read, and a write if something changed; one read, and perhaps a ListTags, if a
 * sweep knows that List and Get differ for this job. Throws JOB_NOT_FOUND, ANOTHER_JOB, ACCESS_DENIED, INVALID_JOB,
 * SCOPE_NOT_TRACKED, RECORD_TOO_LARGE, WRITE_CONTENTION, or the SDK's error after its retries.
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
    // By name, the record can only be read now; a later fetched_at shows a writer in between.
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

/** Marks a record without a look. One read, and a write if the mark is new. */
const markJob = async (jobs: JobStore, jobArn: string, mark: (previous: JobRecord) => Advance): Promise<Written> => {
  for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt += 1) {
    const previous = await jobs.get(jobArn);
    const decision = previous === undefined ? ({ outcome: 'stale' } as const) : mark(previous);
    const outcome = await write(jobs, jobArn, previous, decision);
    if (outcome !== undefined) return outcome;
  }
  throw contention(jobArn);
};

/** Marks the record of a job that Bedrock did not know at `observedAt`. One read, and a write if the mark is new. */
export const trackMissingJob = (
  { jobs }: Pick<TrackingDependencies, 'jobs'>,
  jobArn: string,
  observedAt: string,
): Promise<Written> => markJob(jobs, jobArn, (previous) => advanceMissing(previous, observedAt));

/** Marks the record of a job whose scope is not tracked. One read, and a write if the mark is new. */
export const releaseJob = (
  { jobs }: Pick<TrackingDependencies, 'jobs'>,
  jobArn: string,
  at: string,
): Promise<Written> => markJob(jobs, jobArn, (previous) => advanceUntracked(previous, at));
