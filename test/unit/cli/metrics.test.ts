import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawChart, type Line, linearTicks, logarithmicTicks } from '../../../lib/cli/metrics/chart.ts';
import { summarize } from '../../../lib/cli/metrics/series.ts';

const labels = (ticks: readonly { readonly label: string }[]) => ticks.map(({ label }) => label);

describe('the labels of an axis', () => {
  it.each([
    [0, 3, 5, ['0', '1', '2', '3']],
    [0.42, 2.9, 6, ['0.5', '1.0', '1.5', '2.0', '2.5']],
    [0.0012, 0.0048, 4, ['0.002', '0.003', '0.004']],
    [0, 599, 5, ['0', '200', '400']],
    [0.5, 0.5, 5, ['0.500']],
    [0.51, 0.52, 1, ['0.510', '0.520']],
    [0, 1e-9, 3, ['0.0000000000', '0.0000000005', '0.0000000010']],
    [0, 123456, 3, ['0', '50000', '100000']],
  ])('from %d to %d, at most %i of them, are round', (low, high, most, expected) => {
    expect(labels(linearTicks(low, high, most))).toEqual(expected);
  });

  it('are whole where steps are written', () => {
    expect(labels(linearTicks(6, 162, 2, String))).toEqual(['6', '162']);
  });

  it.each([
    [0.1, 9, 8, ['0.1', '0.2', '0.5', '1', '2', '5']],
    [0.4, 3000, 5, ['1', '10', '100', '1000']],
    [0.41, 0.46, 5, ['0.410', '0.460']],
    [0.5, 0.5, 5, ['0.500']],
  ])('from %d to %d on a logarithmic scale are round', (low, high, most, expected) => {
    const ticks = logarithmicTicks(Math.log10(low), Math.log10(high), most);
    expect(labels(ticks)).toEqual(expected);
    for (const { at, label } of ticks) expect(10 ** at).toBeCloseTo(Number(label), 5);
  });
});

describe('a chart', () => {
  const falling = (length: number, end: number) =>
    Array.from({ length }, (_, step) => ({ step, loss: end + 2 * Math.exp((-5 * step) / length) }));
  const line = (points: Line['points'], symbol = 'o'): Line => ({ points, mark: { symbol } });
  const settings = { columns: 60, rows: 16, isLogarithmic: false, hasSymbols: false };

  it('of one curve falls from the upper left to the lower right', () => {
    const chart = drawChart([line(falling(300, 0.5))], settings);
    expect(chart).toMatchInlineSnapshot(`
     [
       "   ▲",
       "   │┓",
       "   │┗┓",
       "   │ ┗┓",
       "2.0┤  ┗━┓",
       "   │    ┗┓",
       "1.5┤     ┗━┓",
       "   │       ┗━┓",
       "   │         ┗━━┓",
       "1.0┤            ┗━━┓",
       "   │               ┗━━━━━┓",
       "   │                     ┗━━━━━━━━━━┓",
       "   │                                ┗━━━━━━━━━━━━━━━━━━━━━━",
       "   └┬─────────────────┬─────────────────┬──────────────────▶",
       "    0               100               200",
       "                            step",
     ]
    `);
  });

  it('of several curves distinguishes them by symbols', () => {
    const chart = drawChart([line(falling(300, 0.5)), line(falling(100, 1), 'x')], { ...settings, hasSymbols: true });
    expect(chart).toMatchInlineSnapshot(`
     [
       " ▲",
       " │x",
       " │",
       " │ox",
       " │ ox",
       "2┤   o",
       " │   xoo",
       " │    xxoo",
       " │      xxooo",
       " │        xxxxxxo",
       "1┤              xxxxxx",
       " │                    oooooooooooo",
       " │                                ooooooooooooooooooooooooo",
       " └┬──────────────────┬─────────────────┬───────────────────▶",
       "  0                100               200",
       "                            step",
     ]
    `);
  });

  it('has no holes where a curve has few points', () => {
    const few = [0, 10, 20, 30].map((step) => ({ step, loss: 30 - step }));
    const rows = drawChart([line(few), line([])], { ...settings, hasSymbols: true });
    const columns = new Set(
      rows.slice(1, -3).flatMap((row) => Array.from(row).flatMap((character, at) => (character === 'o' ? [at] : []))),
    );
    expect(columns.size).toBeGreaterThan(50);
  });

  it('shows on a logarithmic scale what a linear one hides', () => {
    const high = Array.from({ length: 20 }, (_, index) => ({ step: 300 + index, loss: 5000 }));
    const chart = drawChart([line([...falling(300, 0.1), ...high])], { ...settings, isLogarithmic: true });
    expect(chart.join('\n')).toMatch(/^1000┤/m);
    expect(chart.join('\n')).toMatch(/^ *1┤/m);
  });

  it.each<[string, readonly Line[], boolean]>([
    ['no curve', [], false],
    ['no point', [line([])], false],
    ['no finite loss', [line([{ step: 0 }, { step: 1 }])], false],
    ['no loss above zero', [line([0, -1].map((loss, step) => ({ step, loss })))], true],
  ])('is empty where there is %s', (_, lines, isLogarithmic) => {
    expect(drawChart(lines, { ...settings, isLogarithmic })).toEqual([]);
  });

  it('fits its columns and rows, whatever the curve', () => {
    const point = fc.record({
      step: fc.nat(1e6),
      loss: fc.option(fc.double({ noNaN: true, min: 1e-6, max: 1e9 }), { nil: undefined }),
    });
    const curve = fc
      .array(point, { maxLength: 60 })
      .map((points) =>
        points
          .map(({ step, loss }) => ({ step, ...(loss !== undefined && { loss }) }))
          .sort((left, right) => left.step - right.step),
      );
    fc.assert(
      fc.property(
        fc.array(curve, { maxLength: 4 }),
        fc.integer({ min: 30, max: 200 }),
        fc.integer({ min: 8, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        (curves, columns, rows, isLogarithmic, hasSymbols) => {
          const chart = drawChart(
            curves.map((points, index) => line(points, 'oxyz'.charAt(index))),
            { columns, rows, isLogarithmic, hasSymbols },
          );
          for (const row of chart) expect(row.length).toBeLessThanOrEqual(columns);
          expect(chart.length).toBeLessThanOrEqual(rows);
          expect(chart.join('')).not.toMatch(/NaN|undefined|Infinity/);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the summary of a curve', () => {
  const [first, low, again, last] = [3, 0.5, 0.5, 0.7].map((loss, step) => ({ step, loss }));

  it.each([
    ['has the last step, and the first with the lowest loss', [first, low, again, last], { last, best: low }],
    ['ignores losses that are not finite', [{ step: 0 }, low, { step: 3 }], { last: { step: 3 }, best: low }],
    ['has no best step without a finite loss', [{ step: 0 }], { last: { step: 0 }, best: undefined }],
    ['is empty without a step', [], { last: undefined, best: undefined }],
  ])('%s', (_, points, summary) => {
    expect(
      summarize(
        points.flatMap((point) => point ?? []),
        'training',
      ),
    ).toEqual(summary);
  });

  it.each(['reward', 'validation_reward'] as const)('of a %s has the first step with the highest one', (curve) => {
    const points = [0.1, 0.7, 0.7, 0.4].map((reward, step) => ({ step, reward }));
    expect(summarize(points, curve)).toEqual({ last: points[3], best: points[1] });
  });
});
