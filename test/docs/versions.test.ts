import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
import { OLDEST_CDK } from '../../scripts/package/manifest.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGES = [
  ...['README.md', 'docs/deploy.md', 'docs/library.md', 'docs/upgrade.md'],
  ...['lib/cli/README.md', 'lib/client/README.md', 'lib/infra/README.md'],
];

/** The versions that pages name after these words, without a zero at the end. */
const named = (words: RegExp): string[] => [
  ...new Set(
    PAGES.flatMap((page) =>
      [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(words)].map(([, version = '']) =>
        version.replace(/\.0$/, ''),
      ),
    ),
  ),
];

it.each<[what: string, words: RegExp, version: string]>([
  ['this version', /(?:checkout v|job-tracker(?:-client)?(?:@|==|-)|VERSION=)(\d[\d.]*\d)/g, manifest.version],
  ['the oldest Node.js', /Node\.js (\d[\d.]*\d)/g, manifest.engines.node.slice(2)],
  ['the oldest CDK', /`aws-cdk-lib` (\d[\d.]*\d)/g, OLDEST_CDK['aws-cdk-lib'] ?? ''],
  ['the oldest constructs', /`constructs` (\d[\d.]*\d)/g, OLDEST_CDK['constructs'] ?? ''],
])('pages name %s as it is', (_what, words, version) => {
  expect(named(words)).toEqual([version.replace(/\.0$/, '')]);
});
