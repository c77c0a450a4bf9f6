import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { userEnvironment } from './support.ts';

export interface RunningCommand {
  /** The first line that matches; rejects where the command ends without one. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** Ends it by Ctrl-C; its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts a program on the machine's own Node.js, as a person would who installed it. */
export const startCommand = (cwd: string, file: string, args: readonly string[]): RunningCommand => {
  const child = spawn('node', [file, ...args], { cwd, env: userEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`It ended without that line:\n${lines.join('\n')}\n${errors}`);
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      const [code] = await ended;
      return code;
    },
  };
};
