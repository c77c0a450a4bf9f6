import { formatDuration, millisecondsBetween } from '../../../domain/time.ts';
import { asSentence, oneLine } from '../../../domain/text.ts';
import type { JobSummary } from '../../api.ts';
import { formatCount, modelName, statusLabel } from './format.ts';

/** A job whose end a person waits for. */
export interface Followed {
  readonly name: string;
  /** Its final status, from its end until the person has seen it. */
  readonly ended?: string;
}

/** By ARN, the oldest first. */
export type Follows = ReadonlyMap<string, Followed>;

const MOST = 50;
const MAX_BODY = 240;

const isFollowed = (value: unknown): value is Followed => {
  const { name, ended } = Object(value) as Partial<Followed>;
  return typeof name === 'string' && (ended === undefined || typeof ended === 'string');
};

/** The jobs as the browser keeps them; without what is something else. */
export const parseFollows = (text: string): Follows => {
  try {
    const entries = JSON.parse(text) as unknown;
    const pairs = (Array.isArray(entries) ? entries : []).filter(
      (entry): entry is [string, Followed] =>
        Array.isArray(entry) && typeof entry[0] === 'string' && isFollowed(entry[1]),
    );
    return new Map(pairs);
  } catch {
    // Somebody else wrote there.
    return new Map();
  }
};

export const formatFollows = (follows: Follows): string => JSON.stringify([...follows].slice(-MOST));

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['Completed', '✓'],
  ['Failed', '✗'],
]);

/** What the title of a tab says of the jobs that ended; undefined if none did. */
export const endedTitle = (follows: Follows): string | undefined => {
  const [first, ...others] = [...follows.values()].filter(({ ended }) => ended !== undefined);
  if (first?.ended === undefined) return undefined;
  if (others.length > 0) return `${formatCount(others.length + 1, 'job')} ended`;
  return `${SIGNS.get(first.ended) ?? '■'} ${statusLabel(first.ended)}: ${oneLine(first.name, 80)}`;
};

/** The words of a notification about a job that ended. */
export const endedNotification = (job: JobSummary): { readonly title: string; readonly body: string } => {
  const { job_name, job_arn, status = 'ended', creation_time = '', end_time = '', failure_message } = job;
  const took = millisecondsBetween(creation_time, end_time);
  const facts = [modelName(job.base_model_arn), ...(took === undefined ? [] : [`after ${formatDuration(took)}`])];
  const why = failure_message === undefined ? '' : `${asSentence(oneLine(failure_message, MAX_BODY))} `;
  return { title: `${statusLabel(status)}: ${oneLine(job_name ?? job_arn, 120)}`, body: `${why}${facts.join(', ')}` };
};
