import type { JobSummary } from '../../client/requests.ts';
import { TrackerError } from '../../domain/errors.ts';
import { pluralize } from '../../domain/text.ts';
import { formatDuration, SECOND } from '../../domain/time.ts';
import { explain } from '../../operator/aws-errors.ts';
import { type CommandContext, type Connection, endOf, type Terminal } from '../context.ts';
import { formatJobs } from '../output/jobs.ts';
import { formatTime, paletteOf, toJson, visible } from '../output/values.ts';
import { changeOf, subjectOf } from '../job-facts.ts';
import { createPoller, isActive, type Poll, type WatchEvent, type WatchRequest } from './poll.ts';
import { nameOf, type Pause, pauseFor, tellOutcome } from './wait.ts';

export interface View {
  readonly jobs: readonly JobSummary[];
  readonly polledAt: Date;
  /** How long an ended job stays, in milliseconds. */
  readonly window: number;
  /** Why the last poll failed, in a sentence. */
  readonly problem?: string;
}

type Screen = Pick<Terminal, 'columns' | 'rows' | 'colour'>;

const DEFAULT_ROWS = 24;
/** The heading, an empty line and the titles; and the last line, which stays free so that nothing scrolls. */
const OTHER_LINES = 4;

const headingOf = ({ jobs, polledAt, window }: View): string => {
  const active = jobs.filter(isActive).length;
  const ended = jobs.length - active;
  const endedText = ended === 0 ? '' : `, ${ended} ended in the last ${formatDuration(window)}`;
  const activeText = active === 0 ? 'No active job' : pluralize(active, 'active job');
  return `${activeText}${endedText}. ${formatTime(polledAt.toISOString())}, Ctrl-C ends this.`;
};

/** A live view as lines that fit the terminal's columns and rows. */
export const formatView = (view: View, screen: Screen, now: Date): string[] => {
  const palette = paletteOf(screen);
  const cut = (line: string): string => line.slice(0, screen.columns);
  const problem = view.problem === undefined ? [] : [palette.yellow(cut(visible(view.problem)))];
  const room = Math.max(1, (screen.rows ?? DEFAULT_ROWS) - OTHER_LINES - problem.length);
  const { jobs } = view;
  // The last row counts the jobs that do not fit.
  const fitting = jobs.length <= room ? jobs : jobs.slice(0, Math.max(1, room - 1));
  const rest = jobs.length - fitting.length;
  return [
    palette.bold(cut(headingOf(view))),
    ...problem,
    ...(fitting.length === 0 ? [] : ['', ...formatJobs(fitting, screen, now)]),
    ...(rest === 0 ? [] : [cut(`… and ${rest} more`)]),
  ];
};

const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const TO_END_OF_LINE = '\u001b[K';
const TO_END = '\u001b[J';
/** Terminals that know these show everything between them at once; others ignore them. */
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';

/** Draws one view over the other without clearing the screen between them, which would flicker. */
export const createScreen = (terminal: Pick<Terminal, 'write' | keyof Screen>) => {
  let size: string | undefined;
  return async (view: View, now: Date): Promise<void> => {
    const before = size;
    size = `${terminal.columns ?? 0}x${terminal.rows ?? 0}`;
    // The terminal wrapped lines of another width: their remains are not where they were.
    const start = size === before ? HOME : `${CLEAR}${HOME}`;
    const lines = formatView(view, terminal, now).map((line) => `${line}${TO_END_OF_LINE}\n`);
    await terminal.write(`${BEGIN_UPDATE}${start}${lines.join('')}${TO_END}${END_UPDATE}`);
  };
};

export interface WatchOptions extends WatchRequest {
  /** Milliseconds between two polls. */
  readonly interval: number;
  readonly bell: boolean;
  readonly json: boolean;
}

interface Viewer {
  readonly show: (poll: Poll, polledAt: Date) => Promise<void>;
  /** Shows why a poll failed, which will be repeated. */
  readonly showProblem: (sentence: string) => Promise<void>;
  readonly tick: () => Promise<void>;
  /** Is called once every named job has ended. */
  readonly end: () => void;
}

