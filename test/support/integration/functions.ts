import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

export interface Invocation {
  readonly id: number;
  readonly name: 'track-job' | 'reconcile-jobs' | 'publish-transitions' | 'notify-transition';
  readonly event: unknown;
  readonly remainingMs: number;
}

export type Outcome =
  | { readonly answer: unknown }
  | { readonly error: { readonly code: string; readonly message: string; readonly logged: string } };

/** What an invocation of a function rejected with, as Lambda would report it. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly code: string;
  /** What Lambda would have logged of it. */
  readonly logged: string;

  constructor(code: string, message: string, logged = '') {
    super(message);
    this.code = code;
    this.logged = logged;
  }
}

/** A line of the functions' structured log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** An instance of the built functions with an environment of its own. */
export interface Functions {
  /** Rejects with an InvocationError where the function throws, or where the instance is killed. */
  readonly invoke: (name: Invocation['name'], event: unknown, remainingMs: number) => Promise<unknown>;
  /** Ends it at once, whatever is in flight: nothing that it was about to do is done. */
  readonly kill: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts an instance. Each function is loaded on first use, from `dist/lambdas`, which Jest's global setup builds. */
export const startFunctions = (
  environment: Readonly<Record<string, string>>,
  onLogLine: (line: LogLine) => void,
  onOutput: (line: string) => void = () => undefined,
): Functions => {
  const worker = new Worker(new URL('./functions-worker.ts', import.meta.url), {
    env: environment,
    stdout: true,
    stderr: true,
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      onOutput(line);
      if (line.startsWith('{')) onLogLine(JSON.parse(line) as LogLine);
      else if (line.trim() !== '') console.error(line);
    });
  }
  const waiting = new Map<number, Waiting>();
  let invocations = 0;
  let ended: Promise<number> | undefined;
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', ({ id, ...outcome }: { id: number } & Outcome) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if ('error' in outcome)
      reject?.(new InvocationError(outcome.error.code, outcome.error.message, outcome.error.logged));
    else resolve?.(outcome.answer);
  });
  worker.on('error', failAll);
  worker.on('exit', () => {
    failAll(new InvocationError('KILLED', 'The instance was killed.'));
  });
  return {
    invoke: (name, event, remainingMs) => {
      const id = (invocations += 1);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, name, event, remainingMs } satisfies Invocation);
      });
    },
    kill: async () => {
      // A second call would never be answered while the first is under way.
      await (ended ??= worker.terminate());
    },
  };
};
