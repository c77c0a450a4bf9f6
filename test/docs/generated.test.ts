import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../lib/cli/doctor/examine.ts';
import { METRIC } from '../../lib/contract.ts';
import { generatedPages } from '../../scripts/docs.ts';
import { commands } from '../../scripts/docs/reference.ts';

const read = (page: string): string => readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');

describe('the generated parts of the documents', () => {
  it.each(generatedPages())('$file is up to date; otherwise run: npm run docs', ({ now, wanted }) => {
    expect(now).toBe(wanted);
  });
});

describe('the written parts', () => {
  it('explain every metric', () => {
    for (const name of Object.values(METRIC)) expect(read('metrics.md')).toContain(`\n**${name}** `);
  });

  it('name every check of what AWS does, and no check that does not exist', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const page = read('assumptions.md');
    const ofAws = CHECKS.filter(({ needs }) => needs === 'bedrock' || needs === 'aws').map(({ id }) => id);
    expect(ofAws.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
    const named = [...page.matchAll(/`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`/g)].map(([, id]) => id);
    expect(named.filter((id) => !ids.includes(id ?? ''))).toEqual([]);
  });
});

describe('the help of the command line', () => {
  const sections = commands()
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section] as const);

  it.each(sections)('%s has examples, and --json where it reads', (command, help) => {
    expect(help).toContain('\nExamples:\n');
    if (!['local', 'dashboard', 'completion'].includes(command)) expect(help).toMatch(/^ {2}--json /m);
  });
});
