import type { JSX } from 'preact';
import { axisTitle, cut, ticksOf, type PlotAxis } from './scale.ts';
import { Mark, RunPlot, type PlotRun } from './run-plot.tsx';

const HEIGHT = 320;
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 16, 14, 44];
/** Of a letter, roughly. */
const LETTER_WIDTH = 7;

export interface ScatterRun extends PlotRun {
  /** 0 to 1 along each axis. */
  readonly x: number;
  readonly y: number;
}

interface ScatterProps {
  readonly label: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly runs: readonly ScatterRun[];
}

/** One point a run. */
export const Scatter = ({ label, x, y, runs }: ScatterProps): JSX.Element => {
  const toX = (at: number, width: number) => LEFT + at * (width - LEFT - RIGHT);
  const toY = (at: number) => HEIGHT - BOTTOM - at * (HEIGHT - TOP - BOTTOM);
  /** As many letters of a label below as do not reach the next one, or beyond the edge. */
  const fitting = (text: string, width: number): string => {
    const [first = 0.5, second = 1] = x.scale.ticks.map(({ at }) => at);
    const room = Math.min((second - first) * (width - LEFT - RIGHT), 2 * (width - toX(1 - first, width)));
    return cut(text, Math.max(3, Math.floor(room / LETTER_WIDTH)));
  };
  const axes = (width: number) => (
    <>
      {y.scale.ticks.map(({ at, value }) => (
        <g key={value}>
          <path class="plot-grid" d={`M${LEFT} ${toY(at)}H${width - RIGHT}`} />
          <text class="plot-text" x={LEFT - 8} y={toY(at) + 4} text-anchor="end">
            {y.format(value)}
          </text>
        </g>
      ))}
      {ticksOf(x).map(({ at, value, text }) => (
        <g key={value}>
          <path class="plot-grid" d={`M${toX(at, width)} ${TOP}V${HEIGHT - BOTTOM}`} />
          <text class="plot-text" x={toX(at, width)} y={HEIGHT - BOTTOM + 17} text-anchor="middle">
            {typeof value === 'string' ? fitting(text, width) : text}
          </text>
        </g>
      ))}
      <text class="plot-title" x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
        {axisTitle(x)}
      </text>
      <text
        class="plot-title"
        transform={`translate(13 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        {axisTitle(y)}
      </text>
    </>
  );
  return (
    <RunPlot
      label={label}
      height={HEIGHT}
      leastWidth={260}
      runs={runs}
      axes={axes}
      mark={(run, width) => <Mark x={toX(run.x, width)} y={toY(run.y)} best={run.best !== undefined} />}
    />
  );
};
