import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { filesBelow, ROOT, withSuffix } from './files.ts';
import { finishPackage } from './finish.ts';

/** Stages the read API with the schemas of what it reads. */
export async function stageClient(staging: string): Promise<void> {
  const lib = path.join(staging, 'lib');
  const texts = await emitModules('lib/client/index.ts', lib);
  // esbuild imports CommonJS as the package that it finds above the modules would.
  await writeFile(path.join(staging, 'package.json'), '{"type":"module"}');
  await makeCommonJs(lib, path.join(staging, 'cjs'));
  await cp(path.join(ROOT, 'schemas'), path.join(staging, 'schemas'), { recursive: true });
  await finishPackage(staging, {
    suffix: '-client',
    manifest: {
      description: 'Reads the records of the Bedrock job tracker: jobs by ARN, name or index, histories, and waiting.',
      keywords: ['amazon-bedrock', 'fine-tuning', 'model-customization', 'dynamodb'],
      type: 'module',
      sideEffects: false,
      exports: {
        '.': {
          import: { types: './lib/client/index.d.ts', default: './lib/client/index.js' },
          require: { types: './cjs/client/index.d.ts', default: './cjs/client/index.js' },
        },
        './schemas/*': './schemas/*',
        './package.json': './package.json',
      },
      // For TypeScript's resolution "node10", which does not know exports.
      main: './cjs/client/index.js',
      types: './cjs/client/index.d.ts',
    },
    readme: 'lib/client/README.md',
    // Both what runs and what is only a type: a consumer's compiler has to find the declarations too.
    imports: texts.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName)),
  });
}

/**
 * Compiles what a module reaches into ES modules with declarations.
 *
 * @returns their texts
 * @throws the compiler's messages, with file and line
 */
async function emitModules(entry: string, outDir: string): Promise<readonly string[]> {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.build.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const settings = ts.parseJsonConfigFileContent({ ...config, files: [entry] }, ts.sys, ROOT, { outDir });
  const program = ts.createProgram(settings.fileNames, settings.options);
  const emitted = new Map<string, string>();
  // The compiler gives relative imports their new suffix in JavaScript, and leaves declarations alone.
  const { diagnostics } = program.emit(undefined, (file, text) => emitted.set(file, withSuffix('.js', text)));
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

/** From the emitted modules, one by one, so that both forms are the same files under the same names. */
async function makeCommonJs(lib: string, cjs: string): Promise<void> {
  const files = await filesBelow(lib);
  await build({
    absWorkingDir: lib,
    entryPoints: files.filter((file) => file.endsWith('.js')),
    outbase: lib,
    outdir: cjs,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // As ES modules are. esbuild would look for a tsconfig.json above the staging folder.
    tsconfigRaw: { compilerOptions: { alwaysStrict: true } },
    logLevel: 'silent',
  });
  const declarations = files.filter((file) => file.endsWith('.d.ts'));
  await Promise.all(declarations.map((file) => cp(path.join(lib, file), path.join(cjs, file))));
  await writeFile(path.join(cjs, 'package.json'), '{"type":"commonjs"}\n');
}
