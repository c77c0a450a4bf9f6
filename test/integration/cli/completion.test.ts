import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ENTRY, processEnvironment, startTracked, type Tracked } from '../../support/integration/command.ts';

// Each test starts a shell and a command, on a machine that may have other things to do.
jest.setTimeout(60_000);

let tracked: Tracked;
const folder = mkdtempSync(join(tmpdir(), 'completion-'));
beforeAll(async () => {
  tracked = await startTracked();
  const command = join(folder, 'bedrock-jobs');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${ENTRY}' "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tracked.close();
});

const SCRIPT = `
  source <(bedrock-jobs completion bash); source <(bedrock-jobs completion bash)
  compopt() { :; }
  COMP_LINE="$1" COMP_POINT=\${#1}
  _bedrock_jobs "\${1%% *}" && printf '%s\\n' "\${COMPREPLY[@]}"`;

/** What bash offers for a line, having read the script twice. */
const complete = async (line: string, env: NodeJS.ProcessEnv = {}) => {
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-uc', SCRIPT, 'bash', line], {
    cwd: folder,
    env: { ...processEnvironment(tracked.env), PATH: `${folder}:${process.env['PATH'] ?? ''}`, ...env },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
};

describe('completion in bash', () => {
  it.each<[string, string[]]>([
    ['bedrock-jobs li', ['list']],
    ['bedrock-jobs list --created', ['--created-after', '--created-before']],
    ['bedrock-jobs list --status Sto', ['Stopped', 'Stopping']],
    ['bedrock-jobs wait x --until e', ['ended']],
    ['bedrock-jobs stats --until last-m', ['last-month']],
    ['bedrock-jobs list --sort validation_l', ['validation_loss']],
    ['bedrock-jobs list --type DIS', ['DISTILLATION']],
    ['bedrock-jobs show support', ['support-triage-ft-0142']],
    ['./bedrock-jobs show --json support', ['support-triage-ft-0142']],
    ['bedrock-jobs list --base-model amazon.nova-p', ['amazon.nova-pro-v1:0:300k']],
    ['bedrock-jobs list --base-model amazon.nova-pro-v1:', ['0:300k']],
    ['bedrock-jobs list --tag te', ['team=']],
    ['bedrock-jobs list --tag team=', ['nlp']],
    ['bedrock-jobs list --tag team:n', ['nlp']],
    ['bedrock-jobs untag support-triage-ft-0142 fix', ['fixture']],
    ['bedrock-jobs list --created-after this-m', ['this-month']],
    ['bedrock-jobs export --format p', ['parquet']],
    ['bedrock-jobs show no-such', []],
  ])('%s offers %j', async (line, offered) => {
    expect(await complete(line)).toEqual(offered);
  });

  it('is silent where no tracker is found', async () => {
    expect(await complete('bedrock-jobs show sup', { AWS_REGION: '', AWS_ACCESS_KEY_ID: '' })).toEqual([]);
  });

  it('runs nothing of what was typed', async () => {
    await complete('bedrock-jobs show $(touch pwned) `touch pwned` ;touch pwned; sup');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});
