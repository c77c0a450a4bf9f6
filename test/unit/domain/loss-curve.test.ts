import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { downsample, lastReward } from '../../../lib/domain/loss-curve.ts';

const curve = (length: number, loss: (step: number) => number | undefined) =>
  Array.from({ length }, (_, step) => {
    const value = loss(step);
    return value === undefined ? { step } : { step, loss: value };
  });

describe('the last reward', () => {
  it.each([
    [[{ step: 1, reward: 0.2 }, { step: 2, reward: 0.6 }, { step: 3 }], 0.6],
    [[{ step: 1 }], undefined],
    [[], undefined],
  ])('of %j is %d', (reward, last) => {
    expect(lastReward({ reward })).toBe(last);
  });

  it('is absent where the job wrote no rewards', () => {
    expect(lastReward({})).toBeUndefined();
  });
});

describe('downsample', () => {
  it('keeps a spike of rewards', () => {
    const points = Array.from({ length: 1000 }, (_, step) => ({ step, reward: step === 37 ? 9 : 0.5 }));
    expect(downsample(points, 50)).toContainEqual({ step: 37, reward: 9 });
  });

  it('keeps a short curve as it is', () => {
    const points = curve(10, (step) => step);
    expect(downsample(points, 10)).toBe(points);
    expect(downsample([], 10)).toEqual([]);
  });

  it('keeps a spike of one step anywhere', () => {
    for (const at of [1, 2, 37, 500, 997, 998]) {
      const points = downsample(
        curve(1000, (step) => (step === at ? 9 : 1 / (step + 1))),
        50,
      );
      expect(points).toContainEqual({ step: at, loss: 9 });
    }
  });

  it('keeps a gap as one point without a loss', () => {
    const points = downsample(
      curve(1000, (step) => (step >= 400 && step < 700 ? undefined : 1)),
      22,
    );
    const gap = points.filter(({ loss }) => loss === undefined).map(({ step }) => step);
    expect(gap.length).toBeGreaterThan(0);
    expect(gap.every((step) => step >= 400 && step < 700)).toBe(true);
    expect(
      downsample(
        curve(10, () => undefined),
        4,
      ),
    ).toEqual([{ step: 0 }, { step: 1 }, { step: 9 }]);
  });

  it('keeps the first of equal losses', () => {
    const stepsOf = (losses: readonly number[]) =>
      downsample(
        curve(losses.length, (step) => losses[step]),
        4,
      ).map(({ step }) => step);
    expect(stepsOf([1, 1, 1, 1, 1, 1])).toEqual([0, 1, 5]);
    expect(stepsOf([5, 2, 8, 2, 8, 5])).toEqual([0, 1, 2, 5]);
    expect(stepsOf([5, 8, 2, 8, 2, 5])).toEqual([0, 1, 2, 5]);
  });

  it('does not take a gap for the lowest or the highest', () => {
    const losses = [5, undefined, 3, undefined, 7, undefined, 5];
    expect(
      downsample(
        curve(losses.length, (step) => losses[step]),
        4,
      ).map(({ step }) => step),
    ).toEqual([0, 2, 4, 6]);
  });

  it('keeps at most the requested number of points, in order, with both ends and both extremes', () => {
    const losses = fc.array(fc.option(fc.double({ noNaN: true, min: 0, max: 10 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 400,
      // By default most curves would be shorter than what is asked for.
      size: 'max',
    });
    fc.assert(
      fc.property(losses, fc.integer({ min: 4, max: 100 }), (values, max) => {
        const points = curve(values.length, (step) => values[step]);
        const kept = downsample(points, max);
        expect(kept.length).toBeLessThanOrEqual(max);
        expect(kept.map(({ step }) => step)).toEqual([...new Set(kept.map(({ step }) => step))].sort((a, b) => a - b));
        expect(kept.filter((point) => !points.includes(point))).toEqual([]);
        expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
        const range = (of: readonly { loss?: number }[]) => {
          const all = of.flatMap(({ loss }) => loss ?? []);
          return [Math.min(...all), Math.max(...all)];
        };
        expect(range(kept)).toEqual(range(points));
      }),
    );
  });
});
