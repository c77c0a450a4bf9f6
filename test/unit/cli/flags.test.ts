import { afterEach, describe, expect, it } from '@jest/globals';
import { Command, InvalidArgumentError } from 'commander';
import { connect } from '../../../lib/cli/connect.ts';
import {
  filterOf,
  span,
  withJobFilterFlags,
  withTrackerFlags,
  type FilterFlags,
  type TrackerFlags,
} from '../../../lib/cli/flags.ts';
import type { JobFilter } from '../../../lib/client/requests.ts';
import { DAY, HOUR, SECOND } from '../../../lib/domain/time.ts';

const quiet = (command: Command) => command.exitOverride().configureOutput({ writeErr: () => undefined });

const parseTracker = (...argv: string[]) => {
  const command = quiet(withTrackerFlags(new Command('show').argument('<job>')));
  command.parse(argv, { from: 'user' });
  return { job: command.args[0], flags: command.opts<TrackerFlags>() };
};

describe('the flags that say which tracker', () => {
  it('take no job for the folder of a local run', () => {
    expect(parseTracker('--local', 'my-first-job')).toMatchObject({ job: 'my-first-job', flags: { local: true } });
  });

  it('mean a local run where its folder is named', () => {
    expect(parseTracker('--data-dir', 'elsewhere', 'my-first-job')).toMatchObject({
      job: 'my-first-job',
      flags: { local: true, dataDir: 'elsewhere' },
    });
  });

  it.each([
    ['--local', '--table', 'jobs'],
    ['--data-dir', 'elsewhere', '--region', 'us-east-1'],
  ])('name one tracker: %s %s %s', (...argv) => {
    expect(() => parseTracker(...argv, 'my-first-job')).toThrow(/cannot be used with/);
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

describe('a span of time as an option', () => {
  it.each([
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['30min', 1_800_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(span(SECOND, DAY)(text)).toBe(ms);
  });

  it.each(['', '10', '10m', '-5s', '1h30min', '0s', '2d', 'toString', '1e3s'])('refuses %j', (text) => {
    expect(() => span(SECOND, DAY)(text)).toThrow(InvalidArgumentError);
  });

  it('names its limits', () => {
    expect(() => span(SECOND, HOUR)('2h')).toThrow('such as 10s, 30min, 2h or 1d, from 1 s to 1 h.');
  });
});

const NOW = new Date('2026-11-21T12:00:00.000Z');

const parseFilter = (...argv: string[]): JobFilter => {
  const command = quiet(withJobFilterFlags(new Command('list')));
  command.parse(argv, { from: 'user' });
  return filterOf(command.opts<FilterFlags>(), NOW);
};

describe('flags about jobs become the filter of the client', () => {
  it.each<[string[], JobFilter]>([
    [[], {}],
    [['--status', 'failed', '--status', 'Stopped'], { status: ['Failed', 'Stopped'] }],
    [['--status', 'fail,complete,in progress'], { status: ['Failed', 'Completed', 'InProgress'] }],
    [['--status', 'Paused'], { status: ['Paused'] }],
    [['--status', 'stop'], { status: ['stop'] }],
    [['--active'], { active: true }],
    [['--ended'], { active: false }],
    [['--account', '123456789012', '--job-region', 'us-west-2'], { account: '123456789012', region: 'us-west-2' }],
    [['--type', 'fine-tuning'], { customizationType: 'FINE_TUNING' }],
    [['--type', 'finetuning'], { customizationType: 'FINE_TUNING' }],
    [['--type', 'distill'], { customizationType: 'DISTILLATION' }],
    [['--type', 'cpt'], { customizationType: 'CONTINUED_PRE_TRAINING' }],
    [['--type', 'model-merging'], { customizationType: 'MODEL_MERGING' }],
    [['--tag', 'team:nlp', '--tag', 'release'], { tag: [{ key: 'team', value: 'nlp' }, { key: 'release' }] }],
    [['--tag', 'team=nlp'], { tag: [{ key: 'team', value: 'nlp' }] }],
    [['--tag', 'arn:a:b'], { tag: [{ key: 'arn', value: 'a:b' }] }],
    [['--tag', ':x'], { tag: [{ key: ':x' }] }],
    [['--tag', 'empty:'], { tag: [{ key: 'empty', value: '' }] }],
    [['--base-model', 'amazon.nova', '--name-contains', 'x'], { baseModel: 'amazon.nova', nameContains: 'x' }],
    [['--created-after', '2026-11-01'], { createdAfter: new Date('2026-11-01T00:00:00Z') }],
    [['--created-before', '2026-11-01T10:00:00+02:00'], { createdBefore: new Date('2026-11-01T08:00:00Z') }],
    [['--modified-after', '12h'], { modifiedAfter: new Date('2026-11-21T00:00:00Z') }],
    [['--created-after', '2026-10'], { createdAfter: new Date('2026-10-01T00:00:00Z') }],
    [['--created-before', '2026-10'], { createdBefore: new Date('2026-10-01T00:00:00Z') }],
    [['--created-after', 'last-month'], { createdAfter: new Date('2026-10-01T00:00:00Z') }],
    [['--created-after', '2w'], { createdAfter: new Date('2026-11-07T12:00:00Z') }],
    [['--created-after', '30min'], { createdAfter: new Date('2026-11-21T11:30:00Z') }],
  ])('%j', (argv, filter) => {
    expect(parseFilter(...argv)).toEqual(filter);
  });

  it.each([
    ['--status', 'in/progress'],
    ['--active', '--ended'],
    ['--account', '1234'],
    ['--job-region', 'mars'],
    ['--tag', ''],
    ['--created-after', 'yesterda'],
    ['--created-after', '2026-13'],
    ['--created-after', '7m'],
    ['--created-after', '2026-11-01T10:00:00'],
    ['--created-after', '2026-13-01'],
  ])('misuse: %s %s', (...argv) => {
    expect(() => parseFilter(...argv)).toThrow(/error: option/);
  });
});
