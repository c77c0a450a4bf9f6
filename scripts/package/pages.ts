import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from './paths.ts';

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
