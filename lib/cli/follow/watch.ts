import { setTimeout as sleep } from 'node:timers/promises';
import { sentenceOf } from '../../operator/aws-sentences.ts';
import { TrackerError } from '../../domain/errors.ts';
import { counted } from '../../domain/text.ts';
import type { CommandContext, Connection } from '../context.ts';
import { endOf } from '../exit.ts';
import { toJson } from '../output/json.ts';
import { visible } from '../output/text.ts';
import { formatTime } from '../output/time.ts';
import { changeOf, subjectOf } from '../transition-rows.ts';
import { createLook, isMoving, type Look, type WatchEvent, type WatchRequest } from './look.ts';
import { createScreen } from './screen.ts';

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
        const what = counted(jobs.filter(isMoving).length, named.length > 0 ? 'job' : 'active job');
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
  const said = sentenceOf(error);
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
