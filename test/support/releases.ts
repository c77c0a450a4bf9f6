/** Released versions, as `scripts/keep-release.ts` keeps them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { AssemblyName, KeptRelease } from '../../scripts/keep-release.ts';

const FOLDER = path.resolve(import.meta.dirname, '..', 'fixtures', 'releases');
const SUFFIX = '.json.br';

/** The versions that are kept, the last one first. */
export const RELEASES: readonly string[] = readdirSync(FOLDER)
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));

/** The last released version. */
export const LAST_RELEASE = RELEASES[0] ?? '';

export const readRelease = (version: string): KeptRelease =>
  JSON.parse(brotliDecompressSync(readFileSync(path.join(FOLDER, version + SUFFIX))).toString()) as KeptRelease;

/** The files of one of its assemblies, by name. */
export const assemblyFiles = ({ files }: KeptRelease, assembly: AssemblyName): [name: string, text: string][] =>
  Object.entries(files)
    .filter(([file]) => file.startsWith(`${assembly}/`))
    .map(([file, text]) => [file.slice(assembly.length + 1), text]);
