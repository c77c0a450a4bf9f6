import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readRunFile, type RunFile } from '../../lib/local/run-file.ts';
import { linearRegression, max } from 'simple-statistics';

const ENTRY = join(import.meta.dirname, '../../bin/bedrock-jobs.ts');
const PROBE = join(import.meta.dirname, 'probe.ts');
const START_LIMIT_MS = 120_000;

/** The memory of the process at a moment, in bytes. The heap only right after a garbage collection. */
interface MemorySample {
  readonly seconds: number;
  readonly rss: number;
  readonly heapUsed?: number;
}

export interface ObservedRun {
  readonly addresses: RunFile;
  readonly memory: readonly MemorySample[];
  /** Rejections that nobody handled, and warnings of Node.js. */
  readonly problems: readonly string[];
  /** The output of the run, which names failed sweeps. */
  readonly printed: () => string;
  readonly hasEnded: () => boolean;
  /** Stops it as Ctrl-C does, and resolves with the exit code. */
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

/** Starts `bedrock-jobs local` as users do, with a probe inside. */
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

const MB = 1024 ** 2;
const AN_HOUR = 3600;

/** The change of memory between two moments. */
interface MemoryTrend {
  readonly samples: number;
  /** MB an hour, by least squares. */
  readonly rssSlope: number;
  /** MB an hour of the heap just after a collection, by least squares. */
  readonly heapSlope: number;
  readonly heapFrom: number;
  readonly heapTo: number;
}

const slopeOf = (points: readonly (readonly [seconds: number, bytes: number])[]): number =>
  points.length < 2 ? 0 : linearRegression(points.map(([x, y]) => [x, y / MB])).m * AN_HOUR;

export const trendOf = (memory: readonly MemorySample[], from: number, to: number): MemoryTrend => {
  const within = memory.filter(({ seconds }) => seconds >= from && seconds <= to);
  const heaps = within.flatMap(({ seconds, heapUsed }) =>
    heapUsed === undefined ? [] : [[seconds, heapUsed] as const],
  );
  return {
    samples: within.length,
    rssSlope: slopeOf(within.map(({ seconds, rss }) => [seconds, rss] as const)),
    heapSlope: slopeOf(heaps),
    heapFrom: (heaps[0]?.[1] ?? 0) / MB,
    heapTo: (heaps.at(-1)?.[1] ?? 0) / MB,
  };
};

export const peakRss = (memory: readonly MemorySample[]): number => max(memory.map(({ rss }) => rss)) / MB;
