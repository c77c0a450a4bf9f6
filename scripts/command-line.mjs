/**
 * Keeps a bundle of the command line in dist/cli, as a start from the sources takes twice the time. It is built again
 * when a file that went into it has changed, or the lock file: a few hundred looks at the file system each start.
 * Runs on the machine's own Node.js (>= 20.19), so it uses nothing but Node.js.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'dist', 'cli');
const current = join(folder, 'current.json');
/** Besides the sources: what they are bundled with, and how. */
const OTHER_INPUTS = ['package-lock.json', 'scripts/package/command-line.ts', 'scripts/command-line.mjs'];
/** A command that still runs may load parts of an older bundle. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Changes with the file, also when an older version of it comes back. */
const stampOf = (file) => {
  const { mtimeMs, size } = statSync(join(root, file));
  return `${mtimeMs} ${size}`;
};

/** The folder of the bundle; undefined where there is none, or its inputs have changed. */
const findFresh = () => {
  try {
    const { name, inputs } = JSON.parse(readFileSync(current, 'utf8'));
    const bundle = join(folder, name);
    const isFresh = Object.entries(inputs).every(([file, stamp]) => stampOf(file) === stamp);
    return isFresh && statSync(bundle).isDirectory() ? bundle : undefined;
  } catch {
    return undefined;
  }
};

const removeOld = (name) => {
  // Another start may remove the same ones.
  const ageOf = (each) => Date.now() - (statSync(join(folder, each), { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
  const isOld = (each) => each !== name && ageOf(each) > KEPT_MS;
  for (const { name: each } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    if (isOld(each)) rmSync(join(folder, each), { recursive: true, force: true });
};

/** Builds beside what others may be running, and switches over at the end: two builds at once do no harm. */
const build = () => {
  console.error('Building the command line (first run, or its sources changed) …');
  const name = `${Date.now()}-${process.pid}`;
  const bundle = join(folder, name);
  mkdirSync(bundle, { recursive: true });
  const script = join(root, 'scripts', 'package', 'command-line.ts');
  // A file that is edited during the build gets a stamp that never fits, so that the next start builds again.
  const started = Date.now();
  const { status, stdout } = spawnSync(findNode(), [script, bundle], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    rmSync(bundle, { recursive: true, force: true });
    return undefined;
  }
  const files = [...JSON.parse(stdout), ...OTHER_INPUTS];
  const inputs = Object.fromEntries(
    files.map((file) => [file, statSync(join(root, file)).mtimeMs > started ? 'edited' : stampOf(file)]),
  );
  const draft = `${current}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ name, inputs }));
  renameSync(draft, current);
  removeOld(name);
  return bundle;
};

/** The entry of the command line, built where that is needed; undefined where it cannot be built. */
export const commandLine = async () => {
  const fresh = findFresh();
  if (fresh === undefined) await import('./setup.mjs');
  const bundle = fresh ?? build();
  return bundle && join(bundle, 'bin', 'bedrock-jobs.js');
};
