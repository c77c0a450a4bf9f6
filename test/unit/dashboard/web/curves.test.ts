import { describe, expect, test } from '@jest/globals';
import {
  bestPoint,
  columnsOf,
  curvesOf,
  lastLoss,
  seriesNumber,
  stepsPerEpoch,
  type Curve,
} from '../../../../lib/dashboard/web/logic/curves.ts';
import type { LossPoint } from '../../../../lib/dashboard/api.ts';

const points = (...losses: (number | undefined)[]): LossPoint[] =>
  losses.map((loss, index) => ({
    step: index + 1,
    epoch: Math.floor(index / 2),
    ...(loss === undefined ? {} : { loss }),
  }));
const curve = (...xy: [number, number | null][]): Curve => ({
  job: 0,
  kind: 'training',
  points: xy.map(([x, loss]) => ({ x, loss })),
});

describe('columns', () => {
  test('curves of different steps share one axis, and one is not interrupted by the other', () => {
    expect(columnsOf([curve([1, 5], [3, 4]), curve([2, 9])], false)).toEqual([
      [1, 2, 3],
      [5, undefined, 4],
      [undefined, 9, undefined],
    ]);
  });

  test('a step without a finite loss interrupts its line', () => {
    expect(columnsOf([curve([1, 5], [2, null], [3, 4])], false)[1]).toEqual([5, null, 4]);
  });

  test('a logarithmic scale has no place for zero and below', () => {
    expect(columnsOf([curve([1, 5], [2, 0], [3, -1])], true)[1]).toEqual([5, null, null]);
  });
});

describe('by epoch', () => {
  test('whole numbers of epochs become parts of them', () => {
    expect(curvesOf(0, { training: points(4, 3, 2, 1), files: [] }, 'epoch')[0]?.points.map(({ x }) => x)).toEqual([
      0.5, 1, 1.5, 2,
    ]);
  });

  test('validation lies where training was at that step', () => {
    const curves = curvesOf(
      0,
      { training: points(4, 3, 2, 1), validation: [{ step: 2, loss: 3 }], files: [] },
      'epoch',
    );
    expect(curves[1]?.points).toEqual([{ x: 1, loss: 3 }]);
  });

  test('epochs from 1 count as those from 0 do', () => {
    const fromOne = points(4, 3, 2, 1).map((point) => ({ ...point, epoch: (point.epoch ?? 0) + 1 }));
    expect([
      stepsPerEpoch(fromOne),
      stepsPerEpoch(points(4, 3, 2, 1)),
      stepsPerEpoch([{ step: 1 }]),
      stepsPerEpoch([]),
    ]).toEqual([2, 2, undefined, undefined]);
  });

  test('a job that wrote no epochs is not drawn', () => {
    expect(curvesOf(0, { training: [{ step: 1, loss: 1 }], files: [] }, 'epoch')).toEqual([]);
  });
});

test('the last and the best loss leave out what is no number', () => {
  const one = curve([1, 3], [2, 1], [3, 2], [4, null]);
  expect([lastLoss(one), bestPoint(one), lastLoss(curve([1, null])), bestPoint(curve())]).toEqual([
    2,
    { x: 2, loss: 1 },
    undefined,
    undefined,
  ]);
});

test('one job alone has a colour for each line, several have one each', () => {
  const validation: Curve = { job: 0, kind: 'validation', points: [] };
  expect([
    seriesNumber(validation, true),
    seriesNumber(validation, false),
    seriesNumber({ ...validation, job: 2 }, false),
  ]).toEqual([2, 1, 3]);
});
