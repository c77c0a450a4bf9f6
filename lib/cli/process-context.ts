import { readEnvironment } from '../local/environment.ts';
import type { CommandContext } from './context.ts';
import { Ended, EXIT } from './exit.ts';
import { openTerminal } from './terminal.ts';

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
  return {
    terminal,
    connect: async (flags) => (await import('./connect.ts')).connect(flags),
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
