import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { loadSection, SECTIONS, type Result, type SectionName } from './section.ts';

/** What one run of a section measured, where and when. Ratios within a section are of one run. */
export interface SectionResults {
  readonly date: string;
  /** Node.js, processor and memory. */
  readonly machine: string;
  readonly results: readonly Result[];
}
export type Results = Partial<Record<SectionName, SectionResults>>;

const FILE = join(import.meta.dirname, 'results.json');
export const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'performance.md');

export const thisRun = (): Omit<SectionResults, 'results'> => ({
  date: new Date().toISOString().slice(0, 10),
  machine: `Node.js ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GB`,
});

export const readResults = async (): Promise<Results> => JSON.parse(await readFile(FILE, 'utf8')) as Results;

export const writeResults = async (results: Results): Promise<void> => {
  await writeFile(FILE, await format(JSON.stringify(results), { parser: 'json', printWidth: 120 }));
};

/** The experiments whose code is gone. */
const REJECTED = `
**Sweeps**: waiting for each page in turn (2.4 times the bare pages). **Backfill**: the SDK's adaptive retries (59 to 86% of
the limit); 24 jobs at once (22% of the calls throttled). **Cold starts** of \`track-job\`, over what ships: packages'
CommonJS 1.48, the SDK outside the bundle 1.46, not minified 1.09, \`--enable-source-maps\` 1.08, an ES module 1.06, all
schemas of the SDK 1.05, all sources of credentials 1.04. V8's compile cache saved 11%, but fits one version of Node.js and
one kind of processor, which Lambda changes without a deployment.`;

const line = ({ what, target, measured, met }: Result): string => {
  const wanted = target === undefined ? '' : ` (target ${target}${met === false ? ', **missed**' : ''})`;
  return `- ${what}: ${measured}${wanted}`;
};

/** docs/performance.md: of each section how it was measured, the results, and what was learnt. */
export const documentOf = async (results: Results): Promise<string> => {
  const entries = SECTIONS.flatMap((name) => (results[name] === undefined ? [] : [[name, results[name]] as const]));
  const sections = await Promise.all(
    entries.map(async ([name, { results: found }]) => {
      const { title, text } = await loadSection(name);
      const [method, ...learnt] = text.split('\n\n');
      return [`## ${title}`, method, found.map(line).join('\n'), ...learnt].join('\n\n');
    }),
  );
  const all = entries.flatMap(([, found]) => found.results);
  const missed = all.filter(({ met }) => met === false).length;
  const runs = Map.groupBy(entries, ([, { date, machine }]) => `${date}, ${machine}`);
  const text = [
    '# Performance',
    '`npm run bench` makes this page, `npm run bench -- calls` a part of it; do not edit it. Nothing here ran on AWS: Bedrock is the simulator, DynamoDB a stand-in. Times are medians.',
    [...runs].map(
      ([run, of]) => `Measured ${run}${runs.size === 1 ? '' : ` (${of.map(([name]) => name).join(', ')})`}.`,
    ),
    `${all.filter(({ target }) => target !== undefined).length} targets, ${missed} missed. Of several numbers, the first is of the smallest history.`,
    ...sections,
    `## Tried and not kept\n\n${REJECTED.trim()}`,
  ].flat();
  return format(text.join('\n\n'), { parser: 'markdown', printWidth: 120, proseWrap: 'always' });
};
