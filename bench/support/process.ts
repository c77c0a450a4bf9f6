import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of a measurement, which sends its answers as messages. */
export interface Helper {
  /** The next message. Rejects where the process ends without one. */
  readonly next: <Answer>() => Promise<Answer>;
  /** Sends a question and waits for its answer. */
  readonly ask: <Answer>(question: object) => Promise<Answer>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
  /** Every helper ends when its parent disconnects. */
  readonly close: () => void;
}

/** Starts a file in a process of its own. Its standard output goes nowhere: handlers log there. */
export const startProcess = (
  file: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Helper => {
  const child = fork(file, args, {
    env,
    execArgv: [...flags, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const next = <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => {
        reject(new Error(`${file} ended with ${code ?? 'a signal'} before it answered.`));
      };
      child.once('exit', onExit);
      child.once('message', (message) => {
        child.off('exit', onExit);
        resolve(message as Answer);
      });
    });
  return {
    next,
    ask: <Answer>(question: object) => {
      const answer = next<Answer>();
      child.send(question);
      return answer;
    },
    ended: once(child, 'exit'),
    close: () => {
      child.disconnect();
    },
  };
};
