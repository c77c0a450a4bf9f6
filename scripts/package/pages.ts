import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Where `npm run build:package` puts the package. */
export const STAGING = path.join(ROOT, 'dist', 'package');

/** The files below a folder, by paths with slashes, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** The pages and pictures of this folder that these pages lead to, themselves included: what ships has no link to nowhere. */
export async function linkedPages(from: readonly string[]): Promise<string[]> {
  const found = new Set(from);
  // A set hands out what is added while it is walked through.
  for (const page of found) {
    if (!page.endsWith('.md')) continue;
    const text = await readFile(path.join(ROOT, page), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g)) {
      const target = path.posix.join(path.posix.dirname(page), link);
      if (/\.(?:md|png)$/.test(target) && existsSync(path.join(ROOT, target))) found.add(target);
    }
  }
  return [...found].sort();
}
