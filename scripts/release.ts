import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PACKAGES, stagePackages } from './build-package.ts';
import { filesBelow, ROOT } from './package/files.ts';
import { readRoot } from './package/manifest.ts';
import { writeCloudFormation } from './release/cloudformation.ts';
import { zipFolder } from './release/zip.ts';
import { makeSbom } from './sbom/document.ts';

/**
 * Makes a release: every file that a release page offers, in one folder. The same sources give the same bytes, whenever
 * and wherever. Why it is made so: docs/adr/0040-one-template-by-conditions.md.
 *
 *   npm run release [-- --out <folder>]
 */
const RELEASE = path.join(ROOT, 'dist', 'release');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const step = async (what: string, work: () => Promise<void>): Promise<void> => {
  const start = performance.now();
  await work();
  console.error(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

async function packAll(out: string, scratch: string): Promise<void> {
  await stagePackages(scratch);
  for (const folder of Object.keys(PACKAGES)) {
    const args = ['pack', path.join(scratch, folder), '--pack-destination', out, '--ignore-scripts', '--silent'];
    await promisify(execFile)(NPM, args, { cwd: ROOT, shell: process.platform === 'win32' });
  }
}

async function writeChecksums(out: string): Promise<void> {
  const lines = await Promise.all(
    (await filesBelow(out)).map(async (name) => {
      const digest = createHash('sha256').update(await readFile(path.join(out, name)));
      return `${digest.digest('hex')}  ${name}\n`;
    }),
  );
  await writeFile(path.join(out, 'SHA256SUMS'), lines.join(''));
}

async function release(out: string): Promise<void> {
  const { name, version } = await readRoot();
  const scratch = await mkdtemp(path.join(tmpdir(), 'bedrock-job-tracker-release-'));
  try {
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    await step('Template and functions', async () => {
      const folder = path.join(scratch, 'cloudformation');
      await writeCloudFormation(folder, scratch);
      await zipFolder(folder, path.join(out, `${name}-cloudformation-${version}.zip`));
    });
    await step('npm packages', () => packAll(out, path.join(scratch, 'packages')));
    await writeFile(path.join(out, `sbom-${version}.cdx.json`), `${JSON.stringify(await makeSbom(), undefined, 2)}\n`);
    await writeChecksums(out);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  for (const each of await filesBelow(out)) {
    const { size } = await stat(path.join(out, each));
    console.error(`${(size / 1000).toFixed(0).padStart(6)} kB  ${each}`);
  }
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
try {
  await release(path.resolve(values.out ?? RELEASE));
} catch (error) {
  // The compilers name file and line; a stack trace would only name them.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
