import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow } from './pages.ts';

const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/**
 * The licences of the packages whose code is inside the bundles, which most of these licences ask to be handed on.
 *
 * @param bundled files that went into the command line and the dashboard, by absolute path; those of the functions are
 *   in their source maps
 */
export async function noticesOf(staging: string, bundled: readonly string[]): Promise<string> {
  const files = [...bundled, ...(await filesInFunctions(path.join(staging, 'dist', 'lambdas')))];
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []));
  const packagesByText = new Map<string, string[]>();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    const text = (await licenceTexts(folder)) || 'The package has no file with the text of its licence.';
    const packages = packagesByText.get(text) ?? [];
    packagesByText.set(text, [...packages, `${name} ${version} (${license ?? 'no licence named'})`]);
  }
  const sections = [...packagesByText].map(([text, packages]) => `${packages.sort().join('\n')}\n\n${text}\n`).sort();
  const head = 'The bundled functions, command line and dashboard contain code of these packages.\n';
  return [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}

async function filesInFunctions(folder: string): Promise<string[]> {
  const maps = (await filesBelow(folder)).filter((file) => file.endsWith('.map'));
  const sources = maps.map(async (file) => {
    const map = path.join(folder, file);
    const { sources } = JSON.parse(await readFile(map, 'utf8')) as { sources: string[] };
    return sources.map((source) => path.resolve(path.dirname(map), source));
  });
  return (await Promise.all(sources)).flat();
}

async function licenceTexts(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}
