import fc from 'fast-check';
import { missingModel, normalizeModel, servedOf, servingFrom } from '../../lib/domain/model-normalize.ts';
import type { ModelSnapshot } from '../../lib/domain/model-record.ts';
import { customModel, deployment, minute, modelArn, throughput } from './fake-models.ts';
import { SCOPE } from './fixtures.ts';

/** What happens to one deployment or throughput: when it is created, changes, serves another model, and is deleted. */
interface ServingPlan {
  readonly list: 'deployments' | 'provisioned_throughputs';
  readonly created: number;
  readonly changes: readonly number[];
  /** From and until when it serves another model. */
  readonly away: readonly [number, number];
  readonly deleted: number;
}

export interface ModelPlan {
  readonly active: number;
  readonly deleted: number;
  readonly tagged: readonly number[];
  readonly serving: readonly ServingPlan[];
}

const entryAt = (plan: ServingPlan, index: number, at: number) => {
  const [from, until] = plan.away;
  if (at < plan.created || at >= plan.deleted || (at >= from && at < until)) return [];
  const changes = [plan.created, ...plan.changes, ...plan.away].filter((one) => one >= plan.created && one <= at);
  const modified = Math.max(...changes);
  // Each change is told by a time of its own; statuses come back.
  const isUpdating = modified % 2 === 1;
  const id = String(index);
  const summary =
    plan.list === 'deployments'
      ? deployment(id, modelArn('1'), {
          createdAt: minute(plan.created),
          lastUpdatedAt: minute(modified),
          status: isUpdating ? 'Failed' : 'Active',
        })
      : throughput(id, modelArn('1'), {
          creationTime: minute(plan.created),
          lastModifiedTime: minute(modified),
          status: isUpdating ? 'Updating' : 'InService',
          modelUnits: 1 + changes.length,
        });
  const served = servedOf(plan.list, summary);
  return served === undefined ? [] : [served];
};

/** The model as a look at a minute shows it. */
export const lookAt = (plan: ModelPlan, at: number): ModelSnapshot => {
  const fetchedAt = minute(at).toISOString();
  const serving = servingFrom(
    plan.serving.flatMap((one, index) => entryAt(one, index, at)),
    fetchedAt,
  );
  const seen = { scope: SCOPE, serving, fetchedAt, via: 'sweep' } as const;
  if (at >= plan.deleted) return missingModel(modelArn('1'), seen);
  const tags = { version: String(plan.tagged.filter((one) => one <= at).length) };
  const answer = customModel('1', { modelStatus: at < plan.active ? 'Creating' : 'Active' });
  return normalizeModel(answer, { ...seen, identifier: modelArn('1'), tags });
};

const time = fc.integer({ min: 1, max: 200 });

const servingPlan: fc.Arbitrary<ServingPlan> = fc.record({
  list: fc.constantFrom('deployments', 'provisioned_throughputs'),
  created: time,
  changes: fc.array(time, { maxLength: 4 }),
  away: fc.tuple(time, time).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a])),
  deleted: fc.integer({ min: 50, max: 400 }),
});

/** The life of a model, and the minutes of the looks at it. */
export const modelLife = fc.record({
  plan: fc.record({
    active: fc.integer({ min: 0, max: 30 }),
    deleted: fc.integer({ min: 100, max: 400 }),
    tagged: fc.array(time, { maxLength: 3 }),
    serving: fc.array(servingPlan, { maxLength: 4 }),
  }),
  looks: fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 }),
});
