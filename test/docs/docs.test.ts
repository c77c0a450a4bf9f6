import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  ENV,
  INDEX,
  JOBS_TABLE,
  MODELS_TABLE,
  PARAMETER,
  shardsOf,
  STATES_WITH_JOBS,
  SWEEPS_TABLE,
  VERSION,
  type TableSchema,
} from '../../lib/contract.ts';
import { SUB_TASKS } from '../../lib/domain/record.ts';
import { CONTEXT_SETTINGS } from '../../lib/infra/props/context.ts';
import { OPERATION_NAMES } from '../../lib/simulator/faults.ts';
import { modelSchema } from '../support/record-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const markdownIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);

/** The pages of the packages. */
const PACKAGE_PAGES = ['infra', 'client', 'cli'].map((room) => `lib/${room}/README.md`);
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...PACKAGE_PAGES,
  ...markdownIn('docs'),
];
const ALL_TEXT = DOCUMENTS.map(read).join('\n');

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** What stands below a heading, up to the next one of its level or above. */
const section = (text: string, heading: string): string => {
  const level = heading.indexOf(' ');
  const [, below = ''] = text.split(`\n${heading}\n`);
  return below.split(new RegExp(`\n#{1,${String(level)}} `))[0] ?? '';
};

/** The rows of a section's tables, as the names in code that each cell holds. */
const rows = (text: string): string[][][] =>
  text
    .split('\n')
    .filter((line) => /^\| +`/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => matches(cell, /`([^`]+)`/g)),
    );
const firstNames = (text: string): string[] => rows(text).map(([first]) => first?.[0] ?? '');

/** The names of the members of a type, as its source declares them. */
const declaredIn = (source: string): string[] => matches(source, /readonly (\w+)\??:/g);
const interfaceOf = (source: string, name: string): string =>
  source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? '';

/** A table has a row for no other name than the declared ones, and each of them somewhere. */
const expectToDocument = (text: string, declared: readonly string[]): void => {
  const inRows = rows(text).flatMap(([first = []]) => first.flatMap((name) => name.split(/\[\]\.|\./)));
  expect(declared).toEqual(expect.arrayContaining(unique(inRows)));
  const inTables = rows(text)
    .flat(2)
    .flatMap((name) => name.split(/\[\]\.|\./));
  expect(inTables).toEqual(expect.arrayContaining(unique(declared)));
};

