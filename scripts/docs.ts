import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { configurationParts } from './docs/configuration.ts';
import { costParts } from './docs/cost.ts';
import { deployParts } from './docs/deploy.ts';
import { fillIn } from './docs/markdown.ts';
import { permissions } from './docs/permissions.ts';
import { checks, commands, faults, metrics } from './docs/reference.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** The generated parts of each page, by the names that its markers give. */
const PAGES: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  'docs/assumptions.md': () => ({ checks: checks() }),
  'docs/cli.md': () => ({ commands: commands() }),
  'docs/configuration.md': configurationParts,
  'docs/cost.md': costParts,
  'docs/deploy.md': deployParts,
  'docs/metrics.md': () => ({ metrics: metrics() }),
  'docs/permissions.md': () => ({ permissions: permissions() }),
  'docs/simulator.md': () => ({ faults: faults() }),
};

/** The pages that have generated parts, as they are and as they should be. */
export const generatedPages = (): { readonly file: string; readonly now: string; readonly wanted: string }[] =>
  Object.entries(PAGES).map(([file, parts]) => {
    const now = readFileSync(path.join(ROOT, file), 'utf8');
    return { file, now, wanted: fillIn(now, parts()) };
  });

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  for (const { file, now, wanted } of generatedPages()) {
    if (now === wanted) continue;
    writeFileSync(path.join(ROOT, file), wanted);
    console.error(file);
  }
}
