import { format } from 'prettier';
import type { Results, Run, SectionResults } from './results.ts';
import type { Cell, Section, Table, Target } from './section.ts';
import { SECTIONS, type SectionName } from './sections.ts';

const row = (cells: readonly Cell[]): string =>
  `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

const tableOf = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [row(columns), row(columns.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

const targetRow = ({ what, target, measured, met }: Target): readonly Cell[] => [
  what,
  target,
  measured,
  met ? 'met' : '**missed**',
];

const machineOf = ({ date, node, processor, cores, memoryGb }: Run): string =>
  `${date}, Node.js ${node.slice(1)}, ${cores} cores of ${processor}, ${memoryGb} GB`;

const sectionOf = ([name, section, results]: Entry): string => {
  const tables = results.tables.map(({ title, columns, rows, note }: Table) =>
    [`**${title}**`, tableOf(columns, rows), note ?? ''].join('\n\n'),
  );
  return [
    `## ${section.title}`,
    section.method,
    ...tables,
    section.findings ?? '',
    `_\`npm run bench -- ${name}\`: ${machineOf(results.run)}; ${Math.round(results.seconds)} s._`,
  ].join('\n\n');
};

type Entry = readonly [SectionName, Section, SectionResults];

const load = async (name: SectionName): Promise<Section> =>
  ((await import(`./sections/${name}/index.ts`)) as { section: Section }).section;

/** docs/performance.md: the targets of all sections first, then each section with how it was measured. */
export const documentOf = async (results: Results): Promise<string> => {
  const measured = await Promise.all(
    SECTIONS.flatMap((name) => {
      const found = results[name];
      return found === undefined ? [] : [load(name).then((section): Entry => [name, section, found])];
    }),
  );
  const targets = measured.flatMap(([, { title }, found]) =>
    found.targets.map((target) => [...targetRow(target), `[${title}](#${anchorOf(title)})`]),
  );
  const missed = measured.flatMap(([, , found]) => found.targets).filter(({ met }) => !met).length;
  const text = [
    '# Performance',
    `Made by \`npm run bench\`, which writes \`bench/results.json\` and this page; do not edit it. Ratios are of one run; times are medians with the quartiles around them. Nothing here ran on AWS: Bedrock is the project's simulator, and each section says what stood for DynamoDB and Lambda.`,
    `## Targets\n\n${targets.length} targets, ${missed === 0 ? 'all met' : `${missed} missed: the section says why, and what was tried`}.`,
    tableOf(['', 'target', 'measured', '', 'section'], targets),
    ...measured.map(sectionOf),
  ].join('\n\n');
  return format(text, { parser: 'markdown', printWidth: 120, proseWrap: 'always' });
};

const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
