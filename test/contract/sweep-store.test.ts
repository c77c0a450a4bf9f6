import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dynamoDbSweepStore } from '../../lib/adapters/dynamodb-sweep-store.ts';
import type { SweepStore } from '../../lib/tracking/ports.ts';
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

contract('in memory', () => Promise.resolve({ store: memorySweepStore(), close: () => Promise.resolve() }));
contract('DynamoDB protocol, embedded', async () => {
  const tables = await startEmbeddedTables();
  return { store: dynamoDbSweepStore(tables.client, tables.sweepsTable), close: tables.close };
});
