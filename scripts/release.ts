/**
 * Makes a release: every file that a release page offers, in one flat folder. The same sources give the same bytes,
 * whenever and wherever they are built. Why it is made so: docs/adr/0040-a-template-by-conditions.md.
 *
 *   npm run release [-- --out <folder>]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGES, stagePackages } from './build-package.ts';
import { buildWheel } from './package/construct-languages.ts';
import { filesBelow, npm, ROOT } from './package/files.ts';
import { readRoot } from './package/manifest.ts';
import { buildPythonClient } from './package/python-client.ts';
import { pythonForWheels } from './package/wheel.ts';
import { writeCloudFormation } from './release/cloudformation.ts';
import { releaseNotes } from './release/notes.ts';
import { zipFolder } from './release/zip.ts';
import { makeSbom } from './sbom/document.ts';

const RELEASE = path.join(ROOT, 'dist', 'release');
/** The last file of a release to be written. */
const CHECKSUMS = 'SHA256SUMS';

interface Making {
  /** The folder of the release. */
  readonly out: string;
  /** What is made on the way. */
  readonly scratch: string;
  readonly name: string;
  readonly version: string;
}

/** The parts of a release, in the order in which they are made. */
const PARTS: Readonly<Record<string, (making: Making) => Promise<void>>> = {
  cloudformation: async ({ out, scratch, name, version }) => {
    const folder = path.join(scratch, 'cloudformation');
    await writeCloudFormation(folder, scratch);
    await zipFolder(folder, path.join(out, `${name}-cloudformation-${version}.zip`));
  },
  npm: async ({ out, scratch }) => {
    const staged = path.join(scratch, 'packages');
    await stagePackages(staged);
    for (const folder of Object.keys(PACKAGES)) {
      await npm('pack', path.join(staged, folder), '--pack-destination', out, '--ignore-scripts', '--silent');
    }
  },
  python: async ({ out, scratch }) => {
    await buildPythonClient(out);
    await buildWheel(path.join(scratch, 'packages', 'construct'), out);
  },
  sbom: async ({ out, name, version }) => {
    const sbom = JSON.stringify(await makeSbom(), undefined, 2);
    await writeFile(path.join(out, `${name}-${version}.cdx.json`), `${sbom}\n`);
  },
};

async function writeChecksums(out: string): Promise<void> {
  const lines = await Promise.all(
    (await filesBelow(out)).map(async (name) => {
      const digest = createHash('sha256').update(await readFile(path.join(out, name)));
      return `${digest.digest('hex')}  ${name}\n`;
    }),
  );
  await writeFile(path.join(out, CHECKSUMS), lines.join(''));
}

/** Refuses what would fail after a minute, or delete what is not a release. */
function checkFirst(out: string): void {
  const isOther = out !== RELEASE && existsSync(out) && readdirSync(out).length > 0;
  if (isOther && !existsSync(path.join(out, CHECKSUMS))) {
    throw new Error(`${out} has files, but no ${CHECKSUMS}, so it is not an earlier release. Give an empty folder.`);
  }
  pythonForWheels();
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' });
  if (stdout) console.error('This release is for trying only: the tree has changes that are not committed.');
}

async function release(out: string): Promise<void> {
  checkFirst(out);
  const { name, version } = await readRoot();
  const scratch = await mkdtemp(path.join(tmpdir(), 'bedrock-job-tracker-release-'));
  await mkdir(path.dirname(out), { recursive: true });
  // Beside its place, and moved there when it is whole.
  const draft = await mkdtemp(`${out}-`);
  try {
    for (const [part, make] of Object.entries(PARTS)) {
      const start = performance.now();
      await make({ out: draft, scratch, name, version });
      console.error(`${part}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    await writeFile(path.join(draft, 'RELEASE_NOTES.md'), await releaseNotes(version, await filesBelow(draft)));
    await writeChecksums(draft);
    await chmod(draft, 0o755);
    await rm(out, { recursive: true, force: true });
    await rename(draft, out);
  } finally {
    await Promise.all([scratch, draft].map((folder) => rm(folder, { recursive: true, force: true })));
  }
  for (const each of await filesBelow(out)) {
    const { size } = await stat(path.join(out, each));
    console.error(`${(size / 1000).toFixed(0).padStart(6)} kB  ${each}`);
  }
}

// Wheels keep the permissions of the files that they are made of.
process.umask(0o022);
const { values } = parseArgs({ options: { out: { type: 'string' } } });
try {
  await release(path.resolve(values.out ?? RELEASE));
} catch (error) {
  // The compilers name file and line; a stack trace would only name them.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
