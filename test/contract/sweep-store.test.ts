import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatScope, type Scope } from '../../lib/domain/identity.ts';
import { dynamoDbScopeStore, dynamoDbSweepStore } from '../../lib/runtime/dynamodb-stores.ts';
import type { ScopeStore, SweepStore } from '../../lib/tracking/ports.ts';
import type { ScopeRecord } from '../../lib/tracking/scope.ts';
import { startEmbeddedTables } from '../support/embedded-tables.ts';
import { memorySweepStore } from '../support/memory-stores.ts';

const lease = (now: string, until: string) => ({
  now: `2026-01-01T00:${now}:00.000Z`,
  until: `2026-01-01T00:${until}:00.000Z`,
});

let accounts = 0;
const newScope = () => ({ accountId: String((accounts += 1)).padStart(12, '9'), region: 'us-east-1' });

const AT = '2026-01-01T00:00:00.000Z';
const recordOf = (scope: Scope, change: Partial<ScopeRecord> = {}): ScopeRecord => ({
  scope: formatScope(scope),
  state: 'idle',
  due_at: AT,
  registered_at: AT,
  revision: 1,
  ...change,
});

interface Opened {
  readonly store: SweepStore;
  readonly scopes: ScopeStore;
  readonly close: () => Promise<void>;
}

const contract = (name: string, open: () => Promise<Opened>) => {
  describe(`the sweeps table: ${name}`, () => {
    let store: SweepStore;
    let scopes: ScopeStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, scopes, close } = await open());
    });
    afterAll(() => close());

    it('keeps the state of each scope and sweep apart', async () => {
      const [one, other] = [newScope(), newScope()];
      const state = {
        finished_at: '2026-01-01T00:00:00.000Z',
        counts: { listed: 1, drifted: 2, corrected: 3, missing: 4, failed: 5 },
      };
      await store.save(one, 'full', state);
      expect(await store.get(one, 'full')).toEqual(state);
      expect(await store.get(one, 'active')).toBeUndefined();
      expect(await store.get(other, 'full')).toBeUndefined();
    });

    it('reads what is stored of a scope: its record, and the states of its sweeps', async () => {
      const [one, other] = [newScope(), newScope()];
      expect(await scopes.read(one)).toEqual({ sweeps: {} });
      const record = recordOf(one);
      await scopes.put(record);
      await store.save(one, 'active', { finished_at: record.due_at });
      await store.acquire(one, 'full', lease('00', '10'));
      await store.save(other, 'usage', {});
      expect(await scopes.read(one)).toEqual({
        record,
        sweeps: { active: { finished_at: record.due_at }, full: { lease_until: '2026-01-01T00:10:00.000Z' } },
      });
    });

    it('takes a record of a scope from one of many writers', async () => {
      const record = recordOf(newScope());
      const writes = await Promise.all(Array.from({ length: 5 }, () => scopes.put(record)));
      expect(writes.filter((write) => write === 'written')).toHaveLength(1);
      expect(await scopes.put({ ...record, revision: 3 })).toBe('conflict');
      expect(await scopes.put({ ...record, revision: 2 })).toBe('written');
    });

    it('lists scopes by state, and what is due of them first', async () => {
      const [idle, later, active, left] = [newScope(), newScope(), newScope(), newScope()];
      await scopes.put(recordOf(later, { due_at: '2026-03-01T00:00:00.000Z' }));
      await scopes.put(recordOf(idle));
      await scopes.put(
        recordOf(active, { state: 'active', active_jobs: 2, failing_since: '2026-01-01T00:00:00.000Z' }),
      );
      await scopes.put(recordOf(left, { state: 'released' }));
      const all = [idle, later, active, left].map(formatScope);
      const listed = async (...query: Parameters<ScopeStore['list']>) =>
        (await Array.fromAsync(scopes.list(...query))).filter(({ scope }) => all.includes(scope));
      expect((await listed(['idle'])).map(({ scope }) => scope).sort()).toEqual([idle, later].map(formatScope).sort());
      expect(await listed(['active', 'idle'], '2026-02-01T00:00:00.000Z')).toMatchObject([
        {
          scope: formatScope(active),
          state: 'active',
          due_at: '2026-01-01T00:00:00.000Z',
          active_jobs: 2,
          failing_since: '2026-01-01T00:00:00.000Z',
        },
        { scope: formatScope(idle), state: 'idle', due_at: '2026-01-01T00:00:00.000Z' },
      ]);
      const moved = recordOf(idle, { state: 'released', revision: 2 });
      await scopes.put(moved);
      expect((await listed(['idle'])).map(({ scope }) => scope)).toEqual([formatScope(later)]);
    });

    it('gives a lease to one of many, with the state as it was', async () => {
      const scope = newScope();
      await store.save(scope, 'full', { watermark: '2026-01-01T00:00:00.000Z', unfinished: true });
      const states = await Promise.all(
        Array.from({ length: 5 }, () => store.acquire(scope, 'full', lease('00', '10'))),
      );
      expect(states.filter((state) => state !== undefined)).toEqual([
        { watermark: '2026-01-01T00:00:00.000Z', unfinished: true },
      ]);
    });

    it('gives a lease in a scope that has no state yet', async () => {
      expect(await store.acquire(newScope(), 'full', lease('00', '10'))).toEqual({});
    });

    it('gives a lease again when it was given back, or has run out because its holder was killed', async () => {
      const scope = newScope();
      await store.acquire(scope, 'full', lease('00', '10'));
      expect(await store.acquire(scope, 'full', lease('09', '19'))).toBeUndefined();
      expect(await store.acquire(scope, 'full', lease('10', '20'))).toEqual({
        lease_until: '2026-01-01T00:10:00.000Z',
      });
      await store.save(scope, 'full', {});
      expect(await store.acquire(scope, 'full', lease('11', '21'))).toEqual({});
    });
  });
};

contract('DynamoDB protocol, simulated in memory', () => {
  const store = memorySweepStore();
  return Promise.resolve({ store, scopes: store.scopes, close: () => Promise.resolve() });
});
contract('DynamoDB protocol, embedded', async () => {
  const tables = await startEmbeddedTables();
  const [client, table] = [tables.client, tables.sweepsTable];
  return { store: dynamoDbSweepStore(client, table), scopes: dynamoDbScopeStore(client, table), close: tables.close };
});
