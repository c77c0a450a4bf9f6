import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTool, withPackages } from './construct-jsii.ts';
import { npm, ROOT } from './files.ts';
import { OLDEST_CDK } from './manifest.ts';
import { makeWheel } from './wheel.ts';

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
    await npm('install', ...pins, '--prefix', draft, ...quiet);
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
      ...[staging, '--targets', language, '--outdir', out, '--no-npmignore'],
      ...more,
    ]),
  );
}

/**
 * Makes the wheel of a staged construct's package.
 *
 * @param out its folder
 * @returns its path
 */
export const buildWheel = (staging: string, out: string): Promise<string> =>
  makeWheel(async (folder) => {
    await generate(staging, 'python', folder, '--code-only');
    return path.join(folder, 'python');
  }, out);
