import type { WaitForJobOptions } from '../../client/requests.ts';
import { formatDuration, millisecondsBetween, MINUTE } from '../../domain/time.ts';
import { isTerminal, type JobRecord, type JobStatus, type StatusDetails, SUB_TASKS } from '../../domain/record.ts';
import type { CommandContext, Connection } from '../context.ts';
import { endOf, EXIT } from '../exit.ts';
import { formatTime, visible } from '../output/values.ts';
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { asSentence } from '../../domain/text.ts';

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

/** One line at the end of a terminal that is written anew each time. */
export interface LiveLine {
  readonly draw: (text: string) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

const DEFAULT_COLUMNS = 80;

/** Draws on standard error, so that what was asked for stays alone. Text is to be safe to print, and in ASCII mostly. */
export const createLiveLine = (
  stream: Pick<WriteStream, 'write' | 'columns'> & NodeJS.WritableStream = process.stderr,
): LiveLine => {
  const clear = () => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  return {
    draw: (text) => {
      clear();
      // The last column stays free: some terminals go to the next line when it is written.
      stream.write(text.slice(0, (stream.columns || DEFAULT_COLUMNS) - 1));
    },
    clear,
  };
};

/** How long the tracker may take to see a new job: the active sweep comes every five minutes. */
const APPEARS_WITHIN_MS = 6 * MINUTE;
const REDRAW_MS = 1_000;

export interface WaitRequest {
  /** By full ARN: its record may not be there yet. */
  readonly jobArn: string;
  /** Statuses to wait for besides the end; none for the end alone. */
  readonly until: readonly JobStatus[];
  /** In milliseconds; no limit where absent. */
  readonly timeout?: number;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

interface Watcher {
  readonly onChange: (job: JobRecord) => void;
  readonly end: () => void;
}

/** One line that is drawn anew each second, as the time goes on. */
const onTerminal = (line: LiveLine, now: () => Date, jobArn: string): Watcher => {
  const started = now();
  let last: JobRecord | undefined;
  const draw = () => {
    const since = last?.creation_time ?? started.toISOString();
    const elapsed = formatDuration(millisecondsBetween(since, now().toISOString()) ?? 0);
    line.draw(
      last === undefined
        ? `Waiting for the tracker to see ${visible(jobArn)}, ${elapsed} so far`
        : `${nameOf(last)}: ${stateOf(last)}, ${elapsed} so far`,
    );
  };
  const timer = setInterval(draw, REDRAW_MS);
  draw();
  return {
    onChange: (job) => {
      last = job;
      draw();
    },
    end: () => {
      clearInterval(timer);
      line.clear();
    },
  };
};

/** A line for each change, as logs of pipelines keep them. */
const inLog = (tell: (line: string) => void, now: () => Date): Watcher => {
  let said = '';
  return {
    onChange: (job) => {
      const state = stateOf(job);
      if (state === said) return;
      said = state;
      tell(`${formatTime(now().toISOString())} ${nameOf(job)}: ${state}`);
    },
    end: () => undefined,
  };
};

/**
 * Waits for a job and shows how it goes on standard error.
 *
 * @throws TrackerError WAIT_TIMED_OUT, JOB_NOT_FOUND; the signal's reason
 */
export const waitAndTell = async (
  { jobArn, until, timeout, interval }: WaitRequest,
  { terminal, clock, signal }: CommandContext,
  connection: Pick<Connection, 'jobs'>,
  line: () => LiveLine = createLiveLine,
): Promise<JobRecord> => {
  const watcher = terminal.showsProgress ? onTerminal(line(), clock, jobArn) : inLog(terminal.tell, clock);
  const options: WaitForJobOptions = {
    // The client ends the wait for a status also where the job ends without it.
    until: until.length === 0 ? 'ended' : until,
    ...(timeout !== undefined && { timeout }),
    interval,
    appearsWithin: APPEARS_WITHIN_MS,
    signal,
    onChange: watcher.onChange,
  };
  try {
    const { job } = await connection.jobs.waitForJob(jobArn, options);
    watcher.end();
    return job;
  } catch (error) {
    watcher.end();
    if (endOf(error)?.exitCode === EXIT.interrupted) terminal.tell('Stopped waiting. The job goes on.');
    throw error;
  }
};

/** A local run's jobs live fast, and its table costs nothing. */
const LOCAL_INTERVAL_MS = 1_000;
const INTERVAL_MS = 10_000;

/** Waits for the end of a job, however it comes, and shows how it goes. Throws as {@link waitAndTell}. */
export const untilItEnds = (context: CommandContext, connection: Connection, jobArn: string): Promise<JobRecord> =>
  waitAndTell(
    { jobArn, until: [], interval: connection.isLocal ? LOCAL_INTERVAL_MS : INTERVAL_MS },
    context,
    connection,
  );

/** Whether a job is as asked: in one of the statuses, or completed where none was named. */
export const isAsAsked = ({ status = '' }: Pick<JobRecord, 'status'>, until: readonly JobStatus[]): boolean =>
  (until.length === 0 ? ['Completed'] : until).includes(status);
