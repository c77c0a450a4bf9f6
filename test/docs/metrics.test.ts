import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { METRIC_UNIT } from '../../lib/runtime/metrics.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../lib/contract.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');

const inCode = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const ROWS = DOCUMENT.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|'))
  .map(([, name, unit, dimensions]) => ({
    name: inCode(name)[0] ?? '',
    unit: inCode(unit)[0] ?? '',
    dimensions: inCode(dimensions),
  }));

const unique = (values: readonly string[]): string[] => [...new Set(values)];

const SOURCES = ['lambdas', 'lib/runtime'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
);

/** The metrics that the code adds to, each with the dimensions of that value: `<name> service,<part>`. */
const addedInCode = (): string[] =>
  SOURCES.flatMap((source) => [...source.matchAll(/\.add\(METRIC\.(\w+),([^;]*);/g)]).map(([, key = '', rest = '']) => {
    const part = /, \{ (\w+)[^{}]*\}\)$/.exec(rest)?.[1];
    return `${METRIC[key as keyof typeof METRIC]} ${[DIMENSION.service, ...(part === undefined ? [] : [part])].join(',')}`;
  });

describe('docs/metrics.md', () => {
  it('has every metric and no other, in the order of the contract', () => {
    expect(unique(ROWS.map(({ name }) => name))).toEqual(Object.values(METRIC));
    expect(DOCUMENT).toContain(`\`${METRIC_NAMESPACE}\``);
  });

  it('has the unit of each: a statistic of another unit has no data', () => {
    expect(Object.fromEntries(ROWS.map(({ name, unit }) => [name, unit]))).toEqual(METRIC_UNIT);
  });

  it('has every dimension and no other', () => {
    expect(unique(ROWS.flatMap(({ dimensions }) => dimensions)).sort()).toEqual(Object.values(DIMENSION).sort());
  });

  it('has exactly the dimension sets that the code emits: an alarm on another would never have data', () => {
    const added = unique(addedInCode()).sort();
    const emitted = new Set(added.map((text) => text.split(' ')[0]));
    expect(emitted.size).toBeGreaterThanOrEqual(10);
    const documented = ROWS.filter(({ name }) => emitted.has(name));
    expect(documented.map(({ name, dimensions }) => `${name} ${dimensions.join(',')}`).sort()).toEqual(added);
  });

  it('tells of each what it means', () => {
    for (const name of Object.values(METRIC))
      expect(DOCUMENT).toMatch(new RegExp(`^\\*\\*${name}\\*\\* (?:is|counts) `, 'm'));
  });
});
