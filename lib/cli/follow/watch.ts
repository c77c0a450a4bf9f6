import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../../operator/aws-errors.ts';
import { TrackerError } from '../../domain/errors.ts';
import { pluralize } from '../../domain/text.ts';
import type { CommandContext, Connection, Terminal } from '../context.ts';
import { endOf } from '../exit.ts';
import {
  formatAge,
  formatJobDuration,
  formatTime,
  modelName,
  NOTHING,
  paintStatus,
  paletteOf,
  toJson,
  visible,
} from '../output/values.ts';
import { changeOf, subjectOf } from '../transition-rows.ts';
import { createLook, isMoving, type Look, type WatchEvent, type WatchRequest } from './poll.ts';
import { formatDuration } from '../../domain/time.ts';
import type { JobSummary } from '../../client/requests.ts';
import { type Column, formatTable } from '../output/table.ts';
import { stateOf } from './wait.ts';

/** What a live view shows. */
export interface View {
  readonly jobs: readonly JobSummary[];
  /** When the jobs were looked at. */
  readonly lookedAt: Date;
  /** For how long a job stays that has ended, in milliseconds. */
  readonly window: number;
  /** What went wrong since, in a sentence. */
  readonly trouble?: string;
}

type Size = Pick<Terminal, 'columns' | 'rows' | 'colour'>;

const DEFAULT_ROWS = 24;
/** The heading, an empty line and the titles; and the last line, which stays free so that nothing scrolls. */
const OTHER_LINES = 4;

const fate = (job: JobSummary): string => {
  if (job.missing_since !== undefined) return ' (gone)';
  return job.untracked_since === undefined ? '' : ' (not tracked)';
};

const varies = (jobs: readonly JobSummary[], member: 'region' | 'account_id'): boolean =>
  new Set(jobs.map((job) => job[member])).size > 1;

const columnsOf = (jobs: readonly JobSummary[], now: Date, size: Size): Column<JobSummary>[] => {
  const palette = paletteOf(size);
  return [
    { title: 'NAME', value: (job) => job.job_name ?? NOTHING, importance: 10, least: 12 },
    {
      title: 'STATUS',
      value: (job) => (isMoving(job) ? stateOf(job) : `${job.status ?? NOTHING}${fate(job)}`),
      importance: 9,
      least: 12,
      paint: (text, { status }) => paintStatus(text, status, palette),
    },
    { title: 'DURATION', value: (job) => formatJobDuration(job, now), importance: 8, least: 12 },
    {
      title: 'LAST CHANGE',
      value: ({ last_modified_time: time }) => (time === undefined ? NOTHING : formatAge(time, now)),
      importance: 6,
      least: 10,
    },
    { title: 'MODEL', value: ({ base_model_arn: arn }) => modelName(arn), importance: 5, least: 12 },
    ...(varies(jobs, 'region')
      ? [{ title: 'REGION', value: ({ region }: JobSummary) => region, importance: 4, least: 9 }]
      : []),
    ...(varies(jobs, 'account_id')
      ? [{ title: 'ACCOUNT', value: ({ account_id }: JobSummary) => account_id, importance: 4, least: 12 }]
      : []),
  ];
};

const heading = ({ jobs, lookedAt, window }: View): string => {
  const moving = jobs.filter(isMoving).length;
  const others = jobs.length - moving;
  const ended = others === 0 ? '' : `, ${others} ended in the last ${formatDuration(window)}`;
  return `${moving === 0 ? 'No active job' : pluralize(moving, 'active job')}${ended}. ${formatTime(lookedAt.toISOString())}, Ctrl-C ends this.`;
};

/** A live view as lines that fit the terminal, as many as it has rows for. */
export const linesOf = (view: View, size: Size, now: Date): string[] => {
  const palette = paletteOf(size);
  const cut = (line: string): string => line.slice(0, size.columns);
  const first = cut(heading(view));
  const trouble = view.trouble === undefined ? [] : [palette.yellow(cut(visible(view.trouble)))];
  const room = Math.max(1, (size.rows ?? DEFAULT_ROWS) - OTHER_LINES - trouble.length);
  const { jobs } = view;
  // The last row says how many there are besides.
  const shown = jobs.length <= room ? jobs : jobs.slice(0, Math.max(1, room - 1));
  const table = shown.length === 0 ? [] : ['', ...formatTable(columnsOf(shown, now, size), shown, size)];
  const rest = jobs.length - shown.length;
  return [palette.bold(first), ...trouble, ...table, ...(rest === 0 ? [] : [cut(`… and ${rest} more`)])];
};

const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const TO_END_OF_LINE = '\u001b[K';
const TO_END = '\u001b[J';
/** The terminal shows what lies between at once, where it knows these; others pass over them. */
const TOGETHER = ['\u001b[?2026h', '\u001b[?2026l'] as const;

