/** Child processes that leave nothing behind: each leads a group of its own, which is ended as a whole. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file that takes what the process says; without it, this process's own output does. */
  readonly log?: string;
  /** 'pipe' to read what the process says by `stdout`. */
  readonly output?: 'pipe';
}

/** Started processes that have not ended yet. */
const running = new Set<ChildProcess>();

/** Starts a command as the leader of a process group. Its standard input stays open until `endGroup`. */
export const startGroup = (command: string, words: readonly string[], options: ProcessOptions): ChildProcess => {
  const output = options.log === undefined ? (options.output ?? 'inherit') : openSync(options.log, 'a');
  const child = spawn(command, words, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...options.env },
    stdio: ['pipe', output, output === 'pipe' ? 'inherit' : output],
    detached: true,
  });
  if (typeof output === 'number') closeSync(output);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/** Ends a process and all that it started. */
export const endGroup = async (child: ChildProcess): Promise<void> => {
  const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // The group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await ended;
};

export const endAllGroups = async (): Promise<void> => {
  await Promise.all([...running].map(endGroup));
};

/** Runs a command to its end. The answer is its exit code; null where a signal ended it. */
export const runGroup = async (
  command: string,
  words: readonly string[],
  options: ProcessOptions,
): Promise<number | null> => {
  const child = startGroup(command, words, options);
  child.stdin?.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
};
