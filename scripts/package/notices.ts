import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** A package whose code is inside a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** The text of its licence and notices. */
  readonly text: string;
}

/**
 * The packages that files belong to, each once.
 *
 * @param files by absolute path
 */
export async function bundledPackages(files: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []));
  return Promise.all(
    [...folders].sort().map(async (folder) => ({
      ...(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Omit<BundledPackage, 'text'>),
      text: await licenceTexts(folder),
    })),
  );
}

/** The licences of the packages whose code is inside the bundles, which most of these licences ask to be handed on. */
export function noticesOf(bundled: readonly BundledPackage[]): string {
  const packagesByText = new Map<string, string[]>();
  for (const { name, version, license, text } of bundled) {
    const known = text === '' ? 'The package has no file with the text of its licence.' : text;
    const packages = packagesByText.get(known) ?? [];
    packagesByText.set(known, [...packages, `${name} ${version} (${license ?? 'no licence named'})`]);
  }
  const sections = [...packagesByText].map(([text, packages]) => `${packages.sort().join('\n')}\n\n${text}\n`).sort();
  const head = 'The bundles in this package contain code of these packages.\n';
  return [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenceTexts(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}
