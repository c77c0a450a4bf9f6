import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');

const isWindows = process.platform === 'win32';

/** Runs npm in the project's folder. The answer is what it prints. */
export const npm = async (...args: readonly string[]): Promise<string> => {
  const options = { cwd: ROOT, maxBuffer: 2 ** 26, shell: isWindows };
  return (await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', args, options)).stdout;
};

/** The files below a folder, by paths with slashes, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** A TypeScript module or its declarations, with another suffix in place of `.ts` in relative imports. */
export const withSuffix = (suffix: '' | '.js', text: string): string =>
  text.replaceAll(/(\bfrom |\bimport ?\(?)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, `$1$2$3${suffix}$2`);
