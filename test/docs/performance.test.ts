import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const listed = (text: string): string[] => [...text.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name ?? '');
const sections = listed(/SECTIONS = \[([^\]]*)\]/.exec(read('bench/sections.ts'))?.[1] ?? '');

describe('docs/performance.md', () => {
  it('is the page of bench/results.json: run "npm run bench -- --document" and read the difference', async () => {
    const check = promisify(execFile)(process.execPath, [join(ROOT, 'bench', 'run.ts'), '--check']);
    await expect(check).resolves.toMatchObject({ stdout: '' });
  });

  it('has every section', () => {
    expect(sections.length).toBeGreaterThan(0);
    expect(Object.keys(JSON.parse(read('bench/results.json')) as object).sort()).toEqual([...sections].sort());
  });
});
