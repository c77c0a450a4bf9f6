import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { CurveAxis, CurveColumns } from '../logic/curves.ts';
import { formatLoss } from '../logic/format.ts';
import { Table } from '../parts/controls.tsx';
import { onThemeChange } from '../parts/shell.tsx';
import type { Chart, ChartView } from './uplot-chart.ts';

interface LossChartProps extends ChartView {
  /** The chart in words, for people who cannot see it. */
  readonly label: string;
}

/**
 * uPlot formats numbers in the browser's language, and fails to load where that is not a valid tag: a browser that takes
 * its language from the locale `en_US@posix` says `en-US@posix`.
 */
const ensureLanguage = (): void => {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  }
};

/** The lines. The library that draws them loads when there is something to draw. */
export const LossChart = ({ label, onHover, ...view }: LossChartProps): JSX.Element => {
  const { curves, columns, logarithmic, single, height } = view;
  const host = useRef<HTMLDivElement>(null);
  const hover = useRef(onHover);
  hover.current = onHover;
  useEffect(() => {
    ensureLanguage();
    let chart: Chart | undefined;
    let gone = false;
    void import('./uplot-chart.ts').then(({ drawChart }) => {
      if (gone || host.current === null) return;
      chart = drawChart(host.current, { ...view, onHover: (at) => hover.current(at) });
    });
    const stop = onThemeChange(() => chart?.redraw());
    return () => {
      gone = true;
      stop();
      chart?.destroy();
    };
  }, [curves, columns, logarithmic, single, height]);
  return <div ref={host} class="loss-chart" style={{ height }} role="img" aria-label={label} />;
};

/** Steps and epochs as the chart and the table show them. */
export const formatX = (x: number, axis: CurveAxis): string =>
  axis === 'epoch' ? x.toFixed(2) : String(Math.round(x));

interface LossTableProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly columns: CurveColumns;
  readonly axis: CurveAxis;
}

const MOST_ROWS = 120;

/** The values of the chart, in a limited number of rows that always include the last one. */
export const LossTable = ({ label, names, columns: [xs, ...ys], axis }: LossTableProps): JSX.Element => {
  const every = Math.ceil(xs.length / MOST_ROWS);
  const rows = xs.flatMap((x, row) => (row % every === 0 || row === xs.length - 1 ? [{ x, row }] : []));
  return (
    <Table
      label={label}
      class="loss-table"
      caption={every === 1 ? 'Every measured step' : `One in ${every} of ${xs.length} measured steps`}
      columns={[axis === 'epoch' ? 'Epoch' : 'Step', ...names.map((name) => [name, 'right'] as const)]}
    >
      {rows.map(({ x, row }) => (
        <tr key={row}>
          <th scope="row" class="number">
            {formatX(x, axis)}
          </th>
          {ys.map((column, index) => (
            <td key={index} class="right number">
              {formatLoss(column[row] ?? undefined)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
};
