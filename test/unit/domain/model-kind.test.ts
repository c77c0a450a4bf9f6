import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { rulesOf } from '../../../lib/domain/advance.ts';
import { MODELS, servingOf } from '../../../lib/domain/model-kind.ts';
import { isServing, REMOVED, type ModelRecord, type ModelSnapshot } from '../../../lib/domain/model-record.ts';
import { newTransitions } from '../../../lib/domain/transitions.ts';
import { minute } from '../../support/fake-models.ts';
import { lookAt, modelLife } from '../../support/model-life.ts';

const { advance, advanceAll } = rulesOf(MODELS);

const after = (previous: ModelRecord | undefined, snapshot: ModelSnapshot): ModelRecord | undefined => {
  const decision = advance(previous, snapshot);
  return 'record' in decision ? decision.record : previous;
};
const afterAll = (snapshots: readonly ModelSnapshot[]): ModelRecord => {
  const record = snapshots.reduce<ModelRecord | undefined>(after, undefined);
  if (record === undefined) throw new Error('no record');
  return record;
};

/** What holds in any order: all but when something was first noticed, and the version in which something removed is kept. */
const standing = (record: ModelRecord) => {
  const { transitions: _, revision: __, deployments, provisioned_throughputs, missing_since, ...rest } = record;
  const entries = servingOf({ deployments, provisioned_throughputs });
  return {
    ...rest,
    ...(record.status === REMOVED && { tags: {}, model_status: 'as last seen' }),
    isMissing: missing_since !== undefined,
    shown: entries.filter(({ status }) => status !== REMOVED).map(({ since: _since, ...one }) => one),
    removed: entries
      .filter(({ status }) => status === REMOVED)
      .map(({ arn }) => arn)
      .sort(),
  };
};

const arrivals = modelLife.chain(({ plan, looks }) => {
  const inOrder = looks.toSorted((a, b) => a - b).map((at) => lookAt(plan, at));
  return fc.record({
    plan: fc.constant(plan),
    looks: fc.constant(looks),
    inOrder: fc.constant(inOrder),
    arriving: fc
      .tuple(
        fc.shuffledSubarray(inOrder, { minLength: inOrder.length }),
        fc.array(fc.constantFrom(...inOrder), { maxLength: 4 }),
      )
      .map(([all, again]) => [...all, ...again]),
  });
});

const chainsOf = ({ transitions }: ModelRecord) => Map.groupBy(transitions, ({ resource = '' }) => resource);

describe('the join of looks at a model', () => {
  test.prop({ life: arrivals })('ends as the newest look, in any order and with any repetition', ({ life }) => {
    const record = afterAll(life.arriving);
    expect(standing(record)).toEqual(standing(afterAll(life.inOrder)));
    const newest = life.inOrder.at(-1);
    expect(record).toMatchObject({ status: newest?.status, fetched_at: newest?.fetched_at });
    expect(standing(record).shown).toEqual(servingOf(newest ?? {}).map(({ since: _, ...one }) => one));
    expect(record.serving_scope !== undefined).toBe(servingOf(record).some(isServing));
  });

  test.prop({ life: arrivals })(
    'keeps chains whole: each status follows another, and the last one stands',
    ({ life }) => {
      const record = afterAll(life.arriving);
      const statuses = new Map(servingOf(record).map(({ arn, status, since }) => [arn, { status, since }]));
      for (const [resource, chain] of chainsOf(record)) {
        chain.forEach((one, at) => {
          expect(one.from).toBe(chain[at - 1]?.to ?? null);
          expect(one.to).not.toBe(one.from);
        });
        const last = chain.at(-1);
        if (resource === '') expect(last?.to).toBe(record.status);
        else expect(statuses.get(resource)).toEqual({ status: last?.to, since: last?.at });
      }
    },
  );

  test.prop({ life: arrivals })('finds each transition new exactly once', ({ life }) => {
    let record: ModelRecord | undefined;
    let found = 0;
    for (const snapshot of life.arriving) {
      const next = after(record, snapshot);
      if (next !== undefined && next !== record) found += newTransitions(record, next).length;
      record = next;
    }
    expect(found).toBe(record?.transitions.length);
  });

  test.prop({ life: arrivals })('is the same in one write as in several', ({ life }) => {
    const once = advanceAll(undefined, life.arriving);
    if (!('record' in once)) throw new Error('nothing was written');
    expect({ ...once.record, revision: 0 }).toEqual({ ...afterAll(life.arriving), revision: 0 });
  });

  test.prop({ life: arrivals })('stands as it is, and forgets no step, when looks come again', ({ life }) => {
    const record = afterAll(life.arriving);
    const steps = ({ transitions }: ModelRecord) => transitions.map(({ resource, to, at }) => [resource, to, at]);
    for (const snapshot of life.arriving) {
      const again = after(record, snapshot) ?? record;
      expect(standing(again)).toEqual(standing(record));
      expect(steps(again)).toEqual(expect.arrayContaining(steps(record)));
    }
  });
});

describe('a record of a model', () => {
  it('keeps at most 50 of what was removed, the newest first', () => {
    const plan = (count: number) => ({
      active: 0,
      deleted: 1_000,
      tagged: [],
      serving: Array.from({ length: count }, (_, n) => ({
        list: 'deployments' as const,
        created: 1 + n,
        changes: [],
        away: [900, 900] as const,
        deleted: 200 + n,
      })),
    });
    const record = afterAll(Array.from({ length: 80 }, (_, n) => lookAt(plan(60), 150 + 2 * n)));
    expect(record.deployments).toHaveLength(50);
    expect(record.deployments[0]).toMatchObject({ status: REMOVED, since: minute(260).toISOString() });
    expect(record.transitions).toHaveLength(100);
    expect(record.transitions_folded).toBe(21);
  });
});
