import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDbSweepStore, listInput } from '../../lib/runtime/dynamodb-stores.ts';
import type { KnownSweep, SweepStore } from '../../lib/tracking/ports.ts';
import { startEmbeddedTables } from '../support/embedded-tables.ts';
import { memorySweepStore } from '../support/memory-stores.ts';

const lease = (now: string, until: string) => ({
  now: `2026-01-01T00:${now}:00.000Z`,
  until: `2026-01-01T00:${until}:00.000Z`,
});

let accounts = 0;
const newScope = () => ({ accountId: String((accounts += 1)).padStart(12, '9'), region: 'us-east-1' });

const contract = (name: string, open: () => Promise<{ store: SweepStore; close: () => Promise<void> }>) => {
  describe(`SweepStore: ${name}`, () => {
    let store: SweepStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
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

    it('lists the states of every scope and sweep as they are now, those of removed scopes too', async () => {
      const scopes = Array.from({ length: 30 }, newScope);
      for (const scope of scopes) await store.save(scope, 'active', { finished_at: '2026-01-01T00:00:00.000Z' });
      const [leased = newScope(), released = newScope()] = scopes;
      await store.acquire(leased, 'full', lease('00', '10'));
      const marker = { untracked_since: '2026-01-01T00:00:00.000Z', released_at: '2026-01-01T00:01:00.000Z' };
      await store.save(released, 'full', marker);
      const ofThese = new Set(scopes.map(({ accountId }) => accountId));
      const listed = (await store.list()).filter(({ scope }) => ofThese.has(scope.accountId));
      const active = scopes.map((scope) => ({
        scope,
        sweep: 'active' as const,
        state: { finished_at: '2026-01-01T00:00:00.000Z' },
      }));
      const full = [
        { scope: leased, sweep: 'full' as const, state: { lease_until: '2026-01-01T00:10:00.000Z' } },
        { scope: released, sweep: 'full' as const, state: marker },
      ];
      const inOrder = (states: readonly KnownSweep[]) =>
        states.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
      expect(inOrder(listed)).toEqual(inOrder([...active, ...full]));
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

describe('the read of all states', () => {
  it('is consistent, goes on to the last page, and passes over what is no state of a scope', async () => {
    expect(listInput('sweeps')).toEqual({ TableName: 'sweeps', ConsistentRead: true });
    const tables = await startEmbeddedTables();
    try {
      const store = dynamoDbSweepStore(tables.client, tables.sweepsTable);
      // More than the 1 MB that one answer holds.
      const watermark = 'w'.repeat(300_000);
      const scopes = Array.from({ length: 5 }, newScope);
      for (const scope of scopes) await store.save(scope, 'full', { watermark });
      const strangers = [
        { scope: 'not a scope', sweep: 'full' },
        { scope: '123456789012#us-east-1', sweep: 'another' },
      ];
      for (const Item of strangers) {
        await tables.client.send(new PutCommand({ TableName: tables.sweepsTable, Item }));
      }
      const listed = await store.list();
      expect(listed.map(({ scope }) => scope.accountId).sort()).toEqual(scopes.map(({ accountId }) => accountId));
    } finally {
      await tables.close();
    }
  });
});

contract('DynamoDB protocol, simulated in memory', () =>
  Promise.resolve({ store: memorySweepStore(), close: () => Promise.resolve() }),
);
contract('DynamoDB protocol, embedded', async () => {
  const tables = await startEmbeddedTables();
  return { store: dynamoDbSweepStore(tables.client, tables.sweepsTable), close: tables.close };
});
