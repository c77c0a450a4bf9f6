import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const WRITER = join(import.meta.dirname, '../../../support/export/write-synthetic.ts');
/** Megabytes. The records of each export below are three times as much, or more. */
const HEAP_MB = 64;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Written {
  readonly count: number;
  readonly size: number;
}

const written = async (format: string, count: number): Promise<Written> => {
  const argv = [`--max-old-space-size=${HEAP_MB.toString()}`, WRITER, format, count.toString(), join(folder, format)];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout) as Written;
};

describe('the memory that an export needs', () => {
  // Some 8 KB each: a process that kept them would run out of its heap.
  it.each([
    ['ndjson', 60_000],
    ['csv', 40_000],
    ['flat', 60_000],
    ['parquet', 25_000],
  ])(
    'does not grow with the records: %s, %d of them',
    async (format, count) => {
      const { size } = await written(format, count);
      expect(size).toBeGreaterThan(count * 100);
    },
    60_000,
  );
});
