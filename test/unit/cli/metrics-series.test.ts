import { describe, expect, it } from '@jest/globals';
import { summarize } from '../../../lib/cli/metrics/series.ts';

describe('what a curve comes down to', () => {
  it('is its last step, and the first of those with the lowest loss', () => {
    const [first, low, again, last] = [
      { step: 0, loss: 3 },
      { step: 1, loss: 0.5 },
      { step: 2, loss: 0.5 },
      { step: 3, loss: 0.7 },
    ];
    expect(summarize([first, low, again, last])).toEqual({ last, best: low });
  });

  it('is the best of the finite losses where the last one is none', () => {
    const points = [{ step: 0 }, { step: 1, loss: 2 }, { step: 2, loss: 9 }, { step: 3 }];
    expect(summarize(points)).toEqual({ last: { step: 3 }, best: { step: 1, loss: 2 } });
  });

  it.each([[[]], [[{ step: 0 }]]])('has no best step where no loss is finite', (points) => {
    expect(summarize(points).best).toBeUndefined();
  });
});
