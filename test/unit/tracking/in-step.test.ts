import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import type { ListedJob } from '../../../lib/domain/drift.ts';
import { inStep } from '../../../lib/tracking/in-step.ts';

const job = (minute: number, id = String(minute)): ListedJob => ({
  job_arn: id,
  creation_time: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
});
async function* from(jobs: readonly ListedJob[]) {
  for (const each of jobs) yield await Promise.resolve(each);
}
const walk = async (listed: readonly ListedJob[], tracked: readonly ListedJob[]) =>
  (await Array.fromAsync(inStep(from(listed), from(tracked)))).map((step) => [
    step.listed.map((each) => each.job_arn),
    step.tracked.map((each) => each.job_arn),
  ]);

describe('inStep', () => {
  it('pairs what both sides have, and shows what one side lacks', async () => {
    expect(await walk([job(3), job(2)], [job(2), job(1)])).toEqual([
      [['3'], []],
      [['2'], ['2']],
      [[], ['1']],
    ]);
  });

  it('takes jobs of one creation time together, in whatever order they come', async () => {
    expect(await walk([job(1, 'a'), job(1, 'b')], [job(1, 'b'), job(1, 'a')])).toEqual([
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ]);
  });

  it('ends where both sides are empty, and takes jobs without creation time last', async () => {
    expect(await walk([], [])).toEqual([]);
    expect(await walk([job(1), { job_arn: 'x' }], [])).toEqual([
      [['1'], []],
      [['x'], []],
    ]);
  });

  it('closes both sides when the walk stops early: an open page stream would leak', async () => {
    let closed = 0;
    async function* endless() {
      try {
        for (let minute = 59; ; minute -= 1) yield await Promise.resolve(job(minute));
      } finally {
        closed += 1;
      }
    }
    for await (const step of inStep(endless(), endless())) if (step.listed.length > 0) break;
    expect(closed).toBe(2);
  });

  it('walks what cannot be closed too', async () => {
    const bare = (jobs: ListedJob[]): AsyncIterable<ListedJob> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const value = jobs.shift();
          return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
        },
      }),
    });
    const steps = await Array.fromAsync(inStep(bare([job(2)]), bare([job(1)])));
    expect(steps.map(({ creationTime }) => creationTime)).toEqual([job(2), job(1)].map((each) => each.creation_time));
  });

  const minutes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 });
  const sorted = (times: readonly number[]) =>
    [...times].sort((a, b) => b - a).map((minute, n) => job(minute, `${String(minute)}-${String(n)}`));
  test.prop([minutes, minutes], { numRuns: 200 })('loses no job and shows each once', async (left, right) => {
    const steps = await walk(sorted(left), sorted(right));
    expect(steps.flatMap(([listed]) => listed ?? [])).toEqual(sorted(left).map((each) => each.job_arn));
    expect(steps.flatMap(([, tracked]) => tracked ?? [])).toEqual(sorted(right).map((each) => each.job_arn));
    expect(steps).toHaveLength(new Set([...left, ...right]).size);
  });
});
