import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultsInput } from '../../../lib/simulator/index.ts';
import { readRunFile, type RunFile } from '../../../lib/local/run-file.ts';

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'bin', 'bedrock-jobs.ts');
const START_LIMIT_MS = 60_000;
/** No jobs but the measured ones, which do not end before they are told to, and no sweep that is sooner than an event. */
const FLAGS = ['--active-jobs', '0', '--speed', '0.001', '--sweep-every', '86400', '--full-sweep-every', '604800'];
const PORTS = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0'];

/** `bedrock-jobs local` in a process of its own. */
export interface RunningLocally {
  readonly addresses: RunFile & { readonly bedrockUrl: string };
  /** Steers the simulator: answers when that is done. */
  readonly steer: (method: 'PUT' | 'POST', path: string, body: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const addressesIn = async (dataDir: string, hasEnded: () => boolean): Promise<RunFile> => {
  const end = performance.now() + START_LIMIT_MS;
  for (;;) {
    const found = await readRunFile(dataDir).catch(() => undefined);
    if (found !== undefined) return found;
    if (hasEnded() || performance.now() > end) throw new Error('The local run did not start.');
    await pause(100);
  }
};

/** Starts it as everybody does, with Bedrock's faults as given: the events' own are off, unless they are named. */
export const startRunningLocally = async (faults: FaultsInput): Promise<RunningLocally> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bedrock-job-tracker-bench-'));
  const child = spawn(process.execPath, [ENTRY, 'local', '--data-dir', dataDir, ...PORTS, ...FLAGS], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    if (!hasEnded()) child.kill('SIGINT');
    await exit;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { bedrockUrl = '', ...addresses } = await addressesIn(dataDir, hasEnded);
    const steer: RunningLocally['steer'] = async (method, path, body) => {
      const answer = await fetch(`${bedrockUrl}/_simulator/${path}`, { method, body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`The simulator was not steered: ${text}`);
    };
    await steer('PUT', 'faults', faults);
    return { addresses: { ...addresses, bedrockUrl }, steer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
