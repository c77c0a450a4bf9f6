import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { filesBelow, ROOT } from './pages.ts';

/**
 * Compiles what the public entries reach: ES modules with declarations into `lib/`, the same as CommonJS into `cjs/`.
 * Both lie as deep as `lib/` does in the source tree, so that `../../dist/lambdas` is right in all three.
 */
export async function compileLibrary(staging: string): Promise<void> {
  const lib = path.join(staging, 'lib');
  compile(lib);
  const files = await filesBelow(lib);
  const declarations = files.filter((file) => file.endsWith('.d.ts'));
  await Promise.all(declarations.map((file) => nameEmittedFiles(path.join(lib, file))));
  await makeCommonJs(
    lib,
    path.join(staging, 'cjs'),
    files.filter((file) => file.endsWith('.js')),
    declarations,
  );
}

function compile(outDir: string): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '--project', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`tsc: ${run.stdout}${run.stderr}`);
}

/** The compiler rewrites `./file.ts` to `./file.js` in what it emits as JavaScript, and leaves declarations alone. */
async function nameEmittedFiles(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/(\bfrom |\bimport ?\(?)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2'));
}

/** From the emitted modules, one by one, so that both forms are the same files under the same names. */
async function makeCommonJs(
  lib: string,
  cjs: string,
  modules: readonly string[],
  declarations: readonly string[],
): Promise<void> {
  await build({
    absWorkingDir: lib,
    entryPoints: [...modules],
    outbase: lib,
    outdir: cjs,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'silent',
  });
  await Promise.all(declarations.map((file) => cp(path.join(lib, file), path.join(cjs, file))));
  await writeFile(path.join(cjs, 'package.json'), '{"type":"commonjs"}\n');
}
