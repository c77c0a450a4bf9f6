/**
 * Runs the built functions outside of Jest's sandbox, as Lambda would: native modules, an environment of their own,
 * and a process that can be killed. Started by functions.ts.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { invocationContext } from '../../../lib/local/lambda.ts';
import type { Invocation, Outcome } from './functions.ts';

const DIST = join(import.meta.dirname, '..', '..', '..', 'dist', 'lambdas');
const load = createRequire(import.meta.url);
type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const handlers = new Map<string, Handler>();

const handlerOf = (name: string): Handler => {
  const loaded = handlers.get(name) ?? (load(join(DIST, name, 'index.js')) as { handler: Handler }).handler;
  handlers.set(name, loaded);
  return loaded;
};

/** What Lambda's runtime writes of an error that a function throws: its own members, the enumerable ones, and the stack. */
const loggedByLambda = (error: unknown): string => {
  const { name, message, stack } = error as Error;
  return JSON.stringify({ errorType: name, errorMessage: message, ...(error as object), stack });
};

const run = async ({ name, event, remainingMs }: Invocation): Promise<Outcome> => {
  try {
    return { answer: await handlerOf(name)(event, invocationContext(name, remainingMs)) };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return { error: { code: String(code), message: String(message), logged: loggedByLambda(error) } };
  }
};

parentPort?.on('message', (invocation: Invocation) => {
  void run(invocation).then((outcome) => {
    parentPort?.postMessage({ id: invocation.id, ...outcome });
  });
});