/** Draws one view over the other without clearing the screen between them, which would flicker. */
export const createScreen = (terminal: Pick<Terminal, 'write' | keyof Size>) => {
  let drawn: string | undefined;
  return async (view: View, now: Date): Promise<void> => {
    const size = `${terminal.columns ?? 0}x${terminal.rows ?? 0}`;
    // Lines of another width were broken by the terminal: what they left is not where it was.
    const start = size === drawn ? HOME : `${CLEAR}${HOME}`;
    drawn = size;
    const lines = linesOf(view, terminal, now).map((line) => `${line}${TO_END_OF_LINE}\n`);
    await terminal.write(`${TOGETHER[0]}${start}${lines.join('')}${TO_END}${TOGETHER[1]}`);
  };
};

export interface WatchOptions extends WatchRequest {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Events as lines of JSON. */
  readonly json: boolean;
}

/** Passes the time, or rejects once the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>;

const pauseReally: Pause = (ms, signal) => sleep(ms, undefined, { signal });

const REDRAW_MS = 1_000;

/** Who is told of each look. */
interface Viewer {
  readonly show: (look: Look, lookedAt: Date) => Promise<void>;
  /** A look that failed and will be repeated. */
  readonly trouble: (sentence: string) => Promise<void>;
  /** Is called each second. */
  readonly tick: () => Promise<void>;
}

const onTerminal = ({ terminal, clock }: CommandContext, { window }: WatchOptions): Viewer => {
  const draw = createScreen(terminal);
  let view: Parameters<typeof draw>[0] = { jobs: [], lookedAt: clock(), window };
  return {
    show: ({ jobs }, lookedAt) => {
      view = { jobs, lookedAt, window };
      return draw(view, clock());
    },
    trouble: (sentence) => {
      view = { ...view, trouble: sentence };
      return draw(view, clock());
    },
    tick: () => draw(view, clock()),
  };
};

const sentence = (event: WatchEvent): string => {
  const name = visible(event.job_name ?? event.job_arn);
  const subject = event.task === undefined ? name : `${name} ${subjectOf({ ...event, observed_at: '', via: 'event' })}`;
  return `${formatTime(event.at)} ${subject}: ${visible(changeOf({ ...event, observed_at: '', via: 'event' }))}`;
};

/** A line for each transition: in words, or as JSON. */
const inLines = ({ terminal }: CommandContext, { json, named }: WatchOptions): Viewer => {
  let isFirst = true;
  return {
    show: ({ jobs, events }) => {
      if (isFirst) {
        const what = pluralize(jobs.filter(isMoving).length, named.length > 0 ? 'job' : 'active job');
        terminal.tell(`Watching ${what}; a line for each transition. Ctrl-C ends this.`);
      }
      isFirst = false;
      for (const event of events) terminal.print(json ? toJson(event) : sentence(event));
      return Promise.resolve();
    },
    trouble: (words) => {
      terminal.tell(words);
      return Promise.resolve();
    },
    tick: () => Promise.resolve(),
  };
};

/** What a watch survives: a moment of throttling, or of no network. */
const passing = (error: unknown): TrackerError | undefined => {
  const said = explain(error);
  return said instanceof TrackerError && said.retryable ? said : undefined;
};

const watchOn = async (
  look: () => Promise<Look>,
  viewer: Viewer,
  { interval, named }: WatchOptions,
  { clock, signal }: CommandContext,
  pause: Pause,
): Promise<void> => {
  for (let isFirst = true; ; isFirst = false) {
    const lookedAt = clock();
    try {
      const seen = await look();
      await viewer.show(seen, lookedAt);
      // Nothing can follow.
      if (named.length > 0 && !seen.jobs.some(isMoving)) return;
    } catch (error) {
      const trouble = isFirst ? undefined : passing(error);
      if (trouble === undefined) throw error;
      await viewer.trouble(trouble.message);
    }
    for (let left = interval; left > 0; left -= REDRAW_MS) {
      await pause(Math.min(left, REDRAW_MS), signal);
      if (left > REDRAW_MS) await viewer.tick();
    }
  }
};

/** Shows jobs as they change until Ctrl-C, which is how it is meant to end; named ones until all of them have ended. */
export const watch = async (
  options: WatchOptions,
  context: CommandContext,
  connection: Pick<Connection, 'jobs'>,
  pause: Pause = pauseReally,
): Promise<void> => {
  const isLive = context.terminal.isTerminal && !options.json;
  const viewer = isLive ? onTerminal(context, options) : inLines(context, options);
  try {
    await watchOn(createLook(connection.jobs, options, context.clock), viewer, options, context, pause);
  } catch (error) {
    if (endOf(error) === undefined) throw error;
  }
};
