/**
 * What a new user does, on this machine's own Node.js (>= 20.19): clones the checkout into an empty folder and runs
 * `npm start`, then builds the package of the command line and runs it. Each tracks a job until it has completed, and is
 * stopped with Ctrl-C. Uses nothing but Node.js, git and npm. Ends with `N passed, N failed`.
 *
 *   node scripts/smoke.mjs
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const START_LIMIT_MS = 10 * 60_000;
const STOP_LIMIT_MS = 30_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'bedrock-job-tracker-'));
const clone = join(folder, 'clone');

const run = async (program, args, cwd = clone) => (await promisify(execFile)(program, args, { cwd })).stdout;

/** Calls `look` until it finds something. */
const until = async (limitMs, look) => {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= end) throw new Error(`found nothing within ${limitMs / 1000} seconds`);
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

/** Starts a local run, does something while it runs, and stops it when a job has completed. */
const tryLocalRun = async (program, args, whileItRuns = async () => {}) => {
  // In a process group of its own, as in a terminal: Ctrl-C reaches all that it started.
  const start = spawn(program, args, { cwd: clone, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
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
      if (start.exitCode !== null) throw new Error('the local run ended by itself');
      const url = /Jobs as JSON\s+(http:\S+)/.exec(output)?.[1];
      if (url === undefined) return undefined;
      // It listens a moment after it says where.
      const answer = await fetch(url).catch(() => undefined);
      const { jobs } = (await answer?.json()) ?? { jobs: [] };
      return jobs.find(({ status }) => status === 'Completed');
    });
    await whileItRuns(completed.job_name);
    console.log(`\n${completed.job_name} has completed; stopping.`);
    process.kill(-start.pid, 'SIGINT');
    await until(STOP_LIMIT_MS, async () => hasEnded(start.pid));
    if (!output.includes('Stopped. Records are kept.')) throw new Error('the local run did not say that it stopped');
  } finally {
    if (!hasEnded(start.pid)) process.kill(-start.pid, 'SIGKILL');
    await exit;
  }
};

const tryStart = async () => {
  await run('git', ['clone', '--quiet', root, clone], root);
  await tryLocalRun('npm', ['start']);
};

const SPEC = `jobName: smoke
customModelName: smoke
roleArn: arn:aws:iam::123456789012:role/BedrockCustomizationRole
baseModelIdentifier: amazon.nova-micro-v1:0:128k
trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' }
outputDataConfig: { s3Uri: 's3://acme-output/' }
`;

const tryPackage = async () => {
  await run('npm', ['run', '--silent', 'build:package', '--', 'cli']);
  const commandLine = join(clone, 'dist', 'packages', 'cli', 'bin', 'bedrock-jobs.js');
  const bedrockJobs = (...args) => run(process.execPath, [commandLine, ...args], folder);
  const expect = async (text, ...args) => {
    const output = await bedrockJobs(...args);
    if (!output.includes(text)) throw new Error(`"bedrock-jobs ${args.join(' ')}" does not say ${text}:\n${output}`);
  };
  const spec = join(folder, 'spec.yaml');
  writeFileSync(spec, SPEC);
  const local = ['--data-dir', join(folder, 'data')];
  const ports = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0'];
  await expect('Usage: bedrock-jobs', '--help');
  await tryLocalRun(process.execPath, [commandLine, 'local', ...local, ...ports], async (name) => {
    await expect(name, 'list', ...local);
    await expect('Completed', 'show', name, ...local);
    await expect(':model-customization-job/', 'create', '--spec', spec, ...local);
  });
};

let [passed, failed] = [0, 0];
for (const [what, check] of [
  [`npm start on Node.js ${process.version}`, tryStart],
  [`the packaged command line on Node.js ${process.version}`, tryPackage],
]) {
  try {
    await check();
    passed += 1;
    console.log(`ok ${what}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${what}: ${error.stderr || error.message}`);
  }
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
