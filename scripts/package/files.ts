import { readdir } from 'node:fs/promises';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');

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
