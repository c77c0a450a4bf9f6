import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { arnOf } from '../../../lib/domain/kind.ts';
import { JOBS, type ListedJob } from '../../../lib/domain/job-kind.ts';
import { mergeJoin } from '../../../lib/tracking/merge-join.ts';

const WINDOW = 60;
const job = (minute: number, id = String(minute)): ListedJob => ({
  job_arn: id,
  creation_time: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
});
async function* from(jobs: readonly ListedJob[]) {
  for (const each of jobs) yield await Promise.resolve(each);
}
const walk = async (listed: readonly ListedJob[], tracked: readonly ListedJob[]) =>
  (await Array.fromAsync(mergeJoin(JOBS, from(listed), from(tracked), WINDOW))).map((step) => [
    step.listed.map((each) => arnOf(JOBS, each)),
    step.tracked.map((each) => arnOf(JOBS, each)),
  ]);

describe('mergeJoin', () => {
  it('pairs jobs of both sides, and yields unpaired ones alone', async () => {
    expect(await walk([job(3), job(2)], [job(2), job(1)])).toEqual([
      [['3'], []],
      [['2'], ['2']],
      [[], ['1']],
    ]);
  });

  it('pairs jobs of one creation time in any order', async () => {
    expect(await walk([job(1, 'a'), job(1, 'b')], [job(1, 'b'), job(1, 'a')])).toEqual([
      [['b'], ['b']],
      [['a'], ['a']],
    ]);
  });

  it.each([-500, 500])('pairs a job that one side dates %i ms later', async (ms) => {
    const moved = { ...job(1), creation_time: new Date(Date.UTC(2026, 0, 1, 0, 1) + ms).toISOString() };
    expect(await walk([job(2), job(1)], [moved])).toEqual([
      [['2'], []],
      [['1'], ['1']],
    ]);
    expect(await walk([moved], [job(2), job(1)])).toEqual([
      [[], ['2']],
      [['1'], ['1']],
    ]);
  });

  it('ends with both sides, and yields jobs without a creation time', async () => {
    expect(await walk([], [])).toEqual([]);
    expect(await walk([{ job_arn: 'x' }, job(1), { job_arn: 'y' }], [job(1)])).toEqual([
      [['x'], []],
      [['1'], ['1']],
      [['y'], []],
    ]);
  });

  it('closes both sides if the reader stops early', async () => {
    let closed = 0;
    async function* endless() {
      try {
        for (let minute = 59; ; minute -= 1) yield await Promise.resolve(job(minute));
      } finally {
        closed += 1;
      }
    }
    for await (const step of mergeJoin(JOBS, endless(), endless(), WINDOW)) if (step.listed.length > 0) break;
    expect(closed).toBe(2);
  });

  it('reads iterables that cannot be closed', async () => {
    const bare = (jobs: ListedJob[]): AsyncIterable<ListedJob> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const value = jobs.shift();
          return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
        },
      }),
    });
    const steps = await Array.fromAsync(mergeJoin(JOBS, bare([job(2)]), bare([job(1)]), WINDOW));
    expect(steps.map(({ creationTime }) => creationTime)).toEqual([job(2), job(1)].map((each) => each.creation_time));
  });

  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
  const sorted = (times: readonly number[]) => [...times].sort((a, b) => b - a).map((minute) => job(minute));
  /** Some times told to the second, some jobs out of place: what a list may be like. */
  const oddly = (jobs: readonly ListedJob[], moves: readonly (readonly [number, number])[]): ListedJob[] => {
    const odd = jobs.map(({ job_arn, creation_time = '' }) => ({
      job_arn,
      creation_time: new Date(Date.parse(creation_time) + Number(job_arn)).toISOString(),
    }));
    for (const [from, to] of moves) odd.splice(to, 0, ...odd.splice(from, 1));
    return odd;
  };
  const byArn = (left: string, right: string) => Number(left) - Number(right);

  test.prop([minutes, minutes, fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { maxLength: 5 })], { numRuns: 300 })(
    'yields each job once, pairs as one, whatever times are rounded or jobs out of place',
    async (left, right, moves) => {
      const steps = await walk(oddly(sorted(left), moves), sorted(right));
      const both = new Set(left.filter((minute) => right.includes(minute)).map(String));
      expect(steps.flatMap(([listed]) => listed ?? []).sort(byArn)).toEqual(left.map(String).sort(byArn));
      expect(steps.flatMap(([, tracked]) => tracked ?? []).sort(byArn)).toEqual(right.map(String).sort(byArn));
      expect(steps.filter(([listed, tracked]) => listed?.[0] === tracked?.[0])).toHaveLength(both.size);
    },
  );

  test.prop([minutes, minutes, fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { maxLength: 5 })], { numRuns: 300 })(
    'yields no creation time after which a job is still to come',
    async (left, right, moves) => {
      const steps = await Array.fromAsync(
        mergeJoin(JOBS, from(oddly(sorted(left), moves)), from(sorted(right)), WINDOW),
      );
      steps.forEach(({ creationTime }, position) => {
        const later = steps.slice(position + 1).flatMap(({ listed, tracked }) => [...listed, ...tracked]);
        const newest =
          later
            .map(({ creation_time = '' }) => creation_time)
            .sort()
            .at(-1) ?? '';
        expect(newest <= creationTime).toBe(true);
      });
    },
  );

  it.each([
    ['early', 0, 2_400],
    ['late', 2_400, 0],
    ['unknown', undefined, 1_200],
  ])('costs at most two looks if one of 2,500 jobs comes %s', async (_what, from_, to) => {
    const jobs = sorted(Array.from({ length: 2_500 }, (_, minute) => minute));
    const odd = [...jobs];
    const [moved] = odd.splice(from_ ?? to, 1);
    odd.splice(to, 0, from_ === undefined ? { job_arn: moved?.job_arn ?? '' } : (moved ?? job(0)));
    const alone = (await walk(odd, jobs)).filter(([listed, tracked]) => listed?.length !== tracked?.length);
    expect(alone.length).toBeLessThanOrEqual(2);
  });
});