const tellFailure = (job: JobSummary, terminal: Terminal): void => {
  if (job.failure_message !== undefined) tellOutcome(job, terminal);
};

const createTerminalViewer = ({ terminal, clock }: CommandContext, { window }: WatchOptions): Viewer => {
  const draw = createScreen(terminal);
  let view: View = { jobs: [], polledAt: clock(), window };
  const redraw = () => draw(view, clock());
  return {
    show: ({ jobs }, polledAt) => {
      view = { jobs, polledAt, window };
      return redraw();
    },
    showProblem: (problem) => {
      view = { ...view, problem };
      return redraw();
    },
    tick: redraw,
    end: () => {
      for (const job of view.jobs) if (job.status === 'Failed') tellFailure(job, terminal);
    },
  };
};

const formatEvent = (event: WatchEvent): string => {
  const task = event.task === undefined ? '' : ` ${subjectOf(event)}`;
  return `${formatTime(event.at)} ${nameOf(event)}${task}: ${visible(changeOf(event))}`;
};

/** A line for each transition: a sentence, or JSON. */
const createLineViewer = ({ terminal }: CommandContext, { json, named }: WatchOptions): Viewer => {
  let isFirst = true;
  return {
    show: async ({ jobs, events }) => {
      if (isFirst) {
        const subject = pluralize(jobs.filter(isActive).length, named.length > 0 ? 'job' : 'active job');
        terminal.tell(`Watching ${subject}; a line for each transition. Ctrl-C ends this.`);
      }
      isFirst = false;
      for (const event of events) {
        terminal.print(json ? toJson(event) : formatEvent(event));
        const job =
          event.task === undefined && event.to === 'Failed' && jobs.find(({ job_arn }) => job_arn === event.job_arn);
        if (job && !json) tellFailure(job, terminal);
      }
      await Promise.resolve();
    },
    showProblem: async (sentence) => {
      terminal.tell(sentence);
      await Promise.resolve();
    },
    tick: () => Promise.resolve(),
    end: () => undefined,
  };
};

/** An error that a watch survives: throttling, or a short loss of the network. */
const temporaryError = (error: unknown): TrackerError | undefined => {
  const explained = explain(error);
  return explained instanceof TrackerError && explained.retryable ? explained : undefined;
};

/** Whether a job ended since the poll before. */
const sawAnEnd = ({ jobs, events }: Poll): boolean => {
  const changed = new Set(events.filter(({ task }) => task === undefined).map(({ job_arn }) => job_arn));
  return jobs.some((job) => changed.has(job.job_arn) && !isActive(job));
};

/** Shows jobs as they change: named ones until all of them have ended, others until Ctrl-C. */
export const watch = async (
  options: WatchOptions,
  context: CommandContext,
  { jobs }: Pick<Connection, 'jobs'>,
  pause: Pause = pauseFor,
): Promise<void> => {
  const { interval, named, bell, json } = options;
  const { clock, signal, terminal } = context;
  const createViewer = terminal.isTerminal && !json ? createTerminalViewer : createLineViewer;
  const viewer = createViewer(context, options);
  const poll = createPoller(jobs, options, clock);
  const pollAndShow = async (isFirst: boolean): Promise<boolean> => {
    const polledAt = clock();
    try {
      const result = await poll();
      await viewer.show(result, polledAt);
      if (bell && sawAnEnd(result)) terminal.ring();
      return named.length > 0 && !result.jobs.some(isActive);
    } catch (error) {
      const temporary = isFirst ? undefined : temporaryError(error);
      if (temporary === undefined) throw error;
      await viewer.showProblem(temporary.message);
      return false;
    }
  };
  try {
    for (let isFirst = true; !(await pollAndShow(isFirst)); isFirst = false)
      for (let left = interval; left > 0; left -= SECOND) {
        await pause(Math.min(left, SECOND), signal);
        if (left > SECOND) await viewer.tick();
      }
    viewer.end();
  } catch (error) {
    // Ctrl-C is the normal end.
    if (endOf(error) === undefined) throw error;
  }
};
