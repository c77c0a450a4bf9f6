import { clearLine, cursorTo } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import type { JobSummary, WaitForJobOptions } from '../../client/requests.ts';
import { isTerminal, type JobRecord, type JobStatus } from '../../domain/record.ts';
import { asSentence } from '../../domain/text.ts';
import { formatDuration, millisecondsBetween, MINUTE, SECOND } from '../../domain/time.ts';
import { type CommandContext, type Connection, endOf, EXIT, type Terminal } from '../context.ts';
import { adviceOn, phaseOf } from '../job-facts.ts';
import { formatFacts } from '../output/table.ts';
import { formatSpan, formatTime, NOTHING, visible } from '../output/values.ts';

/** A job that is followed: a record, or what an index carries of it. */
export type FollowedJob = Pick<JobRecord, 'job_arn'> & Partial<JobSummary & Pick<JobRecord, 'failure_message'>>;

/** A job's name, or its ARN where it has none, safe to print. */
export const nameOf = ({ job_name, job_arn }: FollowedJob): string => visible(job_name ?? job_arn);

/** `InProgress (training)`. */
export const stateOf = (job: FollowedJob): string => {
  const status = visible(job.status ?? 'unknown');
  const phase = phaseOf(job);
  return phase === undefined ? status : `${status} (${phase})`;
};

/** The state or the outcome of a job in sentences: `support-triage-7 Failed after 3 h 12 min: …`. */
export const outcomeOf = (job: FollowedJob): string => {
  const { missing_since: missing, untracked_since: untracked, failure_message: failure, output_model_arn: model } = job;
  const name = nameOf(job);
  const status = visible(job.status ?? 'unknown');
  if (isTerminal(job)) {
    const span = formatSpan(job.creation_time, job.end_time);
    const reason = failure === undefined ? '.' : `: ${asSentence(visible(failure))}`;
    const result = model === undefined ? '' : ` Its model is ${visible(model)}.`;
    return `${name} ${status}${span === NOTHING ? '' : ` after ${span}`}${reason}${result}`;
  }
  const lastStatus = `Its last status was ${status}.`;
  if (missing !== undefined)
    return `${name} is gone: Bedrock has not listed it since ${formatTime(missing)}. ${lastStatus}`;
  if (untracked !== undefined) return `${name} has not been tracked since ${formatTime(untracked)}. ${lastStatus}`;
  return `${name} is ${stateOf(job)}.`;
};

/** Tells what a failed job's message means and what to do. */
export const tellAdvice = (job: FollowedJob, { tell, columns }: Pick<Terminal, 'tell' | 'columns'>): void => {
  if (job.status !== 'Failed') return;
  formatFacts(adviceOn(job.failure_message), { columns, colour: false }).forEach(tell);
};

/** Tells how a job ended, and what its failure means. */
export const tellOutcome = (job: FollowedJob, terminal: Pick<Terminal, 'tell' | 'columns'>): void => {
  terminal.tell(outcomeOf(job));
  tellAdvice(job, terminal);
};

/** One line at the end of a terminal that is redrawn. */
export interface LiveLine {
  readonly draw: (text: string) => void;
  readonly clear: () => void;
}

const DEFAULT_COLUMNS = 80;

/** Draws on standard error, as standard output has only the result. The text must be safe to print, and mostly ASCII. */
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
      // The last column stays free: some terminals wrap when it is written.
      stream.write(text.slice(0, (stream.columns || DEFAULT_COLUMNS) - 1));
    },
    clear,
  };
};

interface Progress {
  readonly onChange: (job: JobRecord) => void;
  readonly end: () => void;
}

/** One line that is redrawn each second. */
const showOnTerminal = (line: LiveLine, now: () => Date, jobArn: string): Progress => {
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
  const timer = setInterval(draw, SECOND);
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

/** A line for each change, for the logs of pipelines. */
const showInLog = (tell: (line: string) => void, now: () => Date): Progress => {
  let last = '';
  return {
    onChange: (job) => {
      const state = stateOf(job);
      if (state !== last) tell(`${formatTime(now().toISOString())} ${nameOf(job)}: ${state}`);
      last = state;
    },
    end: () => undefined,
  };
};

/** The tracker may take so long to see a new job: the active sweep runs every five minutes. */
const APPEARS_WITHIN_MS = 6 * MINUTE;

export interface WaitRequest {
  /** A full ARN, whose record need not exist yet. */
  readonly jobArn: string;
  /** Statuses to wait for besides the end; empty for the end alone. */
  readonly until: readonly JobStatus[];
  /** In milliseconds; no limit where absent. */
  readonly timeout?: number;
  /** Milliseconds between two reads. @default 1 s in a local run, whose jobs are fast and whose table is free; else 10 s */
  readonly interval?: number;
}

/**
 * Waits for a job and shows its progress on standard error.
 *
 * @throws TrackerError WAIT_TIMED_OUT, JOB_NOT_FOUND; the signal's reason
 */
export const waitForJob = async (
  { jobArn, until, timeout, interval }: WaitRequest,
  { terminal, clock, signal }: CommandContext,
  { jobs, isLocal }: Pick<Connection, 'jobs' | 'isLocal'>,
  createLine: () => LiveLine = createLiveLine,
): Promise<JobRecord> => {
  const progress = terminal.showsProgress
    ? showOnTerminal(createLine(), clock, jobArn)
    : showInLog(terminal.tell, clock);
  const options: WaitForJobOptions = {
    // The client ends a wait for a status also where the job ends without it.
    until: until.length === 0 ? 'ended' : until,
    ...(timeout !== undefined && { timeout }),
    interval: interval ?? (isLocal ? SECOND : 10 * SECOND),
    appearsWithin: APPEARS_WITHIN_MS,
    signal,
    onChange: progress.onChange,
  };
  try {
    const { job } = await jobs.waitForJob(jobArn, options);
    progress.end();
    return job;
  } catch (error) {
    progress.end();
    if (endOf(error)?.exitCode === EXIT.interrupted) terminal.tell('Stopped waiting. The job goes on.');
    throw error;
  }
};

/** Waits, or rejects once the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>;

export const pauseFor: Pause = (ms, signal) => sleep(ms, undefined, { signal });

/** Whether a job has one of the statuses; without any, whether it completed. */
export const isSuccess = ({ status = '' }: Pick<JobRecord, 'status'>, until: readonly JobStatus[] = []): boolean =>
  (until.length === 0 ? ['Completed'] : until).includes(status);