describe('docs/table.md', () => {
  const document = read('docs/table.md');

  it('has every attribute that a record can have and no other: a reader would miss it, or look for it in vain', () => {
    const declared = [...declaredIn(read('lib/domain/record.ts')), ...SUB_TASKS.map((task) => `${task}_details`)];
    expectToDocument(section(document, '## Attributes'), declared);
  });

  it('has each of the 23 catalog fields and of the fields of the tracker as an attribute of its own', () => {
    const topLevel = firstNames(section(document, '## Attributes')).filter((name) => !/[.[]/.test(name));
    const source = read('lib/domain/record.ts');
    const catalog = matches(interfaceOf(source, 'CatalogFields'), /^ {2}readonly (\w+)/gm);
    expect(catalog).toHaveLength(23);
    const own = ['Identity', 'JobSnapshot', 'JobRecord'].flatMap((name) => declaredIn(headOf(source, name)));
    expect(unique(topLevel)).toEqual(unique([...catalog, ...own]));
  });

  it('has every index with its keys: a query by another key is refused', () => {
    const schema: TableSchema = JOBS_TABLE;
    const keys = Object.values(INDEX).map((name) => {
      const { partitionKey, sortKey } = schema.indexes[name] ?? { partitionKey: '', sortKey: '' };
      return [[name], [partitionKey], [sortKey]];
    });
    expect(rows(section(document, '## Indexes'))).toEqual(keys);
  });

  it('lists what the indexes carry: what is not projected comes back absent', () => {
    const [, list = ''] = section(document, '### Projected attributes').split('by its `job_arn`.');
    expect(matches(list, /`(\w+)`/g)).toEqual([...JOBS_TABLE.projected]);
  });

  it('has an access pattern for every index', () => {
    const [, patterns = ''] = document.split('\n## Access patterns\n');
    const used = matches(patterns, /^query (\S+)/gm);
    expect(unique(used)).toEqual(unique(Object.values(INDEX)));
  });

  it('has every attribute of a model and of a pointer, every index, an answer for each, and what they carry', () => {
    const models = section(document, '## The models table');
    const declared = [...declaredIn(read('lib/domain/model-record.ts')), ...Object.keys(modelSchema.properties)];
    const [attributes = '', indexes = ''] = models.split('**Pointers**');
    const inRows = rows(attributes).flatMap(([first = []]) => first.flatMap((name) => name.split(/\[\]\.|\.\*\.|\./)));
    expect(declared).toEqual(expect.arrayContaining(unique(inRows)));
    const named = matches(models, /`([^`]+)`/g).flatMap((name) => name.split(/\[\]\.|\.\*\./));
    expect(named).toEqual(expect.arrayContaining(unique(declared)));
    const keys = Object.entries<TableSchema['indexes'][string]>(MODELS_TABLE.indexes);
    expect(rows(indexes).map((row) => row.slice(0, 3).flat())).toEqual(
      keys.map(([name, { partitionKey, sortKey }]) => [name, partitionKey, sortKey]),
    );
    const [, carried = ''] = indexes.split('The others carry');
    expect(matches(carried.split('.')[0] ?? '', /`(\w+)`/g)).toEqual([...MODELS_TABLE.projected]);
    expect(matches(indexes, /^models (\S+)/gm)).toEqual(keys.map(([name]) => name));
  });

  it('has every attribute of the sweep state and no other', () => {
    const source = read('lib/tracking/sweep-state.ts');
    const declared = ['SweepState', 'SweepCounts'].flatMap((name) => declaredIn(interfaceOf(source, name)));
    const names = [SWEEPS_TABLE.partitionKey, SWEEPS_TABLE.sortKey, ...declared];
    expectToDocument(section(document, '## The sweeps table'), names);
  });

  it('has every attribute of a registered scope, and those that its index carries', () => {
    const text = section(document, '## Registered scopes');
    const declared = declaredIn(interfaceOf(read('lib/tracking/scope.ts'), 'ScopeRecord'));
    const inRows = rows(text).flatMap(([names = []]) => names);
    expect(['scope', ...inRows].sort()).toEqual(unique(declared).sort());
    expect(matches(text.split('it carries')[1]?.split('.')[0] ?? '', /`(\w+)`/g)).toEqual([...SWEEPS_TABLE.projected]);
    expect(matches(text, /"(\w+#\d)"/g)).toEqual(STATES_WITH_JOBS.flatMap(shardsOf));
  });
});

describe('docs/simulator.md', () => {
  const document = read('docs/simulator.md');

  it('has every operation', () => {
    const documented = matches(section(document, '## Operations').split('.')[0] ?? '', /`(\w+)`/g);
    expect(documented).toEqual([...OPERATION_NAMES]);
  });
});

describe('the documents', () => {
  it('name no npm script that package.json does not have', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [
      ...matches(ALL_TEXT, /npm run (?:--silent )?([\w:-]+)/g),
      ...matches(ALL_TEXT, /npm (start|test)\b/g),
    ];
    for (const script of unique(named)) expect(Object.keys(scripts)).toContain(script);
  });

  it('install and check out this version', () => {
    const pages = DOCUMENTS.filter((file) => !file.startsWith('docs/adr/')).map(read);
    const named = pages.flatMap((text) => matches(text, /(?:[-_]tracker[a-z_-]*[@=-]+|checkout v)(\d+\.\d+\.\d+)/g));
    expect(unique(named)).toEqual([VERSION]);
  });

  it('name no SSM parameter, context key or variable of the tracker that does not exist', () => {
    const known: readonly string[] = [...Object.values(PARAMETER), ...Object.values(ENV)];
    const named = matches(ALL_TEXT, /((?<!\w)\/bedrock-job-tracker\/[\w-]+|\b[A-Z]+_TABLE_NAME\b|\bTRACKED_\w+)/g);
    for (const name of unique(named)) expect(known).toContain(name);
    // `stack` chooses what the app makes.
    const keys = ['stack', ...Object.keys(CONTEXT_SETTINGS)];
    for (const key of unique(matches(ALL_TEXT, / -c (\w+)=/g))) expect(keys).toContain(key);
  });

  it('name no file of the project that does not exist', () => {
    const paths = matches(ALL_TEXT, /`((?:lib|lambdas|bin|scripts|test|docs)\/[\w./-]+)`/g);
    for (const path of unique(paths)) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  });

  it.each(DOCUMENTS)('%s has no link that leads nowhere', (file) => {
    const broken = matches(withoutCode(read(file)), /\]\((?!https?:)([^)\s]+)\)/g).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, file) : resolve(ROOT, dirname(file), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(relative(ROOT, target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('list every decision in docs/adr', () => {
    const decisions = readdirSync(join(ROOT, 'docs/adr')).filter((file) => /^\d{4}-/.test(file));
    expect(matches(read('docs/adr/README.md'), /\]\((\d{4}-[^)]+)\)/g)).toEqual(decisions.sort());
  });
});

/** An interface's own members, whatever it extends. */
function headOf(source: string, name: string): string {
  return source.split(new RegExp(`export interface ${name} (?:extends [^{]+)?\\{`))[1]?.split('\n}')[0] ?? '';
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '');
}

/** The anchors that GitHub gives to headings, numbered from the second of a name on, and those that the text sets. */
function anchorsOf(file: string): string[] {
  const text = withoutCode(read(file));
  const seen = new Map<string, number>();
  const ofHeadings = matches(text, /^#+ (.+)$/gm).map((heading) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count.toString()}`;
  });
  return [...ofHeadings, ...matches(text, /<a id="([^"]+)">/g)];
}
