import { formatDuration, millisecondsBetween } from '../../domain/time.ts';
import { isTerminal, SUB_TASKS, type JobStatus, type StatusDetails } from '../../domain/record.ts';
import { asSentence } from '../../domain/text.ts';
import { visible } from '../output/text.ts';
import { formatTime } from '../output/time.ts';

/** What is said of a job that is followed: a record, or what an index carries of it. */
export interface FollowedJob {
  readonly job_arn: string;
  readonly job_name?: string;
  readonly status?: JobStatus;
  readonly status_details?: StatusDetails;
  readonly failure_message?: string;
  readonly creation_time?: string;
  readonly end_time?: string;
  readonly output_model_arn?: string;
  readonly missing_since?: string;
  readonly untracked_since?: string;
}

/** A job's name, or its ARN where it has none, safe to print. */
export const nameOf = ({ job_name, job_arn }: FollowedJob): string => visible(job_name ?? job_arn);

/** The sub-task that the job is at: `data processing`; undefined where none is. */
export const currentTask = ({ status_details = {} }: FollowedJob): string | undefined =>
  SUB_TASKS.findLast((task) => status_details[`${task}_details`]?.status === 'InProgress')?.replaceAll('_', ' ');

/** `InProgress (training)`. */
export const stateOf = (job: FollowedJob): string => {
  const status = visible(job.status ?? 'of unknown status');
  const task = isTerminal(job) ? undefined : currentTask(job);
  return task === undefined ? status : `${status} (${task})`;
};

const took = ({ creation_time: from, end_time: to }: FollowedJob): string => {
  const ms = from === undefined || to === undefined ? undefined : millisecondsBetween(from, to);
  return ms === undefined ? '' : ` after ${formatDuration(ms)}`;
};

/** How a job stands, and why, in a line of sentences: `support-triage-7 Failed after 3 h 12 min: …`. */
export const outcomeOf = (job: FollowedJob): string => {
  const { missing_since: missing, untracked_since: untracked } = job;
  const name = nameOf(job);
  const status = visible(job.status ?? 'unknown');
  if (!isTerminal(job) && missing !== undefined) {
    return `${name} is gone: Bedrock does not know it any more since ${formatTime(missing)}. Its last status was ${status}.`;
  }
  if (!isTerminal(job) && untracked !== undefined) {
    return `${name} is not tracked any more since ${formatTime(untracked)}. Its last status was ${status}.`;
  }
  const reason = job.failure_message === undefined ? '.' : `: ${asSentence(visible(job.failure_message))}`;
  if (!isTerminal(job)) return `${name} is ${stateOf(job)}.`;
  const model = job.output_model_arn === undefined ? '' : ` Its model is ${visible(job.output_model_arn)}.`;
  return `${name} ${status}${took(job)}${reason}${model}`;
};
