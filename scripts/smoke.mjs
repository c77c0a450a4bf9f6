/**
 * What a new user does: clones the checkout into an empty folder, runs `npm start`, waits until a job has completed,
 * and stops it with Ctrl-C. Prints one line, `N passed, N failed`. Uses nothing but Node (>= 20), git and npm.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_LIMIT_MS = 10 * 60_000;
const STOP_LIMIT_MS = 30_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'bedrock-job-tracker-'));

/** Looks until there is something; an error of the look itself ends it, one of the network is a look in vain. */
const until = async (limitMs, look) => {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= end) throw new Error(`nothing within ${limitMs / 1000} seconds`);
    await pause(500);
  }
};

const hasEnded = (pid) => {
  try {
    process.kill(-pid, 0);
    return undefined;
  } catch {
    return true;
  }
};

const run = async () => {
  const clone = spawnSync('git', ['clone', '--quiet', root, folder], { stdio: 'inherit' });
  if (clone.status !== 0) throw new Error('git clone failed');
  // In a process group of its own, as a terminal has it: Ctrl-C reaches npm and all that it started.
  const start = spawn('npm', ['start'], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [start.stdout, start.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
  }
  const exit = once(start, 'exit');
  try {
    const completed = await until(START_LIMIT_MS, async () => {
      if (start.exitCode !== null) throw new Error('npm start has ended by itself');
      const url = /Jobs as JSON\s+(http:\S+)/.exec(output)?.[1];
      if (url === undefined) return undefined;
      const answer = await fetch(url).catch(() => undefined);
      const { jobs } = (await answer?.json()) ?? { jobs: [] };
      return jobs.find(({ status }) => status === 'Completed');
    });
    console.log(`\n${completed.job_name} has completed; stopping.`);
    process.kill(-start.pid, 'SIGINT');
    await until(STOP_LIMIT_MS, async () => hasEnded(start.pid));
    if (!output.includes('Stopped. Records are kept.')) throw new Error('npm start did not say that it stopped');
  } finally {
    if (!hasEnded(start.pid)) process.kill(-start.pid, 'SIGKILL');
    await exit;
  }
};

let failed = 0;
try {
  await run();
} catch (error) {
  failed = 1;
  console.error(`The smoke run failed: ${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${1 - failed} passed, ${failed} failed`);
process.exitCode = failed;
