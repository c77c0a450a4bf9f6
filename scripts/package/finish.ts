import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeSbom, sbomOf } from '../sbom/document.ts';
import { filesBelow, ROOT } from './files.ts';
import { homepageOf, manifestOf, readRoot, type OwnFields } from './manifest.ts';
import { bundledPackages, noticesOf } from './notices.ts';

export interface PackageParts {
  /** What its name has behind the project's: '' for the construct. */
  readonly suffix: string;
  readonly manifest: OwnFields;
  /** Its page for people, by its path in this folder. */
  readonly readme: string;
  /** What its code imports, as the code names it. */
  readonly imports: readonly string[];
  /** Files that went into its bundles, by absolute path. */
  readonly bundled?: readonly string[];
  /** Files that are still to be made at its top. */
  readonly later?: readonly string[];
}

/** Adds to a package's staged code what each package has: licences, a page, what it is made of, and the manifest. */
export async function finishPackage(staging: string, parts: PackageParts): Promise<void> {
  const write = (name: string, text: string) => writeFile(path.join(staging, name), text);
  const bundled = await bundledPackages(parts.bundled ?? []);
  await cp(path.join(ROOT, 'LICENSE'), path.join(staging, 'LICENSE'));
  await write('README.md', await pageOf(parts.readme));
  if (bundled.length > 0) await write('THIRD-PARTY-NOTICES.txt', noticesOf(bundled));
  const manifest = await manifestOf(parts.suffix, parts.manifest, parts.imports);
  const inside = bundled.map(({ name, version }) => `${name}@${version}`);
  const sbom = sbomOf(await (wholeSbom ??= makeSbom()), manifest, Object.keys(manifest.dependencies ?? {}), inside);
  await write('sbom.cdx.json', jsonOf(sbom));
  const there = [...(await filesBelow(staging)), ...(parts.later ?? [])];
  const files = [...new Set(there.map((file) => file.split('/')[0] ?? file))].sort();
  await write('package.json', jsonOf({ ...manifest, files }));
}

const jsonOf = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** npm takes seconds to make it, and the packages have it in common. */
let wholeSbom: ReturnType<typeof makeSbom> | undefined;

/** A page with its links to other pages as addresses in the repository, at the tag of this version. */
export async function pageOf(readme: string): Promise<string> {
  const root = await readRoot();
  const base = `${homepageOf(root)}/blob/v${root.version}/`;
  const text = await readFile(path.join(ROOT, readme), 'utf8');
  return text.replaceAll(/\]\((?!https?:|#)([^)\s]+)\)/g, (_, link: string) => {
    const target = path.posix.join(path.posix.dirname(readme), link);
    return `](${base}${target})`;
  });
}
