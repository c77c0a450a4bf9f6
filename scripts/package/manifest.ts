import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { filesBelow, ROOT } from './pages.ts';

/** As far as the package takes it over. */
interface RootManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

type Versions = Record<string, string>;

/** Objects of these cross the constructs' API, so they have to be the consumer's own copies. */
const PEERS = ['aws-cdk-lib', 'constructs'];

const both = (module: string) => ({
  import: { types: `./lib/${module}.d.ts`, default: `./lib/${module}.js` },
  require: { types: `./cjs/${module}.d.ts`, default: `./cjs/${module}.js` },
});

/**
 * The package's manifest, from the one of this folder and what is staged.
 *
 * @param imports what the bundled command line imports
 */
export async function manifestOf(staging: string, imports: readonly string[]) {
  const root = await readJson<RootManifest>(path.join(ROOT, 'package.json'));
  const { name, version, description, license, keywords, engines } = root;
  const files = await filesBelow(staging);
  const hasSchemas = files.some((file) => file.startsWith('schemas/'));
  return {
    ...{ name, version, description, license, keywords, engines },
    type: 'module',
    sideEffects: false,
    exports: {
      '.': both('index'),
      './client': both('client/index'),
      ...(hasSchemas && { './schemas/*': './schemas/*' }),
      './package.json': './package.json',
    },
    // For tools that do not know exports: TypeScript's resolution "node10", with which older CDK apps are set up.
    main: './cjs/index.js',
    types: './cjs/index.d.ts',
    typesVersions: { '*': { client: ['./cjs/client/index.d.ts'] } },
    bin: { 'bedrock-jobs': './bin/bedrock-jobs.js' },
    files: [...new Set(files.map((file) => file.split('/')[0] ?? file))],
    ...(await packagesOf([...imports, ...(await importsOfLibrary(staging, files))], root.dependencies)),
  };
}

/** What the staged modules import, with the versions that this project is tested with as the lowest. */
async function packagesOf(imports: readonly string[], versions: Readonly<Versions>) {
  const dependencies: Versions = {};
  const peerDependencies: Versions = {};
  for (const name of packageNames(imports)) {
    const version = versions[name];
    if (version === undefined) throw new Error(`The package imports ${name}, which is not among the dependencies.`);
    if (name === 'constructs') peerDependencies[name] = await rangeOfConstructs();
    else (PEERS.includes(name) ? peerDependencies : dependencies)[name] = `^${version}`;
  }
  const peerDependenciesMeta = Object.fromEntries(PEERS.map((name) => [name, { optional: true }]));
  return { dependencies, peerDependencies, peerDependenciesMeta };
}

/** The CDK decides which constructs it works with; a range of our own could only contradict it. */
async function rangeOfConstructs(): Promise<string> {
  const cdk = await readJson<{ peerDependencies: { constructs: string } }>(
    path.join(ROOT, 'node_modules', 'aws-cdk-lib', 'package.json'),
  );
  return cdk.peerDependencies.constructs;
}

/** Both what runs and what is only a type: a consumer's compiler has to find the declarations too. */
async function importsOfLibrary(staging: string, files: readonly string[]): Promise<string[]> {
  const modules = files.filter((file) => /^lib\/.*\.(js|d\.ts)$/.test(file));
  const texts = await Promise.all(modules.map((file) => readFile(path.join(staging, file), 'utf8')));
  return texts.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName));
}

/** The npm packages among imports, sorted. */
function packageNames(imports: readonly string[]): string[] {
  const names = imports
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
  return [...new Set(names)].sort();
}

const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
