import { afterEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { connect } from '../../../lib/cli/connect.ts';
import { type TrackerFlags, withTrackerFlags } from '../../../lib/cli/flags.ts';

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

describe('the scopes of a table that the flags name', () => {
  afterEach(() => {
    Reflect.deleteProperty(process.env, 'TRACKED_SCOPES');
  });
  const scopesBy = async (text: string) => {
    process.env['TRACKED_SCOPES'] = text;
    return (await connect({ table: 'jobs', region: 'us-east-1', parameterPrefix: '/tracker' })).scopes;
  };

  it('come from TRACKED_SCOPES', async () => {
    expect(await scopesBy('111122223333#us-east-1')).toEqual([{ accountId: '111122223333', region: 'us-east-1' }]);
    expect(await scopesBy('')).toEqual([]);
  });

  it('are refused where an entry is wrong, since jobs of that scope would be left out silently', async () => {
    await expect(scopesBy('111122223333#us-east-1,444455556666/us-east-1')).rejects.toThrow(
      /^The variable TRACKED_SCOPES must name scopes .*; these are not scopes: "444455556666\/us-east-1"\./,
    );
  });
});
