import { existsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleLambdas } from './bundle-lambdas.ts';
import { bundleCommandLine, bundleDashboard } from './package/command-line.ts';
import { compileLibrary } from './package/library.ts';
import { manifestOf } from './package/manifest.ts';
import { noticesOf } from './package/notices.ts';
import { linkedPages, ROOT, STAGING } from './package/pages.ts';
import { makeSbom } from './sbom/document.ts';

/**
 * Stages the npm package in an emptied folder: `npm pack dist/package` makes the tarball of it. Why it is laid out so:
 * docs/adr/0013-two-manifests.md.
 *
 * @throws when something does not compile, or ships an import of a package that package.json does not have
 */
export async function buildPackage(staging: string = STAGING): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  await compileLibrary(staging);
  await bundleLambdas(path.join(staging, 'dist', 'lambdas'));
  const dashboard = await bundleDashboard(staging);
  const commandLine = await bundleCommandLine(staging);
  await writeFile(
    path.join(staging, 'THIRD-PARTY-NOTICES.txt'),
    await noticesOf(staging, [...commandLine.files, ...dashboard]),
  );
  await writeFile(path.join(staging, 'sbom.cdx.json'), `${JSON.stringify(await makeSbom(), undefined, 2)}\n`);
  for (const file of ['LICENSE', ...(await linkedPages(['README.md', 'CHANGELOG.md', 'SECURITY.md']))]) {
    await cp(path.join(ROOT, file), path.join(staging, file));
  }
  if (existsSync(path.join(ROOT, 'schemas'))) {
    await cp(path.join(ROOT, 'schemas'), path.join(staging, 'schemas'), { recursive: true });
  }
  // Last: it names the packages that what is staged imports.
  const manifest = await manifestOf(staging, commandLine.imports);
  await writeFile(path.join(staging, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const staging = path.resolve(process.argv[2] ?? STAGING);
  try {
    await buildPackage(staging);
    console.error(`Staged ${path.relative(process.cwd(), staging)}: "npm pack" there makes the tarball.`);
  } catch (error) {
    // The compilers name file and line; a stack trace would only name them.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
