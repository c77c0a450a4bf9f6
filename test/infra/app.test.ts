import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { emptyFolder } from './support.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

const run = (context: Record<string, string>) =>
  spawnSync(process.execPath, [path.join('bin', 'bedrock-job-tracker.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, CDK_OUTDIR: emptyFolder(), CDK_CONTEXT_JSON: JSON.stringify(context) },
  });

describe('the CDK app', () => {
  it("answers a user's mistake with sentences and exit code 2, without a stack trace", () => {
    const { status, stderr } = run({ maxConcurrency: 'many', removalPolicy: 'keep' });
    expect(stderr.trim().split('\n')).toEqual([
      'Bedrock job tracker: 2 settings are wrong.',
      '  - maxConcurrency is "many": it takes a whole number',
      '  - removalPolicy is "keep": it takes retain or destroy',
    ]);
    expect(status).toBe(2);
  }, 30_000);
});
