/**
 * Deploys the app to MiniStack, an emulator of AWS on this machine, and drives what is deployed: docs/full-stack-test.md.
 * Needs Python 3.10 or newer; without it, says so and skips. This only sets up and runs: the rest is in test/stack.
 *
 *   node scripts/test-stack.mjs
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './lib/node.mjs';
import { CLIENTS, ensureVenv, findPython } from './lib/python.mjs';

// cryptography makes the certificate, and lets MiniStack's KMS sign.
const MINISTACK = { name: 'ministack-venv', pins: ['ministack==1.5.33', 'cryptography==50.0.2'] };

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);

const skip = (reason) => {
  say(`Skipped: ${reason}`);
  say('0 passed, 0 failed, 1 skipped');
};

/** Runs the test proper on the project's Node. It cleans up after itself, a signal included. */
const runTest = async (pythons) => {
  const child = spawn(findNode(), [join(root, 'test', 'stack', 'main.ts'), JSON.stringify(pythons)], {
    stdio: 'inherit',
  });
  // A terminal's Ctrl-C reaches the child too. This one waits, so that the prompt does not come before the end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
};

const main = async () => {
  if (process.platform === 'win32') return skip('MiniStack is run in a process group, which Windows does not have.');
  const found = findPython();
  if (found === undefined)
    return skip('no Python 3.10 or newer with venv was found, and MiniStack, the AWS CLI and boto3 need one.');
  try {
    const [ministack, clients] = await Promise.all([
      ensureVenv(found, MINISTACK, say),
      ensureVenv(found, CLIENTS, say),
    ]);
    process.exitCode = await runTest({ ministack, clients });
  } catch (error) {
    say(`FAILED to set up the full-stack test: ${error.stderr || error.message}`);
    say('0 passed, 1 failed');
    process.exitCode = 1;
  }
};

await main();
