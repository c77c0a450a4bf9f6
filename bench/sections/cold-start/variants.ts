import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, type BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
import ts from 'typescript';
import { bundleLambdas } from '../../../scripts/bundle-lambdas.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** One way to ship a function. */
export interface Variant {
  readonly name: string;
  /** What Node.js loads, by the function's name. */
  readonly files: Readonly<Record<string, string>>;
  /** The code that is uploaded, in bytes; absent where that would be a folder of packages. */
  readonly bytes?: Readonly<Record<string, number>>;
  /** Flags of Node.js. */
  readonly flags?: readonly string[];
  /** More variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

export const SHIPPED = 'as shipped';
export const EMPTY = 'empty handler';
export const RUNTIME_SDK = "construct's defaults";
export const OWN_SDK = 'construct, SDK bundled';
export const UNBUNDLED = 'unbundled';

const sizesOf = async (files: Readonly<Record<string, string>>): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([name, file]) => [name, (await stat(file)).size] as const)),
  );

/** As `npm run build` makes them and the stack deploys them. */
const shipped = async (names: readonly string[], folder: string): Promise<Variant> => {
  await bundleLambdas(folder);
  const files = Object.fromEntries(names.map((name) => [name, join(folder, name, 'index.js')]));
  return { name: SHIPPED, files, bytes: await sizesOf(files) };
};

/** Lambda's floor: a handler that does nothing. */
const empty = async (names: readonly string[], folder: string): Promise<Variant> => {
  const file = join(folder, 'index.js');
  await mkdir(folder, { recursive: true });
  await writeFile(file, 'exports.handler = async () => undefined;\n');
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const files = Object.fromEntries(names.map((name) => [name, file]));
  return { name: EMPTY, files, bytes: await sizesOf(files) };
};

/** What `cdk init` writes into a new app's cdk.json, as far as this construct looks at it: all of the SDK is the runtime's. */
const NEW_APP = {
  '@aws-cdk/aws-lambda-nodejs:sdkV3ExcludeSmithyPackages': true,
  // Says where the bundle lies.
  'aws:cdk:enable-asset-metadata': true,
};

/** What the construct itself makes of the same entries, by a synthesis. */
const constructed = async (
  names: readonly string[],
  folder: string,
  name: string,
  bundling: BundlingOptions,
): Promise<Variant> => {
  const stack = new Stack(new App({ outdir: join(folder, 'cdk.out'), context: NEW_APP }), 'Stack');
  const files: Record<string, string> = {};
  for (const each of names) {
    const fn = new NodejsFunction(stack, each, {
      entry: join(ROOT, 'lambdas', each, 'index.ts'),
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      projectRoot: ROOT,
      runtime: Runtime.NODEJS_24_X,
      bundling,
    });
    const asset = (fn.node.defaultChild as CfnFunction).getMetadata('aws:asset:path') as string;
    files[each] = join(folder, 'cdk.out', asset, 'index.js');
  }
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return { name, files, bytes: await sizesOf(files) };
};

const SOURCES = ['lib/contract.ts', 'lib/domain', 'lib/tracking', 'lib/runtime', 'lib/client', 'lambdas'];

/** The sources as TypeScript compiles them, file by file: ES modules that import packages from node_modules. */
const unbundled = async (names: readonly string[], folder: string): Promise<Variant> => {
  const paths = (
    await Promise.all(
      SOURCES.map(async (source) =>
        source.endsWith('.ts')
          ? [source]
          : (await readdir(join(ROOT, source), { recursive: true }))
              .filter((file) => file.endsWith('.ts'))
              .map((file) => join(source, file)),
      ),
    )
  ).flat();
  for (const path of paths) {
    const { outputText } = ts.transpileModule(await readFile(join(ROOT, path), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const file = join(folder, path.replace(/\.ts$/, '.mjs'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, outputText.replaceAll(/(from|import\()(\s*)(["'])(\.[^"']*)\.js\3/g, '$1$2$3$4.mjs$3'));
  }
  const files = Object.fromEntries(names.map((name) => [name, join(folder, 'lambdas', name, 'index.mjs')]));
  return { name: UNBUNDLED, files };
};

/** All variants below a folder of this project, so that what they leave out is found in its node_modules. */
export const makeVariants = async (names: readonly string[], folder: string): Promise<readonly Variant[]> => {
  await rm(folder, { recursive: true, force: true });
  return [
    await shipped(names, join(folder, 'shipped')),
    await empty(names, join(folder, 'empty')),
    await constructed(names, join(folder, 'runtime-sdk'), RUNTIME_SDK, {}),
    await constructed(names, join(folder, 'own-sdk'), OWN_SDK, { bundleAwsSDK: true }),
    await unbundled(names, join(folder, 'unbundled')),
  ];
};
