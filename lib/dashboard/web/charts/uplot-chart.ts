import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { seriesNumber, type Curve, type CurveColumns } from '../logic/curves.ts';
import { formatLoss } from '../logic/format.ts';
import { drawLetters } from './letters.ts';
import { letterOf } from './loss-panel.tsx';

/** What the chart shows. Any change makes a new chart. */
export interface ChartView {
  readonly curves: readonly Curve[];
  readonly columns: CurveColumns;
  readonly logarithmic: boolean;
  /** True for a single job: its training and validation then differ by colour too. */
  readonly single: boolean;
  readonly height: number;
  /** The values at the pointer, one for each curve; undefined when it leaves. */
  readonly onHover: (hovered: Hovered | undefined) => void;
}

export interface Hovered {
  readonly x: number;
  readonly values: readonly (number | undefined)[];
}

export interface Chart {
  readonly redraw: () => void;
  readonly destroy: () => void;
}

const DASH = [5, 4];
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum has no value at run time
const LOGARITHMIC: uPlot.Scale.Distr = 3;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A canvas does not support light-dark(): an element of the chart resolves the colour. */
const resolved = (host: HTMLElement, name: string): string => {
  host.style.color = colour(name);
  return getComputedStyle(host).color;
};

/** The nearest row with a value of that curve: curves have different steps. */
const nearestRow = (column: readonly (number | null | undefined)[], row: number): number => {
  for (let away = 0; away < column.length; away += 1) {
    if (typeof column[row - away] === 'number') return row - away;
    if (typeof column[row + away] === 'number') return row + away;
  }
  return row;
};

const seriesOf = (host: HTMLElement, curve: Curve, single: boolean): uPlot.Series => {
  const { kind } = curve;
  const stroke = () => resolved(host, `--series-${seriesNumber(curve, single)}`);
  return {
    stroke,
    // Training losses are noisy and must not hide the rarer validation losses.
    width: kind === 'training' ? 1.25 : 2.25,
    alpha: kind === 'training' ? 0.8 : 1,
    ...(kind === 'validation' ? { dash: DASH } : {}),
    points: { show: kind === 'validation', size: 6, stroke, fill: () => resolved(host, '--surface') },
  };
};

// On a logarithmic scale uPlot leaves out some labels by `null`, which its types do not say.
const axisLabel = (split: number | null): string => (split === null ? '' : formatLoss(split));

const axisOf = (host: HTMLElement, font: string): uPlot.Axis => ({
  stroke: () => resolved(host, '--muted'),
  font,
  grid: { stroke: () => resolved(host, '--line'), width: 1 },
  ticks: { show: false },
});

/** A small margin above and below. */
const logRange = (_: uPlot, min: number, max: number): uPlot.Range.MinMax =>
  min > 0 && max > 0 ? [min / 1.15, max * 1.15] : [0.1, 1];

const linearRange = (_: uPlot, min: number, max: number): uPlot.Range.MinMax => {
  const air = (max - min) * 0.06 || Math.abs(max) * 0.1 || 1;
  return [min >= 0 ? Math.max(0, min - air) : min - air, max + air];
};

export const drawChart = (host: HTMLElement, view: ChartView): Chart => {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const font = `12px ${getComputedStyle(host).fontFamily}`;
  const axis = axisOf(probe, font);
  const chart = new uPlot(
    {
      width: host.clientWidth,
      height: view.height,
      // At the right the last label of the axis reaches beyond its mark: half of `10,000`. A letter has room there too.
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false },
        dataIdx: (u, series, row) => nearestRow((u.data[series] ?? []) as (number | null | undefined)[], row),
        points: { size: 8, width: 2 },
      },
      scales: {
        x: { time: false },
        y: view.logarithmic ? { distr: LOGARITHMIC, range: logRange } : { range: linearRange },
      },
      axes: [
        { ...axis, size: 30, gap: 6 },
        {
          ...axis,
          size: 52,
          gap: 6,
          values: (_, splits) => splits.map(axisLabel),
        },
      ],
      series: [{}, ...view.curves.map((curve) => seriesOf(probe, curve, view.single))],
      hooks: {
        draw: [
          (u) =>
            drawLetters(u, (index) => {
              const curve = view.curves[index];
              // One letter a job: its curves end close to each other.
              if (view.single || curve === undefined || view.curves.findIndex(({ job }) => job === curve.job) !== index)
                return;
              return { text: letterOf(curve.job), colour: resolved(probe, `--series-${seriesNumber(curve, false)}`) };
            }),
        ],
        setCursor: [
          (u) => {
            const row = u.cursor.idx;
            if (row === null || row === undefined) {
              view.onHover(undefined);
              return;
            }
            const values = view.curves.map((_, index) => {
              const column = u.data[index + 1] ?? [];
              return column[u.cursor.idxs?.[index + 1] ?? row] ?? undefined;
            });
            view.onHover({ x: u.data[0][row] ?? 0, values });
          },
        ],
      },
    },
    view.columns,
    host,
  );
  const observer = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: view.height }));
  observer.observe(host);
  return {
    redraw: () => chart.redraw(false, true),
    destroy: () => {
      observer.disconnect();
      chart.destroy();
      probe.remove();
    },
  };
};
