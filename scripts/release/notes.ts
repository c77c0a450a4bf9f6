import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { homepageOf, readRoot } from '../package/manifest.ts';
import { ROOT } from '../package/files.ts';

/** What each file of a release is for, by the end of its name; the first match counts. */
const USES: readonly (readonly [end: RegExp, use: string])[] = [
  [/\.zip$/, 'CloudFormation templates of tracker and spoke with the functions: needs the AWS CLI alone'],
  [/-client-\d.*\.tgz$/, 'npm: client that reads the records'],
  [/-cli-\d.*\.tgz$/, 'npm: command line, dashboard and local run'],
  [/\.tgz$/, 'npm: AWS CDK constructs'],
  [/_client-.+\.whl$/, 'PyPI: client that reads the records'],
  [/\.whl$/, 'PyPI: AWS CDK constructs'],
  [/\.cdx\.json$/, 'software bill of materials (CycloneDX)'],
];

/** What a version changes, as the changelog has it; before its release, what is waiting for one. */
export function changesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const found =
    sections.find((each) => each.startsWith(`[${version}]`)) ??
    sections.find((each) => each.startsWith('[Unreleased]'));
  if (found === undefined) throw new Error(`CHANGELOG.md has no section [${version}], and no section [Unreleased].`);
  return found.slice(found.indexOf('\n')).trim();
}

/** The page of a release: what has changed, what each file is for, and how to check them. */
export async function releaseNotes(version: string, files: readonly string[]): Promise<string> {
  const base = `${homepageOf(await readRoot())}/blob/v${version}/`;
  const changes = changesOf(await readFile(path.join(ROOT, 'CHANGELOG.md'), 'utf8'), version);
  const rows = files.map((file) => `| \`${file}\` | ${USES.find(([end]) => end.test(file))?.[1] ?? ''} |`);
  return [
    changes.replaceAll(/\]\((?!https?:|#)([^)\s]+)\)/g, (_, link: string) => `](${base}${link})`),
    '## Files',
    ['| file | use |', '| ---- | --- |', ...rows].join('\n'),
    `[How to deploy](${base}docs/deploy.md). To check the files, run \`sha256sum --check SHA256SUMS\` beside them.`,
    '',
  ].join('\n\n');
}
