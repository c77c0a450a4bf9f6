import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { filesBelow, ROOT } from './files.ts';

/**
 * Compiles what an entry reaches, such as `lib/index.ts`: ES modules with declarations into `lib/`, the same as CommonJS
 * into `cjs/`. Both lie as deep as `lib/` does in the source tree, so that `../../dist/lambdas` is right in all three.
 *
 * @returns what the modules and declarations import, as they name it
 * @throws the compiler's messages, with file and line
 */
export async function compileLibrary(staging: string, entry: string): Promise<readonly string[]> {
  const lib = path.join(staging, 'lib');
  const files = await emitModules(entry, lib);
  await makeCommonJs(lib, path.join(staging, 'cjs'), await filesBelow(lib));
  // Both what runs and what is only a type: a consumer's compiler has to find the declarations too.
  return files.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName));
}

/** The texts of the emitted files. */
async function emitModules(entry: string, outDir: string): Promise<readonly string[]> {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.build.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const settings = ts.parseJsonConfigFileContent({ ...config, files: [entry] }, ts.sys, ROOT, { outDir });
  const program = ts.createProgram(settings.fileNames, settings.options);
  const emitted = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => emitted.set(file, nameEmittedFiles(text)));
  const problems = [...settings.errors, ...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) {
    const host = {
      getCurrentDirectory: () => ROOT,
      getCanonicalFileName: (name: string) => name,
      getNewLine: () => '\n',
    };
    throw new Error(ts.formatDiagnostics(problems, host));
  }
  for (const [file, text] of emitted) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return [...emitted.values()];
}

/** The compiler rewrites `./file.ts` to `./file.js` in what it emits as JavaScript, and leaves declarations alone. */
const nameEmittedFiles = (text: string): string =>
  text.replaceAll(/(\bfrom |\bimport ?\(?)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2');

/** From the emitted modules, one by one, so that both forms are the same files under the same names. */
async function makeCommonJs(lib: string, cjs: string, files: readonly string[]): Promise<void> {
  await build({
    absWorkingDir: lib,
    entryPoints: files.filter((file) => file.endsWith('.js')),
    outbase: lib,
    outdir: cjs,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'silent',
  });
  const declarations = files.filter((file) => file.endsWith('.d.ts'));
  await Promise.all(declarations.map((file) => cp(path.join(lib, file), path.join(cjs, file))));
  await writeFile(path.join(cjs, 'package.json'), '{"type":"commonjs"}\n');
}

/** How a module of `compileLibrary` is exported, for both ways to load it. */
export const both = (module: string) => ({
  import: { types: `./lib/${module}.d.ts`, default: `./lib/${module}.js` },
  require: { types: `./cjs/${module}.d.ts`, default: `./cjs/${module}.js` },
});
