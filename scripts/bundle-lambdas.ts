import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/**
 * Where the SDK looks for credentials when the environment has none, or names a profile. It loads each of these when it
 * comes to it, and on Lambda it never does: there the environment has the role's. So they are left in Lambda's own copy of
 * the SDK. They would be 70 to 130 kB of each function.
 */
export const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients/sso-oidc',
  '@smithy/credential-provider-imds',
];

const TEXT_CONSTANT = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]: /g;

/**
 * A module of the SDK's schemas with its keys as literals: `{ [_ht]: … }` as `{ ["http"]: … }`. To esbuild the first may
 * run code, so it keeps every operation and shape of a service; the second it leaves out where nothing uses it.
 */
export const withLiteralKeys = (source: string): string => {
  const texts = new Map([...source.matchAll(TEXT_CONSTANT)].map(([, name = '', text = '']) => [name, text]));
  return source.replaceAll(COMPUTED_KEY, (key, name: string) => {
    const text = texts.get(name);
    return text === undefined ? key : `[${text}]: `;
  });
};

/** Lets esbuild leave out the shapes of the calls that no function makes: of Bedrock, all but 3 of more than a hundred. */
export const usedSchemasAlone: Plugin = {
  name: 'used-schemas-alone',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/]@aws-sdk[\\/].+[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, 'utf8')),
    }));
  },
};

const ROOT = path.resolve(import.meta.dirname, '..');

/** Where `npm run build` puts the functions, and where the CDK app and `npm start` look for them. */
export const DEFAULT_OUTDIR = path.join(ROOT, 'dist', 'lambdas');

/** One bundled function. */
export interface LambdaBundle {
  readonly name: string;
  readonly file: string;
  /** Size of index.js without its source map, in bytes. */
  readonly bytes: number;
  /** What went into it, by absolute path. */
  readonly inputs: readonly string[];
}

/** How the functions of these names are bundled. */
export const bundling = (names: readonly string[], outdir: string) =>
  ({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => ({ in: path.join('lambdas', name, 'index.ts'), out: path.join(name, 'index') })),
    outdir,
    inject: [path.join('lib', 'runtime', 'stack-traces.ts')],
    bundle: true,
    platform: 'node',
    target: 'node24',
    // CommonJS with the packages' ES modules inside loaded fastest: ES modules let esbuild drop what is unused, and
    // Node reads one CommonJS file sooner than it resolves a module graph.
    format: 'cjs',
    mainFields: ['module', 'main'],
    // The SDK too: reading it from the runtime is slower, and its version there changes without a deployment.
    external: OTHER_CREDENTIALS,
    plugins: [usedSchemasAlone],
    // `require` in place of `import()`: it alone finds Lambda's own copy of the SDK, by NODE_PATH.
    supported: { 'dynamic-import': false },
    minify: true,
    keepNames: false,
    legalComments: 'none',
    sourcemap: 'linked',
    // Line numbers are what a stack trace needs; the sources would triple the size of what Lambda unpacks.
    sourcesContent: false,
    logLevel: 'silent',
  }) satisfies BuildOptions;

/**
 * Bundles every `lambdas/<name>/index.ts` into `<outdir>/<name>/index.js`, with its source map beside it.
 *
 * The same sources always give the same bytes, so a deployment without a change uploads nothing.
 *
 * @param outdir `dist/lambdas` of this package by default; what is no function of ours is removed from it.
 * @returns the bundles, sorted by name
 * @throws when a function does not compile: esbuild's own message, with file and line
 */
export async function bundleLambdas(outdir: string = DEFAULT_OUTDIR): Promise<LambdaBundle[]> {
  const names = await lambdaNames();
  // Source maps name the sources from where the bundles usually lie, so that they are the same in every folder.
  const { metafile, outputFiles } = await build({ ...bundling(names, DEFAULT_OUTDIR), metafile: true, write: false });
  for (const { path: file, contents } of outputFiles) {
    const target = path.join(outdir, path.relative(DEFAULT_OUTDIR, file));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  // This package is "type": "module"; without this Node would read the bundles as ES modules when they run locally.
  await writeFile(path.join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  // Last, and not by emptying the folder first: what runs from the bundles meanwhile must not miss its file.
  await removeAllBut(outdir, ['package.json', ...names]);
  return Object.entries(metafile.outputs)
    .filter(([file]) => file.endsWith('.js'))
    .map(([file, { bytes, inputs }]) => {
      const name = path.basename(path.dirname(file));
      const paths = Object.keys(inputs).map((input) => path.resolve(ROOT, input));
      return { name, file: path.join(outdir, name, 'index.js'), bytes, inputs: paths };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function removeAllBut(folder: string, names: readonly string[]): Promise<void> {
  const others = (await readdir(folder)).filter((name) => !names.includes(name));
  await Promise.all(others.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

async function lambdaNames(): Promise<string[]> {
  const folders = await readdir(path.join(ROOT, 'lambdas'), { withFileTypes: true });
  return folders
    .filter((folder) => folder.isDirectory() && existsSync(path.join(ROOT, 'lambdas', folder.name, 'index.ts')))
    .map((folder) => folder.name)
    .sort();
}

async function main(): Promise<void> {
  for (const { name, file, bytes } of await bundleLambdas()) {
    // On stderr: the CDK's CLI runs this as its build step, and `cdk synth` prints the template on stdout.
    console.error(`${name.padEnd(16)} ${(bytes / 1024).toFixed(0).padStart(5)} kB  ${path.relative(ROOT, file)}`);
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  main().catch((error: unknown) => {
    // esbuild's message names file and line; the stack trace would only name esbuild.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
