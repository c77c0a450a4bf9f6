import { isTerminal, type JobRecord, SUB_TASKS } from './record.ts';
import { formatDuration, HOUR } from './time.ts';

/** How long jobs of one base model and type usually take, in milliseconds. */
export interface UsualDuration {
  readonly p50: number;
  readonly p95: number;
}

/** Fewer completed jobs do not tell what is usual. */
export const LEAST_FOR_USUAL = 5;

/** The usual duration, where enough jobs of one base model and type completed. */
export const usualOf = (
  durations: (UsualDuration & { readonly count: number }) | undefined,
): UsualDuration | undefined =>
  durations === undefined || durations.count < LEAST_FOR_USUAL ? undefined : { p50: durations.p50, p95: durations.p95 };

/** A running job's time beside the usual duration, as shares of one scale. */
export interface Pace {
  /** Each 0 to 1. */
  readonly elapsed: number;
  readonly p50: number;
  readonly p95: number;
  readonly verdict: 'usual' | 'long' | 'unusual';
  readonly text: string;
}

/** Space after the last mark, so that reaching it does not look like the end. */
const BEYOND = 1.12;

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Compares a running job's time with completed jobs of its base model and type. */
export const paceOf = (elapsed: number, { p50, p95 }: UsualDuration): Pace => {
  const scale = Math.max(elapsed, p95, p50, 1) * BEYOND;
  const verdict = elapsed > p95 ? 'unusual' : elapsed > p50 ? 'long' : 'usual';
  const usual = `usually ${formatDuration(p50)}, 95 % within ${formatDuration(p95)}`;
  const text = verdict === 'unusual' ? `Longer than usual: ${usual}` : sentence(usual);
  return { elapsed: elapsed / scale, p50: p50 / scale, p95: p95 / scale, verdict, text };
};

/**
 * After so long without a running phase a job counts as stalled. Phases of jobs that were observed follow each other
 * within a minute. But jobs have also been seen InProgress for days while their training was NotStarted, and Bedrock
 * documents no limit: https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-monitor.html
 */
const STALLED_AFTER_MS = 2 * HOUR;

type PhasedJob = Pick<JobRecord, 'status' | 'status_details' | 'missing_since' | 'untracked_since'>;

/**
 * When the last phase before the training ended (ms since 1970), of a job that is stalled: it is in progress, its
 * validation completed, and its training has not started hours later. Undefined for any other job.
 */
export const stalledSince = (job: PhasedJob, now: number): number | undefined => {
  const { status, status_details: details = {} } = job;
  const isFollowed = job.missing_since === undefined && job.untracked_since === undefined;
  if (status !== 'InProgress' || !isFollowed) return undefined;
  const phases = SUB_TASKS.map((task) => details[`${task}_details`]);
  const isBetween =
    details.validation_details?.status === 'Completed' && details.training_details?.status === 'NotStarted';
  if (!isBetween || phases.some((phase) => phase?.status === 'InProgress')) return undefined;
  const ends = phases.flatMap((phase) =>
    phase !== undefined && isTerminal(phase) ? [Date.parse(phase.last_modified_time ?? '')] : [],
  );
  const since = Math.max(...ends);
  return now - since >= STALLED_AFTER_MS ? since : undefined;
};

/** "Training has not started 5 h 2 min after the phase before it ended."; undefined for a job that is not stalled. */
export const describeStall = (job: PhasedJob, now: number): string | undefined => {
  const since = stalledSince(job, now);
  return since === undefined
    ? undefined
    : `Training has not started ${formatDuration(now - since)} after the phase before it ended.`;
};
