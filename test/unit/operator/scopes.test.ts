import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SWEEPS_TABLE } from '../../../lib/contract.ts';
import { ensureTable } from '../../../lib/local/tables.ts';
import {
  countSentence,
  NO_COUNTS,
  readRegistry,
  readScope,
  type Registry,
  withScopeRecords,
} from '../../../lib/operator/scopes.ts';
import { MOST_SCOPES, problemsOf, readScopeHealth } from '../../../lib/operator/tracker-health.ts';
import { DEFAULT_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { dynamoDbScopeStore, dynamoDbSweepStore } from '../../../lib/runtime/dynamodb-stores.ts';
import type { ScopeRecord } from '../../../lib/tracking/scope.ts';
import { type EmbeddedTables, startEmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
/** Of a hub: hourly without active jobs, daily where there never was one. */
const SCHEDULES = { ...DEFAULT_SCHEDULES, idleSweepMinutes: 60, emptySweepMinutes: 1440 };

const WELL: ScopeRecord = {
  scope: '111122223333#us-east-1',
  state: 'idle',
  due_at: at(20 * MINUTE),
  revision: 1,
  registered_at: at(-100 * HOUR),
  heard_at: at(-25 * MINUTE),
  swept_at: at(-40 * MINUTE),
};
const scope = (name: string, change: Partial<ScopeRecord> = {}): ScopeRecord => ({ ...WELL, scope: name, ...change });

let tables: EmbeddedTables;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  client = new DynamoDBClient({ endpoint: tables.url });
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});

let made = 0;
/** A sweeps table of its own with these scopes. */
const tableOf = async (...records: readonly ScopeRecord[]) => {
  const sweepsTable = `sweeps-${(made += 1)}`;
  await ensureTable(client, sweepsTable, SWEEPS_TABLE);
  const store = dynamoDbScopeStore(tables.client, sweepsTable);
  for (const record of records) await store.put({ ...record, revision: 1 });
  return { dynamoDb: tables.client, sweepsTable };
};
const namesOf = ({ scopes }: Registry) => scopes.map((row) => row.scope);

describe('the registered scopes', () => {
  it('begin with those that fail the longest, then those that are late, then by state and name', async () => {
    const table = await tableOf(
      scope('100000000000#us-east-1', { state: 'empty', due_at: at(5 * HOUR) }),
      scope('100000000001#us-east-1'),
      scope('100000000002#us-east-1', { state: 'active', due_at: at(MINUTE), swept_at: at(-4 * MINUTE) }),
      scope('100000000003#us-east-1', { state: 'active', due_at: at(-11 * MINUTE) }),
      scope('100000000004#us-east-1', { failing_since: at(-HOUR), failures: 3, error: 'denied' }),
      scope('100000000005#us-east-1', { failing_since: at(-2 * HOUR), failures: 4, error: 'denied' }),
      scope('100000000006#us-east-1', { state: 'released', due_at: at(-HOUR), released_at: at(-HOUR) }),
    );
    const registry = await readRegistry(table, SCHEDULES, NOW);
    expect(namesOf(registry).map((name) => Number(name[11]))).toEqual([5, 4, 3, 2, 1, 0, 6]);
    expect(registry.counts).toEqual({ active: 2, idle: 3, empty: 1, released: 1, failing: 2, late: 1 });
  });

  it.each<[string, Partial<ScopeRecord>, boolean]>([
    ['in time', {}, false],
    ['due two sweeps ago', { due_at: at(-10 * MINUTE - 1) }, true],
    ['due, and just to be swept', { due_at: at(-10 * MINUTE) }, false],
    ['whose sweeps die again and again, so that it is always due soon', { swept_at: at(-3 * HOUR - 1) }, true],
    ['that is swept once an hour', { swept_at: at(-3 * HOUR) }, false],
    ['that is swept once a day', { state: 'empty', swept_at: at(-71 * HOUR) }, false],
    ['that fails, which is said instead', { due_at: at(-HOUR), failing_since: at(-HOUR) }, false],
    ['that is released', { state: 'released', due_at: at(-HOUR) }, false],
  ])('tell whether one is late: %s', async (_, change, late) => {
    const { scopes } = await readRegistry(await tableOf(scope(WELL.scope, change)), SCHEDULES, NOW);
    expect(scopes).toEqual([expect.objectContaining({ scope: WELL.scope, late })]);
  });

  it('get from their records what the index has not', async () => {
    const table = await tableOf(WELL, scope('111122223333#us-west-2', { creation_told_at: at(-HOUR) }));
    const { scopes } = await readRegistry(table, SCHEDULES, NOW);
    expect(scopes[0]).not.toHaveProperty('heard_at');
    const rows = await Array.fromAsync(withScopeRecords(scopes, table));
    const { revision: _, ...known } = WELL;
    expect(rows).toEqual([
      { ...known, late: false },
      { ...known, scope: '111122223333#us-west-2', creation_told_at: at(-HOUR), late: false },
    ]);
  });

  it('are counted in a sentence', () => {
    expect(countSentence({ active: 200, idle: 800, empty: 8900, released: 100, failing: 3, late: 1 })).toBe(
      'Scopes: 10,000 (200 active, 800 idle, 8,900 empty, 100 released, 3 failing, 1 late).',
    );
    expect(countSentence(NO_COUNTS)).toBe('Scopes: 0 (none is registered).');
  });
});

