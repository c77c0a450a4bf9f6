import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRunFile, removeRunFile, writeRunFile, type RunFile } from '../../../lib/local/run-file.ts';

const RUN: RunFile = {
  pid: process.pid,
  webUrl: 'http://127.0.0.1:8420',
  dynamoDbUrl: 'http://127.0.0.1:8421',
  bedrockUrl: 'http://127.0.0.1:8422',
  region: 'us-east-1',
  jobsTable: 'bedrock-jobs',
  sweepsTable: 'bedrock-job-sweeps',
  scopes: ['123456789012#us-east-1'],
};
const NOT_FOUND = {
  code: 'TRACKER_NOT_FOUND',
  message: expect.stringMatching(/^No local tracker is running in .*\. Start one with "npm start"/) as unknown,
};

let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'run-file-')), 'data');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

describe('the file of a local run', () => {
  it('tells where the run is, and leaves nothing else in the folder', async () => {
    await writeRunFile(folder, RUN);
    expect(await readRunFile(folder)).toEqual(RUN);
    expect(readdirSync(folder)).toEqual(['run.json']);
  });

  it('is gone when the run has ended', async () => {
    await writeRunFile(folder, RUN);
    await removeRunFile(folder, RUN.pid);
    expect(readdirSync(folder)).toEqual([]);
    await expect(readRunFile(folder)).rejects.toMatchObject(NOT_FOUND);
  });

  it('of a later run in the same folder stays when the earlier one ends', async () => {
    await writeRunFile(folder, RUN);
    await removeRunFile(folder, RUN.pid + 1);
    expect(await readRunFile(folder)).toEqual(RUN);
  });

  it('of a process that was killed is none', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeRunFile(folder, { ...RUN, pid });
    await expect(readRunFile(folder)).rejects.toMatchObject(NOT_FOUND);
  });

  it.each([
    ['of another version', '{"pid":1}'],
    ['that is no JSON', '{'],
  ])('%s is none', async (_, text) => {
    await writeRunFile(folder, RUN);
    writeFileSync(join(folder, 'run.json'), text);
    await expect(readRunFile(folder)).rejects.toMatchObject(NOT_FOUND);
  });

  it('is none where there was no run', async () => {
    await expect(readRunFile(folder)).rejects.toMatchObject(NOT_FOUND);
  });
});
