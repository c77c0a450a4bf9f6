import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rulesOf } from '../../lib/domain/advance.ts';
import { MODELS } from '../../lib/domain/model-kind.ts';
import { dynamoDbModelStore } from '../../lib/runtime/dynamodb-stores.ts';
import type { ModelStore } from '../../lib/tracking/ports.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../support/embedded-tables.ts';
import { deploymentArn, minute, modelArn } from '../support/fake-models.ts';
import { SCOPE } from '../support/fixtures.ts';
import { memoryModelStore } from '../support/memory-stores.ts';
import { lookAt, type ModelPlan } from '../support/model-life.ts';

const PLAN: ModelPlan = {
  active: 0,
  deleted: 400,
  tagged: [],
  serving: [{ list: 'deployments', created: 2, changes: [], away: [300, 300], deleted: 200 }],
};
const { advance } = rulesOf(MODELS);
const decide = (...[previous, snapshot]: Parameters<typeof advance>) => {
  const decision = advance(previous, snapshot);
  if (!('record' in decision)) throw new Error('nothing was written');
  return decision.record;
};
const FIRST = decide(undefined, lookAt(PLAN, 100));
const SECOND = decide(FIRST, lookAt(PLAN, 250));
const collect = <T>(items: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(items);

const contract = (name: string, open: () => Promise<{ store: ModelStore; close: () => Promise<void> }>) => {
  describe(`ModelStore: ${name}`, () => {
    let store: ModelStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    it('gives a record back as it was written, and refuses the slower of two writers', async () => {
      expect(await store.put(FIRST)).toBe('written');
      expect(await store.get(modelArn('1'))).toEqual(FIRST);
      expect(await store.put(FIRST)).toBe('conflict');
    });

    it('lists a scope without pointers, and what serves only while it serves', async () => {
      await store.putPointer({
        model_arn: deploymentArn('0'),
        model_name: 'deployment-0',
        creation_time: minute(1).toISOString(),
        serves_model_arn: modelArn('1'),
        fetched_at: FIRST.fetched_at,
      });
      const [listed, ...others] = await collect(store.listScope(SCOPE, {}));
      expect(others).toEqual([]);
      expect(listed).toMatchObject({ model_arn: modelArn('1'), deployments: FIRST.deployments, status: 'Active' });
      expect(await collect(store.listServing(SCOPE))).toHaveLength(1);
      expect(await store.put(SECOND)).toBe('written');
      expect(await collect(store.listServing(SCOPE))).toEqual([]);
      expect(await collect(store.listScope(SCOPE, { createdBefore: '2025-01-01T00:00:00.000Z' }))).toEqual([]);
    });

    it('finds models, deployments and throughputs by name', async () => {
      expect(await store.listNamed('deployment-0')).toEqual([deploymentArn('0')]);
      expect(await store.listNamed('model-1')).toEqual([modelArn('1')]);
      expect(await store.listNamed('nothing')).toEqual([]);
    });

    it('keeps the newer of two pointers, and takes it for no record', async () => {
      const pointer = {
        model_arn: deploymentArn('7'),
        serves_model_arn: modelArn('2'),
        fetched_at: minute(9).toISOString(),
      };
      await store.putPointer(pointer);
      await store.putPointer({ ...pointer, serves_model_arn: modelArn('1'), fetched_at: minute(8).toISOString() });
      expect(await store.getPointer(deploymentArn('7'))).toEqual(pointer);
      expect(await store.get(deploymentArn('7'))).toBeUndefined();
      expect(await store.getPointer(modelArn('1'))).toBeUndefined();
    });
  });
};

contract('in memory', () => Promise.resolve({ store: memoryModelStore(), close: () => Promise.resolve() }));
contract('embedded DynamoDB', async () => {
  const tables: EmbeddedTables = await startEmbeddedTables();
  return { store: dynamoDbModelStore(tables.client, tables.modelsTable), close: tables.close };
});
