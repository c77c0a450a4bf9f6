import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { type FilterFlags, filterOf, withFilterFlags } from '../../../lib/cli/flags.ts';
import type { JobFilter } from '../../../lib/client/requests.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');

const parsed = (...argv: string[]): JobFilter => {
  const command = withFilterFlags(new Command('list'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(argv, { from: 'user' });
  return filterOf(command.opts<FilterFlags>(), NOW);
};

describe('flags about jobs become the filter of the client', () => {
  it.each<[string[], JobFilter]>([
    [[], {}],
    [['--status', 'failed', '--status', 'Stopped'], { status: ['Failed', 'Stopped'] }],
    [['--status', 'Paused'], { status: ['Paused'] }],
    [['--active'], { active: true }],
    [['--ended'], { active: false }],
    [['--account', '123456789012', '--job-region', 'us-west-2'], { account: '123456789012', region: 'us-west-2' }],
    [['--type', 'fine-tuning'], { customizationType: 'FINE_TUNING' }],
    [['--tag', 'team:nlp', '--tag', 'release'], { tag: [{ key: 'team', value: 'nlp' }, { key: 'release' }] }],
    [['--tag', 'arn:a:b'], { tag: [{ key: 'arn', value: 'a:b' }] }],
    [['--tag', ':x'], { tag: [{ key: ':x' }] }],
    [['--tag', 'empty:'], { tag: [{ key: 'empty', value: '' }] }],
    [['--base-model', 'amazon.nova', '--name-contains', 'x'], { baseModel: 'amazon.nova', nameContains: 'x' }],
    [['--created-after', '2026-11-01'], { createdAfter: new Date('2026-11-01T00:00:00Z') }],
    [['--created-before', '2026-11-01T10:00:00+02:00'], { createdBefore: new Date('2026-11-01T08:00:00Z') }],
    [['--modified-after', '12h'], { modifiedAfter: new Date('2026-11-21T00:00:00Z') }],
    [['--created-after', '2w'], { createdAfter: new Date('2026-11-07T12:00:00Z') }],
    [['--created-after', '30min'], { createdAfter: new Date('2026-11-21T11:30:00Z') }],
  ])('%j', (argv, filter) => {
    expect(parsed(...argv)).toEqual(filter);
  });

  it.each([
    ['--status', 'in progress'],
    ['--active', '--ended'],
    ['--account', '1234'],
    ['--job-region', 'mars'],
    ['--tag', ''],
    ['--created-after', 'yesterday'],
    ['--created-after', '7m'],
    ['--created-after', '2026-11-01T10:00:00'],
    ['--created-after', '2026-13-01'],
  ])('misuse: %s %s', (...argv) => {
    expect(() => parsed(...argv)).toThrow(/error: option/);
  });
});
