import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileOutput, standardOutput } from '../../../../lib/cli/export/output.ts';
import type { Terminal } from '../../../../lib/cli/context.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
  file = join(folder, 'jobs.csv');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const content = (path = file): string => readFileSync(path, 'utf8');
const isRoot = process.getuid?.() === 0;

describe('the file of an export', () => {
  it('appears under its name when it is complete, not before', async () => {
    const output = await fileOutput(file, { force: false });
    await output.write('a,b\n');
    await output.write(Buffer.from('1,2\n'));
    expect(existsSync(file)).toBe(false);
    expect(content(`${file}.partial`)).toBe('a,b\n1,2\n');
    await output.commit();
    expect(content()).toBe('a,b\n1,2\n');
    expect(existsSync(`${file}.partial`)).toBe(false);
  });

  it('leaves nothing behind when the export fails', async () => {
    const output = await fileOutput(file, { force: false });
    await output.write('a,b\n');
    await output.discard();
    expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
  });

  it('overwrites the partial file of a killed export', async () => {
    writeFileSync(`${file}.partial`, 'longer than the new contents');
    const output = await fileOutput(file, { force: false });
    await output.write('new');
    await output.commit();
    expect(content()).toBe('new');
  });

  it('is refused where it exists, and stays as it is', async () => {
    writeFileSync(file, 'mine');
    await expect(fileOutput(file, { force: false })).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: `${file} exists already. Name another file with --output, or replace it with --force.`,
    });
    expect(content()).toBe('mine');
  });

  it('is replaced with --force, and only by a complete file', async () => {
    writeFileSync(file, 'mine');
    const failed = await fileOutput(file, { force: true });
    await failed.write('half');
    await failed.discard();
    expect(content()).toBe('mine');
    const output = await fileOutput(file, { force: true });
    await output.write('whole');
    await output.commit();
    expect(content()).toBe('whole');
  });

  it.each([
    ['a missing folder', 'none/jobs.csv', /its folder does not exist\. Make the folder/],
    ['a folder itself', '', /it is a folder\. Name a file in it/],
    ['a folder that is a file', 'jobs.csv/x', /its folder is a file/],
  ])('explains %s', async (_, name, sentence) => {
    writeFileSync(file, '');
    const path = join(folder, name);
    const refusal = fileOutput(path, { force: true });
    await expect(refusal).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    await expect(refusal).rejects.toThrow(sentence);
    await expect(refusal).rejects.toThrow(path);
  });

  // Root may write everywhere.
  (isRoot ? it.skip : it)('explains a folder without permission', async () => {
    mkdirSync(join(folder, 'locked'), { mode: 0o500 });
    await expect(fileOutput(join(folder, 'locked', 'jobs.csv'), { force: false })).rejects.toThrow(
      /may not write there/,
    );
  });

  // Linux has a disk that is always full.
  (existsSync('/dev/full') ? it : it.skip)('explains a full disk', async () => {
    const output = await fileOutput('/dev/full', { force: false });
    await expect(output.write('a')).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: '/dev/full cannot be written: the disk is full. Make room, or name a file elsewhere with --output.',
    });
    await output.discard();
    expect(existsSync('/dev/full')).toBe(true);
  });

  it('may be a device, which is neither renamed nor removed', async () => {
    const output = await fileOutput('/dev/null', { force: false });
    await output.write('a');
    await output.commit();
    expect(existsSync('/dev/null')).toBe(true);
    expect(existsSync('/dev/null.partial')).toBe(false);
  });
});

describe('standard output', () => {
  const writtenTo = async (isTerminal: boolean, text: string): Promise<string> => {
    let written = '';
    const write = (piece: string | Uint8Array) => {
      written += piece.toString();
      return Promise.resolve();
    };
    await standardOutput({ isTerminal, write } as Partial<Terminal> as Terminal).write(text);
    return written;
  };
  const text = 'a\u001b[2Jb\u009bc\rd\te\n\u0007';

  it('removes what would control a terminal', async () => {
    expect(await writtenTo(true, text)).toBe('a[2Jbcd\te\n');
  });

  it('passes everything to a pipe', async () => {
    expect(await writtenTo(false, text)).toBe(text);
  });
});
