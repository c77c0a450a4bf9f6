import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { CurveAxis, CurveColumns } from '../logic/curves.ts';
import { formatLoss } from '../logic/format.ts';
import { onThemeChange } from '../parts/shell.tsx';
import type { Chart, ChartView } from './uplot-chart.ts';

interface LossChartProps extends ChartView {
  /** What there is to see, for who cannot see it. */
  readonly label: string;
}

/** The lines themselves. The library that draws them is loaded when there is something to draw. */
export const LossChart = ({
  label,
  curves,
  columns,
  logarithmic,
  single,
  height,
  onHover,
}: LossChartProps): JSX.Element => {
  const host = useRef<HTMLDivElement>(null);
  const hover = useRef(onHover);
  hover.current = onHover;
  useEffect(() => {
    let chart: Chart | undefined;
    let gone = false;
    void import('./uplot-chart.ts').then(({ drawChart }) => {
      if (gone || host.current === null) return;
      chart = drawChart(host.current, {
        curves,
        columns,
        logarithmic,
        single,
        height,
        onHover: (at) => hover.current(at),
      });
    });
    const stop = onThemeChange(() => chart?.redraw());
    return () => {
      gone = true;
      stop();
      chart?.destroy();
    };
  }, [curves, columns, logarithmic, single, height]);
  return <div ref={host} class={`loss-chart loss-chart-${height}`} role="img" aria-label={label} />;
};

interface LossTableProps {
  readonly names: readonly string[];
  readonly columns: CurveColumns;
  readonly axis: CurveAxis;
}

/** More rows say nothing more to a person. */
const MOST_ROWS = 120;

/** The same values as the chart's, in at most so many rows, the last one always among them. */
export const LossTable = ({ names, columns, axis }: LossTableProps): JSX.Element => {
  const [xs, ...ys] = columns;
  const every = Math.ceil(xs.length / MOST_ROWS);
  const rows = xs.flatMap((x, row) => (row % every === 0 || row === xs.length - 1 ? [{ x, row }] : []));
  return (
    <div class="scroll loss-table" role="group" aria-label="Losses" tabIndex={0}>
      <table class="table">
        <caption class="muted">
          {every === 1 ? 'Every measured step' : `One in ${every} of ${xs.length} measured steps`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{axis === 'epoch' ? 'Epoch' : 'Step'}</th>
            {names.map((name) => (
              <th key={name} scope="col" class="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ x, row }) => (
            <tr key={row}>
              <th scope="row" class="number">
                {axis === 'epoch' ? x.toFixed(2) : x}
              </th>
              {ys.map((column, index) => (
                <td key={index} class="right number">
                  {formatLoss(column[row] ?? undefined)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
