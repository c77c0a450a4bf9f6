import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { ROOT, withSuffix } from './files.ts';

export interface StagedSources {
  /** By their paths in the package. */
  readonly files: readonly string[];
  /** What they import, as they name it. */
  readonly imports: readonly string[];
}

/** Copies a module and those of this folder that it imports, as jsii compiles them. */
export async function stageSources(staging: string, entry: string): Promise<StagedSources> {
  const files = new Set([entry]);
  const imports: string[] = [];
  // A set hands out what is added while it is walked through.
  for (const file of files) {
    const text = await readFile(path.join(ROOT, file), 'utf8');
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith('.')) files.add(path.posix.join(path.posix.dirname(file), fileName));
      else imports.push(fileName);
    }
    await mkdir(path.dirname(path.join(staging, file)), { recursive: true });
    await writeFile(path.join(staging, file), forCommonJs(text));
  }
  return { files: [...files], imports };
}

/** In CommonJS a module is imported without its suffix, and knows its folder by another name. */
const forCommonJs = (source: string): string => withSuffix('', source).replaceAll('import.meta.dirname', '__dirname');

const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'es2024.string'],
  module: 'node20',
  types: ['node'],
  declaration: true,
  stripInternal: true,
  noEmitOnError: true,
  skipLibCheck: true,
  strict: true,
};

const JSII_OPTIONS = [
  // jsii's stricter rules for a tsconfig would leave what is internal in the declarations.
  ...['--tsconfig', 'tsconfig.json', '--validate-tsconfig', 'minimal', '--fail-on-warnings'],
  // It wants the oldest CDK of the peer range to be the one that compiles; a test synthesizes with that one.
  ...['--silence-warnings', 'missing-dev-dependency'],
];

/**
 * Compiles staged sources in place: CommonJS, declarations, and `.jsii`, the description of the API from which the
 * packages of other languages are made.
 *
 * @throws when a public declaration is not one that every language of jsii can offer: file, line and reason
 */
export async function compileByJsii(staging: string, files: readonly string[]): Promise<void> {
  const tsconfig = JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['lib'] });
  await writeFile(path.join(staging, 'tsconfig.json'), tsconfig);
  await withPackages(staging, path.join(ROOT, 'node_modules'), () =>
    runTool('jsii/bin/jsii', [staging, ...JSII_OPTIONS]),
  );
  const compiled = [...files, 'tsconfig.json', 'tsconfig.tsbuildinfo'];
  await Promise.all(compiled.map((file) => rm(path.join(staging, file), { force: true })));
}

/** jsii and its tools look for the CDK as a package's own, wherever that is staged. */
export async function withPackages(staging: string, packages: string, work: () => Promise<void>): Promise<void> {
  const link = path.join(staging, 'node_modules');
  await symlink(packages, link, 'junction');
  try {
    await work();
  } finally {
    await rm(link);
  }
}

export async function runTool(bin: string, args: readonly string[]): Promise<void> {
  const tool = createRequire(import.meta.url).resolve(bin);
  try {
    await promisify(execFile)(process.execPath, [tool, ...args], { cwd: ROOT, maxBuffer: 2 ** 24 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${path.basename(bin)}: ${stdout}${stderr}`, { cause: error });
  }
}
