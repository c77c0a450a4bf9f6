import type { WaitForJobOptions } from '../../client/requests.ts';
import { MINUTE, formatDuration, millisecondsBetween } from '../../domain/time.ts';
import type { JobRecord, JobStatus } from '../../domain/record.ts';
import type { CommandContext, Connection } from '../context.ts';
import { endOf, EXIT } from '../exit.ts';
import { createLiveLine, type LiveLine } from '../output/live-line.ts';
import { visible } from '../output/text.ts';
import { formatTime } from '../output/time.ts';
import { nameOf, stateOf } from './job-state.ts';

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
