import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ROOT } from './files.ts';

type Versions = Record<string, string>;

/** The manifest of this folder, as far as the packages take it over. */
interface RootManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository: { readonly type: string; readonly url: string };
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Versions>;
}

/** What one package has of its own in its manifest, such as `exports` and `bin`. */
export interface OwnFields {
  readonly description: string;
  readonly keywords: readonly string[];
  readonly [field: string]: unknown;
}

/**
 * The oldest CDK that the constructs are tested with. Objects of these packages cross their API, so they have to be the
 * consumer's own copies.
 */
export const OLDEST_CDK: Readonly<Versions> = { 'aws-cdk-lib': '2.160.0', constructs: '10.3.0' };

export const readRoot = async (): Promise<RootManifest> => readJson<RootManifest>(path.join(ROOT, 'package.json'));

/** Where the project's pages are read: the address of its repository without what git needs around it. */
export const homepageOf = ({ repository }: RootManifest): string =>
  repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

/**
 * The manifest of a package, from the one of this folder.
 *
 * @param suffix what its name has behind the project's: '' for the construct
 * @param imports what its code imports, as the code names it; becomes its dependencies
 */
export async function manifestOf(suffix: string, own: OwnFields, imports: readonly string[]) {
  const root = await readRoot();
  const { name, version, license, repository, engines } = root;
  const homepage = homepageOf(root);
  return {
    name: `${name}${suffix}`,
    ...{ version, license, repository, homepage },
    bugs: `${homepage}/issues`,
    engines,
    ...own,
    ...packagesOf(imports, root.dependencies),
  };
}

/** What the staged modules import, with the versions that this project is tested with as the lowest. */
function packagesOf(imports: readonly string[], versions: Readonly<Versions>) {
  const dependencies: Versions = {};
  const peerDependencies: Versions = {};
  for (const name of packageNames(imports)) {
    const version = versions[name];
    if (version === undefined) throw new Error(`The package imports ${name}, which is not among the dependencies.`);
    const oldest = OLDEST_CDK[name];
    if (oldest === undefined) dependencies[name] = `^${version}`;
    else peerDependencies[name] = `^${oldest}`;
  }
  return {
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    ...(Object.keys(peerDependencies).length > 0 && { peerDependencies }),
  };
}

/** The npm packages among imports, sorted. */
function packageNames(imports: readonly string[]): string[] {
  const names = imports
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
  return [...new Set(names)].sort();
}

const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
