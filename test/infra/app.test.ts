import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { emptyFolder } from './support.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

const run = (context: Record<string, string>, outdir = emptyFolder()) =>
  spawnSync(process.execPath, [path.join('bin', 'bedrock-job-tracker.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
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

  it('says that a table to adopt takes credentials, where there are none', () => {
    const { status, stderr } = run({ jobsTableName: 'OldJobs' });
    expect(stderr).toContain('the table OldJobs could not be looked up, which jobsTableName asks for. There ');
    expect(status).toBe(2);
  }, 30_000);

  it('makes the tracker or the spoke, and knows nothing else', () => {
    const { status, stderr } = run({ stack: 'hub' });
    expect(stderr.trim().split('\n').at(-1)).toBe('  - stack is "hub": it takes tracker or spoke');
    expect(status).toBe(2);
  }, 30_000);

  it("makes the spoke's template without bundles, credentials or an account", () => {
    const folder = emptyFolder();
    const { status } = run({ stack: 'spoke' }, folder);
    expect(status).toBe(0);
    expect(readdirSync(folder)).toContain('BedrockJobTrackerSpoke.template.json');
  }, 30_000);

  it("gives the spoke the stack's name of the context, so that there can be one for each hub", () => {
    const folder = emptyFolder();
    expect(run({ stack: 'spoke', stackName: 'StagingSpoke' }, folder).status).toBe(0);
    expect(readdirSync(folder)).toContain('StagingSpoke.template.json');
  }, 30_000);
});
