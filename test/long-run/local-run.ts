import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readRunFile, type RunFile } from '../../lib/local/run-file.ts';

const ENTRY = join(import.meta.dirname, '../../bin/bedrock-jobs.ts');
const PROBE = join(import.meta.dirname, 'probe.ts');
const START_LIMIT_MS = 120_000;

/** What the process held at a moment, in bytes. The heap only where garbage was collected just before. */
export interface MemorySample {
  readonly seconds: number;
  readonly rss: number;
  readonly heapUsed?: number;
}

export interface ObservedRun {
  readonly addresses: RunFile;
  readonly memory: readonly MemorySample[];
  /** Rejections that nobody handled, and warnings of Node.js. */
  readonly problems: readonly string[];
  /** Failed sweeps and the like, as the run printed them. */
  readonly printed: () => string;
  readonly hasEnded: () => boolean;
  /** As Ctrl-C does it; answers the exit code. */
  readonly stop: () => Promise<number | null>;
}

interface Told {
  readonly kind: string;
  readonly message?: string;
  readonly rss?: number;
  readonly heapUsed?: number;
}

const observe = (child: ChildProcess) => {
  const memory: MemorySample[] = [];
  const problems: string[] = [];
  const started = performance.now();
  child.on('message', ({ kind, message, rss, heapUsed }: Told) => {
    if (kind === 'memory' && rss !== undefined) {
      const seconds = (performance.now() - started) / 1000;
      memory.push({ seconds, rss, ...(heapUsed !== undefined && { heapUsed }) });
    } else problems.push(`${kind}: ${message ?? ''}`);
  });
  return { memory, problems };
};

/** Starts `bedrock-jobs local` with a probe inside, as it runs for everybody. */
export const startObservedRun = async (dataDir: string, flags: readonly string[]): Promise<ObservedRun> => {
  const child = fork(ENTRY, ['local', '--data-dir', dataDir, ...flags], {
    execArgv: ['--expose-gc', '--import', PROBE, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece: Buffer) => (printed += piece.toString()));
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const exit = once(child, 'exit');
  const observed = observe(child);
  const end = Date.now() + START_LIMIT_MS;
  let addresses: RunFile | undefined;
  while (addresses === undefined) {
    if (hasEnded() || Date.now() > end) throw new Error(`The local run did not start:\n${printed}`);
    await pause(250);
    addresses = await readRunFile(dataDir).catch(() => undefined);
  }
  return {
    addresses,
    ...observed,
    printed: () => printed,
    hasEnded,
    stop: async () => {
      child.kill('SIGINT');
      await exit;
      return child.exitCode;
    },
  };
};
