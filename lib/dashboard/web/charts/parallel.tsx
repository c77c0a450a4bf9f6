import type { JSX } from 'preact';
import { Mark, RunPlot, type PlotRun } from './run-plot.tsx';
import { axisTitle, cut, ticksOf, type PlotAxis } from './scale.ts';

const HEIGHT = 320;
const [SIDE, TOP, BOTTOM] = [62, 44, 16];
/** Between two axes, so that their labels can be read. */
const LEAST_GAP = 118;
const LONGEST_LABEL = 20;
const LONGEST_TICK = 14;

export interface ParallelRun extends PlotRun {
  /** 0 to 1 on each axis; undefined where the run has no value there. */
  readonly at: readonly (number | undefined)[];
}

interface ParallelProps {
  readonly label: string;
  readonly axes: readonly PlotAxis[];
  readonly runs: readonly ParallelRun[];
}

/** One line a run, across one axis for each column. A line is interrupted where its run has no value. */
export const Parallel = ({ label, axes, runs }: ParallelProps): JSX.Element => {
  const toX = (axis: number, width: number) => SIDE + (axis / Math.max(1, axes.length - 1)) * (width - 2 * SIDE);
  const toY = (at: number) => HEIGHT - BOTTOM - at * (HEIGHT - TOP - BOTTOM);
  const lineOf = ({ at }: ParallelRun, width: number): string =>
    at
      .map((value, axis) => {
        if (value === undefined) return '';
        return `${axis === 0 || at[axis - 1] === undefined ? 'M' : 'L'}${toX(axis, width)} ${toY(value)}`;
      })
      .join('');
  const drawAxes = (width: number) =>
    axes.map(({ label: name }, index) => (
      <path key={name} class="plot-axis" d={`M${toX(index, width)} ${TOP}V${HEIGHT - BOTTOM}`} />
    ));
  const drawLabels = (width: number) =>
    axes.map((axis, index) => (
      <g key={axis.label}>
        <text class="plot-title" x={toX(index, width)} y={axis.scale.isLogarithmic ? 16 : 26} text-anchor="middle">
          {cut(axis.label, LONGEST_LABEL)}
        </text>
        {axis.scale.isLogarithmic && (
          <text class="plot-text" x={toX(index, width)} y={31} text-anchor="middle">
            log scale
          </text>
        )}
        {ticksOf(axis).map(({ at, value, text }) => (
          <text key={value} class="plot-text plot-halo" x={toX(index, width) - 9} y={toY(at) + 4} text-anchor="end">
            {cut(text, LONGEST_TICK)}
          </text>
        ))}
      </g>
    ));
  return (
    <RunPlot
      label={`${label} Axes: ${axes.map(axisTitle).join(', ')}.`}
      height={HEIGHT}
      leastWidth={2 * SIDE + LEAST_GAP * (axes.length - 1)}
      runs={runs}
      axes={drawAxes}
      labels={drawLabels}
      mark={(run, width) => {
        const last = run.at.findLastIndex((value) => value !== undefined);
        return (
          <>
            <path class="plot-hit" d={lineOf(run, width)} />
            <path class="plot-line" d={lineOf(run, width)} />
            {run.at.map((value, axis) =>
              value === undefined ? null : (
                <Mark key={axis} x={toX(axis, width)} y={toY(value)} best={run.best !== undefined && axis === last} />
              ),
            )}
          </>
        );
      }}
    />
  );
};
