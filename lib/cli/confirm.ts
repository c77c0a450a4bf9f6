import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './context.ts';

/** Where a person answers. */
export interface Answers {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** The person at this process. Called only when a question is asked: reading process.stdin opens it. */
export const processAnswers = (): Answers => ({ input: process.stdin, output: process.stderr });

/** Asks a person to confirm. Without a terminal the answer is yes: a script means what it says. Ctrl-C ends the command. */
export const confirm = async (
  question: string,
  { terminal, signal }: CommandContext,
  { input, output }: Answers,
): Promise<boolean> => {
  if (input.isTTY !== true || !terminal.showsProgress) return true;
  const lines = createInterface({ input, output });
  const closed = new AbortController();
  // A line that is never finished (Ctrl-D) is not a yes.
  lines.once('close', () => closed.abort());
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: AbortSignal.any([signal, closed.signal]) });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    if (closed.signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
};
