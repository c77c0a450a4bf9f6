import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stageClient } from './package/client.ts';
import { stageCommandLine } from './package/command-line.ts';
import { stageConstruct } from './package/construct.ts';
import { ROOT } from './package/files.ts';

/** The npm packages by their folders, with what stages each. Why there are three: docs/adr/0037-three-packages.md. */
export const PACKAGES = { construct: stageConstruct, client: stageClient, cli: stageCommandLine };

export type PackageFolder = keyof typeof PACKAGES;

/** Where `npm run build:package` puts the packages. */
export const STAGING = path.join(ROOT, 'dist', 'packages');

/**
 * Stages npm packages, each in an emptied folder of its own below `out`: `npm pack` there makes its tarball. The same
 * sources give the same bytes, wherever they lie.
 *
 * @throws when something does not compile, or ships an import of a package that package.json does not have
 */
export async function stagePackages(
  out: string = STAGING,
  folders = Object.keys(PACKAGES) as readonly PackageFolder[],
): Promise<void> {
  for (const folder of folders) {
    const staging = path.join(out, folder);
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true });
    await PACKAGES[folder](staging);
  }
}

const isPackage = (name: string): name is PackageFolder => Object.hasOwn(PACKAGES, name);

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  try {
    const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
    const out = path.resolve(values.out ?? STAGING);
    const unknown = positionals.find((name) => !isPackage(name));
    if (unknown !== undefined) {
      throw new Error(`"${unknown}" is not a package. The packages are ${Object.keys(PACKAGES).join(', ')}.`);
    }
    await stagePackages(out, positionals.length > 0 ? positionals.filter(isPackage) : undefined);
    console.error(`Staged in ${path.relative(process.cwd(), out)}: "npm pack" in each folder makes its tarball.`);
  } catch (error) {
    // The compilers name file and line; a stack trace would only name them.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
