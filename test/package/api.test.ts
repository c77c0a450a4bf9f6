import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { filesBelow, ROOT, runTool } from './support.ts';

jest.setTimeout(180_000);

const out = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-api-'));

afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

describe('docs/api', () => {
  it('is what typedoc makes of the docstrings, without a warning: npm run docs:api', async () => {
    const { code, stdout, stderr } = await runTool(ROOT, 'typedoc/bin/typedoc', ['--out', out]);
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    const made = filesBelow(out);
    expect(filesBelow(path.join(ROOT, 'docs', 'api'))).toEqual(made);
    for (const file of made) {
      expect(readFileSync(path.join(ROOT, 'docs', 'api', file), 'utf8')).toBe(
        readFileSync(path.join(out, file), 'utf8'),
      );
    }
  });
});
