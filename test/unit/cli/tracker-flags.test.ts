import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { withTrackerFlags, type TrackerFlags } from '../../../lib/cli/connection/flags.ts';

const parse = (...argv: string[]) => {
  const command = withTrackerFlags(new Command('show').argument('<job>'))
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
    });
  command.parse(argv, { from: 'user' });
  return { job: command.args[0], flags: command.opts<TrackerFlags>() };
};

describe('the flags that say which tracker', () => {
  it('take no job for the folder of a local run', () => {
    expect(parse('--local', 'my-first-job')).toMatchObject({ job: 'my-first-job', flags: { local: true } });
  });

  it('mean a local run where its folder is named', () => {
    expect(parse('--data-dir', 'elsewhere', 'my-first-job')).toMatchObject({
      job: 'my-first-job',
      flags: { local: true, dataDir: 'elsewhere' },
    });
  });

  it.each([
    ['--local', '--table', 'jobs'],
    ['--data-dir', 'elsewhere', '--region', 'us-east-1'],
  ])('name one tracker: %s %s %s', (...argv) => {
    expect(() => parse(...argv, 'my-first-job')).toThrow(/cannot be used with/);
  });
});
