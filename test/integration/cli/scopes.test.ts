import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { SCOPE_STATES, SWEEPS_TABLE } from '../../../lib/contract.ts';
import type { Connection, Terminal } from '../../../lib/cli/context.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { rememberRequests } from '../../../lib/operator/aws-errors.ts';
import { DEFAULT_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { dynamoDbScopeStore, dynamoDbSweepStore } from '../../../lib/runtime/dynamodb-stores.ts';
import { type ScopeRecord, shardOf } from '../../../lib/tracking/scope.ts';
import { NO_COUNTS } from '../../../lib/tracking/sweep-state.ts';
import { testContext } from '../../support/command-context.ts';
import { type EmbeddedTables, startEmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const at = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const HOSTILE =
  'AccessDenied: User \u001b[2Jis not authorized\nto perform \u202ests:AssumeRole on arn:aws:iam::444455556666:role/x';

const scope = (name: string, change: Partial<ScopeRecord> = {}): ScopeRecord => ({
  scope: name,
  state: 'idle',
  due_at: at(20 * MINUTE),
  revision: 1,
  registered_at: at(-100 * HOUR),
  heard_at: at(-25 * MINUTE),
  swept_at: at(-40 * MINUTE),
  ...change,
});

const SCOPES = [
  scope('111122223333#us-east-1', {
    ...{ state: 'active', due_at: at(2 * MINUTE), swept_at: at(-3 * MINUTE), active_jobs: 3 },
    ...{ oldest_active_at: at(-5 * HOUR), creation_told_at: at(-5 * HOUR) },
  }),
  scope('111122223333#ap-northeast-1'),
  scope('444455556666#us-east-1', { failing_since: at(-2 * HOUR), failures: 12, error: HOSTILE }),
  scope('444455556666#us-gov-west-1', { state: 'empty', due_at: at(-HOUR), swept_at: at(-25 * HOUR) }),
  scope('777788889999#eu-west-1', {
    state: 'released',
    due_at: at(-HOUR),
    heard_at: at(-25 * HOUR),
    released_at: at(-HOUR),
  }),
];

let tables: EmbeddedTables;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  const scopes = dynamoDbScopeStore(tables.client, tables.sweepsTable);
  for (const record of SCOPES) await scopes.put(record);
  const sweeps = dynamoDbSweepStore(tables.client, tables.sweepsTable);
  const own = { accountId: '111122223333', region: 'us-east-1' };
  const counts = { ...NO_COUNTS, listed: 12, drifted: 2, corrected: 1 };
  await sweeps.save(own, 'active', { succeeded_at: at(-3 * MINUTE), finished_at: at(-3 * MINUTE), counts });
  await sweeps.save(own, 'full', { succeeded_at: at(-20 * HOUR), unfinished: true, counts });
});
afterAll(() => tables.close());

/** Runs a command line in this process, as of a hub's tracker. */
const run = async (line: string, terminal: Partial<Terminal> = {}, sweepsTable = tables.sweepsTable) => {
  const connection: Partial<Connection> = {
    tableName: tables.jobsTable,
    region: 'us-east-1',
    scopesTable: () => Promise.resolve({ dynamoDb: rememberRequests(tables.client), sweepsTable }),
    settings: () =>
      Promise.resolve({ schedules: { ...DEFAULT_SCHEDULES, idleSweepMinutes: 60, emptySweepMinutes: 1440 } }),
  };
  const { context, printed, told } = testContext({ terminal, connection, now: NOW });
  const loadHandlers = () => Promise.reject(new Error('no handler is run'));
  return { code: await runCommandLine(line.split(' '), context, { loadHandlers }), printed, told };
};
const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).printed.join('\n'));

