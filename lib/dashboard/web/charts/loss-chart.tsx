import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { onThemeChange } from '../parts/theme.tsx';
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
