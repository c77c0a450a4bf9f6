import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { type EnvironmentValues, programName, readEnvironment } from '../local/options.ts';
import { type CommandContext, Ended, EXIT, type Terminal } from './context.ts';

const DEFAULT_COLUMNS = 80;

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

/** Whether colours may be used: https://no-color.org and https://force-color.org. NO_COLOR wins. */
export const usesColour = (isTerminal: boolean, env: EnvironmentValues): boolean => {
  if (isSet(env['NO_COLOR'])) return false;
  const forced = env['FORCE_COLOR'];
  if (isSet(forced)) return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
};

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;

/** The width that lines have to fit: the terminal's own; COLUMNS where output goes elsewhere; else none. */
export const columnsOf = (
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: EnvironmentValues,
): number | undefined => {
  const wanted = wholeNumber(env['COLUMNS']);
  if (stream.isTTY !== true) return wanted;
  // Some terminals say 0.
  return stream.columns === undefined || stream.columns < 1 ? (wanted ?? DEFAULT_COLUMNS) : stream.columns;
};

export interface ProcessTerminal {
  readonly terminal: Terminal;
  /** Aborts when the reader of standard output went away. */
  readonly closed: AbortSignal;
}

const isClosedPipe = (error: Error): boolean => 'code' in error && (error.code === 'EPIPE' || error.code === 'EOF');

/** The streams of this process. When their reader goes away, as `| head -1` does, the next line ends the command. */
export const openTerminal = (stdout: WriteStream, stderr: WriteStream, env: EnvironmentValues): ProcessTerminal => {
  const controller = new AbortController();
  const { signal: closed } = controller;
  stdout.on('error', (error: Error) => {
    if (!isClosedPipe(error)) throw error;
    controller.abort(new Ended(EXIT.done));
  });
  stderr.on('error', (error: Error) => {
    // Nobody hears of the progress any more; what was asked for may still be read.
    if (!isClosedPipe(error)) throw error;
  });
  const terminal: Terminal = {
    print: (line) => {
      closed.throwIfAborted();
      stdout.write(`${line}\n`);
    },
    write: async (text) => {
      closed.throwIfAborted();
      if (stdout.write(text)) return;
      await once(stdout, 'drain').catch((error: unknown) => {
        // Told by the pipe's error as well as by the end that followed from it.
        closed.throwIfAborted();
        throw error;
      });
    },
    tell: (line) => void stderr.write(`${line}\n`),
    ring: () => void [stderr, stdout].find(({ isTTY }) => isTTY)?.write('\u0007'),
    isTerminal: stdout.isTTY,
    showsProgress: stderr.isTTY,
    // Read anew each time: windows change their size.
    get columns() {
      return columnsOf(stdout, env);
    },
    get rows() {
      return stdout.isTTY ? stdout.rows : undefined;
    },
    colour: usesColour(stdout.isTTY, env),
  };
  return { terminal, closed };
};

/** How long a command may take to end after the reader of its output went away, in ms. */
const GRACE_MS = 1_000;

/** Aborts at the first request to end; the second one ends the process at once. */
const onEndRequest = (end: (reason: Ended) => void): void => {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    end(new Ended(EXIT.interrupted));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
};

/** The context of the commands of this process. */
export const processContext = (): CommandContext => {
  const { terminal, closed } = openTerminal(process.stdout, process.stderr, readEnvironment());
  closed.addEventListener('abort', () => {
    // A command that neither prints nor heeds the signal must not go on for nobody.
    setTimeout(() => process.exit(EXIT.done), GRACE_MS).unref();
  });
  let asked: AbortSignal | undefined;
  const program = programName();
  return {
    program,
    terminal,
    connect: async (flags) => (await import('./connect.ts')).connect(flags, program),
    clock: () => new Date(),
    get signal() {
      if (asked === undefined) {
        const controller = new AbortController();
        onEndRequest((reason) => controller.abort(reason));
        asked = AbortSignal.any([controller.signal, closed]);
      }
      return asked;
    },
  };
};
