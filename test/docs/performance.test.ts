import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SECTIONS } from '../../bench/section.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('docs/performance.md', () => {
  it('matches bench/results.json: else run "npm run bench -- --document" and read the difference', async () => {
    const check = promisify(execFile)(process.execPath, [join(ROOT, 'bench', 'run.ts'), '--check']);
    await expect(check).resolves.toMatchObject({ stdout: '' });
  });

  it('has every section', async () => {
    const results = JSON.parse(await readFile(join(ROOT, 'bench', 'results.json'), 'utf8')) as object;
    expect(Object.keys(results)).toEqual(SECTIONS);
  });
});