describe('bedrock-jobs scopes', () => {
  it.each([60, 80, 120, 200])('shows what matters most on %i columns', async (columns) => {
    const { code, printed, told } = await run('scopes', { columns });
    expect(`\n${printed.join('\n')}\n`).toMatchSnapshot();
    expect([code, told]).toEqual([0, ['Scopes: 5 (1 active, 2 idle, 1 empty, 1 released, 1 failing, 1 late).']]);
  });

  it.each([
    ['--failing', ['444455556666#us-east-1']],
    ['--state idle', ['444455556666#us-east-1', '111122223333#ap-northeast-1']],
    ['--account 111122223333', ['111122223333#us-east-1', '111122223333#ap-northeast-1']],
    ['--state released --account 777788889999', ['777788889999#eu-west-1']],
  ])('lists those that %s', async (flags, names) => {
    expect(await json(`scopes ${flags}`)).toMatchObject({
      scopes: names.map((name) => ({ scope: name })),
      counts: { active: 1, idle: 2, empty: 1, released: 1, failing: 1, late: 1 },
      complete: true,
    });
  });

  it('prints records as they are in one JSON document', async () => {
    const { revision: _, ...failing } = SCOPES[2] as ScopeRecord;
    expect(await json('scopes --limit 1')).toEqual({
      scopes: [{ ...failing, late: false }],
      counts: expect.any(Object) as unknown,
      complete: false,
    });
  });

  it('says how many it does not list, and that none matches', async () => {
    expect((await run('scopes --limit 2')).told.at(-1)).toBe('Listed 2 of 5 scopes: raise --limit, or add --all.');
    expect(await run('scopes --account 999999999999')).toMatchObject({
      printed: [],
      told: ['No matching scopes.', expect.anything()],
    });
  });

  it.each([60, 80, 120])('shows one scope on %i columns', async (columns) => {
    expect((await run('scopes 111122223333#us-east-1', { columns })).printed).toMatchSnapshot();
    expect((await run('scopes 444455556666#us-east-1', { columns })).printed).toMatchSnapshot();
  });

  it('prints one scope and its sweeps as JSON', async () => {
    expect(await json('scopes 111122223333#us-east-1')).toMatchObject({
      ...SCOPES[0],
      late: false,
      sweeps: { active: { counts: { listed: 12 } }, full: { unfinished: true } },
    });
  });

  it('says of an unknown scope how it is registered', async () => {
    expect(await run('scopes 999988887777#us-east-1')).toEqual({
      code: 1,
      printed: [],
      told: [
        'The scope 999988887777#us-east-1 is not registered: its spoke registers it with its first heartbeat, within an hour ' +
          'of its deployment. For those that are: bedrock-jobs scopes --account 999988887777',
      ],
    });
  });

  it.each([
    'scopes 1#us-east-1',
    'scopes --state moving',
    'scopes 111122223333#us-east-1 --failing',
    'scopes --account 1',
  ])('misuse: %s', async (line) => {
    expect(await run(line)).toMatchObject({ code: 2, printed: [] });
  });

  it('obeys no terminal sequence of an error', async () => {
    for (const line of [
      'scopes',
      'scopes --json',
      'scopes 444455556666#us-east-1',
      'scopes 444455556666#us-east-1 --json',
    ]) {
      const { printed } = await run(line, { isTerminal: true, columns: 100 });
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      expect(printed.filter((text) => /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(text))).toEqual([]);
    }
  });
});

describe('bedrock-jobs scopes, of 10,000', () => {
  const COUNT = 10_000;
  beforeAll(async () => {
    const items = Array.from({ length: COUNT }, (_, number) => {
      const state = SCOPE_STATES[number < 200 ? 0 : number < 1000 ? 1 : number < 9900 ? 2 : 3];
      // The embedded DynamoDB confuses items of an index that have all keys in common.
      const times = { due_at: at(20 * MINUTE + number), swept_at: at(-3 * MINUTE) };
      const record = scope(`${500_000_000_000 + Math.floor(number / 10)}#us-east-${number % 10}`, { state, ...times });
      return { ...record, [SWEEPS_TABLE.sortKey]: 'scope', state_shard: shardOf(record) };
    });
    for (let from = 0; from < items.length; from += 25)
      await tables.client.send(
        new BatchWriteCommand({
          RequestItems: {
            [tables.sweepsTable]: items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } })),
          },
        }),
      );
  }, 120_000);

  it('shows a hundred, and counts all', async () => {
    const { printed, told } = await run('scopes', { columns: 80 });
    expect(printed).toHaveLength(101);
    expect(printed[1]).toMatch(/^444455556666#us-east-1/);
    expect(told).toEqual([
      'Scopes: 10,005 (201 active, 802 idle, 8,901 empty, 101 released, 1 failing, 1 late).',
      'Listed 100 of 10,005 scopes: raise --limit, or add --all.',
    ]);
  });

  it('lists all of them with --all', async () => {
    const { scopes } = (await json('scopes --all --state empty')) as { scopes: { heard_at: string }[] };
    expect(scopes.filter(({ heard_at }) => heard_at !== '')).toHaveLength(8901);
  });
});
