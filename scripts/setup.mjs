/**
 * Installs the project's packages where they are missing or older than the lock file, and builds the dashboard where it
 * is missing or older than its sources.
 * Runs on the machine's own Node.js (>= 20.19), so it uses nothing but Node.js and npm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './build-dashboard.mjs';
import { findNode, NODE_PACKAGE } from './node.mjs';

const OLDEST_RUNTIME = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-lock');
const link = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

/** `npx bedrock-jobs` in this clone: npm links the commands of other packages alone. */
const linkCommand = () => {
  const command = join(modules, '.bin', process.platform === 'win32' ? 'bedrock-jobs.cmd' : 'bedrock-jobs');
  if (existsSync(command)) return;
  if (process.platform === 'win32') writeFileSync(command, '@node "%~dp0\\..\\..\\bin\\bedrock-jobs.mjs" %*\r\n');
  else symlinkSync(join('..', '..', 'bin', 'bedrock-jobs.mjs'), command);
};

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

const npm = (...args) =>
  spawnSync(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    [...args, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      // Standard output is for what the command prints.
      stdio: ['ignore', 2, 'inherit'],
      shell: process.platform === 'win32',
    },
  );

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing packages (first run, or package-lock.json changed) …');
  // Not `npm ci`: it refuses a lock file that lacks the packages of platforms which the registry did not offer when the
  // file was made, even where none of them is for this machine. What the file names is installed as it says.
  const install = npm('install', '--no-save');
  if (install.status !== 0) fail('npm install failed: see its message above, then run the command again.');
  // npm 10 leaves the link out where packages of other platforms declare the same command.
  if (!existsSync(link) && existsSync(join(modules, NODE_PACKAGE))) npm('rebuild', NODE_PACKAGE);
  writeFileSync(stamp, lock);
}

const { stdout: version } = spawnSync(findNode(), ['--version'], { encoding: 'utf8' });
if (Number.parseInt(version.slice(1), 10) < OLDEST_RUNTIME) {
  fail(
    `The packages have no Node.js ${OLDEST_RUNTIME} for ${process.platform}-${process.arch}, and this machine has ` +
      `${version.trim()}. Install Node.js ${OLDEST_RUNTIME} or later, then run the command again.`,
  );
}

linkCommand();
if (!buildDashboard()) fail('The dashboard could not be built: see the message above, then run the command again.');
