import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureVenv, findPython, WHEEL } from '../python.ts';
import { runTool, withPackages } from './construct-jsii.ts';
import { ROOT } from './files.ts';
import { OLDEST_CDK } from './manifest.ts';

const run = promisify(execFile);
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * The `node_modules` with a CDK, installed where it is missing.
 *
 * @param versions of `aws-cdk-lib` and `constructs`
 */
export async function ensureCdk(versions: Readonly<Record<string, string>>): Promise<string> {
  const pins = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  const folder = path.join(ROOT, '.cache', pins.join('-'));
  const modules = path.join(folder, 'node_modules');
  if (existsSync(modules)) return modules;
  await mkdir(path.dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await writeFile(path.join(draft, 'package.json'), '{"private":true}');
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
    await run(NPM, ['install', ...pins, '--prefix', draft, ...quiet], { shell: process.platform === 'win32' });
    // Another run may have been faster.
    if (!existsSync(modules)) await rename(draft, folder);
    return modules;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Generates a language's package in `out`. Against the oldest CDK: generated code passes on every prop of a stack that
 * the CDK has then, and an older one would refuse those that it does not know.
 */
export async function generate(
  staging: string,
  language: string,
  out: string,
  ...more: readonly string[]
): Promise<void> {
  await withPackages(staging, await ensureCdk(OLDEST_CDK), () =>
    runTool('jsii-pacmak/bin/jsii-pacmak', [
      staging,
      '--targets',
      language,
      '--outdir',
      out,
      '--no-npmignore',
      ...more,
    ]),
  );
}

/**
 * Makes the wheel of a staged construct's package. The same package gives the same bytes.
 *
 * @param out its folder
 * @returns its path
 * @throws where the machine has no Python
 */
export async function buildWheel(staging: string, out: string): Promise<string> {
  const base = findPython();
  if (base === undefined) throw new Error('The wheel needs Python 3.10 or later with venv: install it first.');
  const python = await ensureVenv(base, WHEEL, console.error);
  const scratch = await mkdtemp(path.join(tmpdir(), 'bedrock-job-tracker-wheel-'));
  try {
    await generate(staging, 'python', scratch, '--code-only');
    const wheels = path.join(scratch, 'wheels');
    const args = ['--no-deps', '--no-build-isolation', '--no-index', '--quiet', '--disable-pip-version-check'];
    await run(python, ['-m', 'pip', 'wheel', ...args, '--wheel-dir', wheels, path.join(scratch, 'python')], {
      // The first time that a zip file can name.
      env: { ...process.env, SOURCE_DATE_EPOCH: '315532800' },
    });
    const [name = ''] = await readdir(wheels);
    await mkdir(out, { recursive: true });
    await cp(path.join(wheels, name), path.join(out, name));
    return path.join(out, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