describe('one scope', () => {
  const SCOPE = { accountId: '111122223333', region: 'us-east-1' };

  it('has its record, and the states of its sweeps', async () => {
    const table = await tableOf(WELL);
    await dynamoDbSweepStore(table.dynamoDb, table.sweepsTable).save(SCOPE, 'full', { succeeded_at: at(-HOUR) });
    expect(await readScope(table, SCOPE)).toEqual({ record: WELL, sweeps: { full: { succeeded_at: at(-HOUR) } } });
  });

  it('has neither where nothing is known of it', async () => {
    expect(await readScope(await tableOf(WELL), { ...SCOPE, region: 'eu-west-1' })).toEqual({ sweeps: {} });
  });
});

describe("the health of a hub's scopes", () => {
  const settings = { schedules: SCHEDULES };
  const healthOf = async (
    records: readonly ScopeRecord[],
    named: readonly { accountId: string; region: string }[] = [],
  ) => {
    const table = await tableOf(...records);
    const store = dynamoDbSweepStore(table.dynamoDb, table.sweepsTable);
    for (const record of records) {
      const [accountId = '', region = ''] = record.scope.split('#');
      for (const sweep of ['active', 'full'] as const)
        await store.save({ accountId, region }, sweep, { succeeded_at: record.swept_at ?? at(0) });
    }
    const health = await readScopeHealth(table, { named, settings }, NOW);
    return { ...health, queues: [], settings };
  };
  const many = (count: number, change: Partial<ScopeRecord>, from = 0) =>
    Array.from({ length: count }, (_, number) =>
      scope(`${String(200_000_000_000 + from + number)}#us-east-1`, { state: 'empty', ...change }),
    );
  const FAILING = { failing_since: at(-HOUR), failures: 3, error: 'denied\u001b[2J\nfor\u202e good' };

  it('is well where each is swept as often as its state asks', async () => {
    const health = await healthOf([
      WELL,
      scope('111122223333#us-west-2', { state: 'empty', swept_at: at(-50 * HOUR) }),
    ]);
    expect(problemsOf(health, NOW)).toEqual([]);
    expect(health.scopes).toMatchObject([{ registered: WELL, full: {} }, { registered: { state: 'empty' } }]);
  });

  it('names a scope that fails, why, and how often, on one line', async () => {
    expect(problemsOf(await healthOf([scope(WELL.scope, FAILING)]), NOW)).toEqual([
      expect.stringMatching(
        /^Sweeps of 111122223333#us-east-1 have failed since 2026-11-21T11:00:00.000Z \(3 times, see https:\S+\): denied \[2J for good$/,
      ),
    ]);
  });

  it('looks at those with problems alone where there are many, and counts the others', async () => {
    const health = await healthOf([...many(MOST_SCOPES + 5, FAILING), ...many(20, {}, 50)]);
    expect(health.scopes).toHaveLength(MOST_SCOPES);
    const problems = problemsOf(health, NOW);
    expect(problems).toHaveLength(MOST_SCOPES + 1);
    expect(problems.at(-1)).toBe('More scopes have problems (5 failing): list them with bedrock-jobs scopes.');
  });

  it('is well where many are, and none is looked at', async () => {
    const health = await healthOf(many(MOST_SCOPES + 1, {}));
    expect(health.scopes).toEqual([]);
    expect(problemsOf(health, NOW)).toEqual([]);
  });

  it('asks of a new scope no more than its first hour allows', async () => {
    const { swept_at: _, ...unswept } = WELL;
    const isNew = { registered_at: at(-10 * MINUTE), due_at: at(0) };
    const table = await tableOf(
      { ...unswept, ...isNew },
      { ...unswept, scope: '444455556666#us-east-1', due_at: at(0) },
    );
    const health = { ...(await readScopeHealth(table, { settings }, NOW)), queues: [], settings };
    expect(problemsOf(health, NOW)).toEqual([
      expect.stringMatching(/^No full sweep of 444455556666#us-east-1 has ever succeeded/),
    ]);
  });

  it('says that nothing is registered, and looks at scopes that are named before they are', async () => {
    expect(problemsOf(await healthOf([]), NOW)).toEqual([expect.stringMatching(/a hub with a spoke/)]);
    const named = [{ accountId: '111122223333', region: 'us-east-1' }];
    expect(problemsOf(await healthOf([], named), NOW)).toEqual([
      expect.stringMatching(/^No active sweep of 111122223333#us-east-1 has ever succeeded/),
      expect.stringMatching(/^No full sweep of 111122223333#us-east-1/),
    ]);
  });
});
