import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, jest } from '@jest/globals';
import { VERSION } from '../../../lib/contract.ts';
import { processEnvironment } from '../../support/integration/command.ts';

// It bundles the command line, on a machine that may have other things to do.
jest.setTimeout(120_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const CURRENT = join(ROOT, 'dist', 'cli', 'current.json');
const run = (...args: string[]) =>
  promisify(execFile)(join(ROOT, 'bedrock-jobs'), args, { cwd: join(ROOT, 'docs'), env: processEnvironment({}) });

interface Current {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
}
const readCurrent = () => JSON.parse(readFileSync(CURRENT, 'utf8')) as Current;

it('the command of a clone is built when a source has changed, and only then', async () => {
  if (!existsSync(CURRENT)) await run('--version');
  const current = readCurrent();
  writeFileSync(
    CURRENT,
    JSON.stringify({ ...current, inputs: { ...current.inputs, 'lib/cli/program.ts': 'changed' } }),
  );
  const [first, second] = [await run('--version'), await run('wait', '--help')];
  expect([first.stdout, first.stderr]).toEqual([
    `${VERSION}\n`,
    'Building the command line (first run, or its sources changed) …\n',
  ]);
  expect(second.stderr).toBe('');
  expect(second.stdout).toMatch(/^Usage: \.\.\/bedrock-jobs wait/);
  expect(Object.keys(readCurrent().inputs)).toEqual(expect.arrayContaining(['lib/cli/flags.ts', 'package-lock.json']));
});
