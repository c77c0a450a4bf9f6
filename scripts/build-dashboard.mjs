/**
 * Builds the dashboard's web application into dist/dashboard where it is missing or older than its sources.
 * Part of the set-up, so it uses nothing but the machine's own Node.js (>= 20.19); Vite runs on the Node.js of the packages.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', 'dashboard', '.built');
const config = join('lib', 'dashboard', 'web', 'vite.config.ts');
/** What the application is made of: its own files, what it may import, and the versions of the packages. */
const SOURCES = ['lib/dashboard/web', 'lib/dashboard/api.ts', 'lib/domain', 'package-lock.json'];

const filesOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true })
        .map((name) => join(path, name))
        .filter((file) => statSync(file).isFile())
        .sort()
    : [path];

const hashOfSources = () => {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesOf(join(root, source)))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
};

/** Answers whether the application is there. */
export const buildDashboard = () => {
  const hash = hashOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  console.error('Building the dashboard (first run, or its sources changed) …');
  const vite = join('node_modules', 'vite', 'bin', 'vite.js');
  const build = spawnSync(findNode(), [vite, 'build', '--config', config, '--logLevel', 'warn'], {
    cwd: root,
    // Vite goes by it, whatever mode it is told.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 2, 'inherit'],
  });
  if (build.status !== 0) return false;
  writeFileSync(stamp, hash);
  return true;
};

if (process.argv[1] === fileURLToPath(import.meta.url) && !buildDashboard()) {
  console.error('The dashboard could not be built: see the message above, then run the command again.');
  process.exitCode = 1;
}
