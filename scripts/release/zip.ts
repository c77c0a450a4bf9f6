import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync, type Zippable } from 'fflate';
import { filesBelow } from '../package/files.ts';

/** A zip knows the local time without its zone, so this is the same everywhere. Its years begin in 1980. */
const ALWAYS = new Date(1980, 0, 1);
/** Made on Unix, a file that everybody may read: Lambda takes permissions from the zip. */
const READABLE = { os: 3, attrs: 0o100644 << 16, mtime: ALWAYS, level: 9 } as const;

/** Zips what is below a folder. The same files give the same bytes, whenever and wherever. */
export async function zipFolder(folder: string, file: string): Promise<void> {
  const entries: Zippable = {};
  for (const name of await filesBelow(folder)) entries[name] = [readFileSync(path.join(folder, name)), READABLE];
  writeFileSync(file, zipSync(entries));
}
