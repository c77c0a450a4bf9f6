import { stripVTControlCharacters } from 'node:util';
import { plot, type Color, type Point, type Settings } from 'simple-ascii-chart';
import type { LossPoint } from '../../operator/loss-curves/index.ts';
import { linearTicks, logarithmicTicks, type Tick } from './ticks.ts';

/** How a curve is told from the others, by colour or by character. */
export interface Mark {
  readonly symbol: string;
  readonly colour?: Color;
}

/** One line of the chart. */
export interface Line {
  readonly points: readonly LossPoint[];
  readonly mark: Mark;
}

export interface ChartSettings {
  /** Columns of the whole. */
  readonly columns: number;
  /** Lines of the whole, at least 6. */
  readonly rows: number;
  readonly isLogarithmic: boolean;
  /** Whether each line is drawn by its symbol; a line alone, and coloured ones, need none. */
  readonly hasSymbols: boolean;
}

/** A loss that can be drawn. */
interface Drawn {
  readonly step: number;
  readonly value: number;
}

/** Columns between two labels of the axis of steps. */
const COLUMNS_A_TICK = 14;
const ROWS_A_TICK = 3;
/** Both ends of the axis of losses, the axis of steps, its labels and its name. */
const FRAME_ROWS = 4;
const LEAST = { columns: 10, rows: 4 };

const drawable = (points: readonly LossPoint[], isLogarithmic: boolean): Drawn[] =>
  points.flatMap(({ step, loss }) => {
    if (loss === undefined || (isLogarithmic && loss <= 0)) return [];
    return [{ step, value: isLogarithmic ? Math.log10(loss) : loss }];
  });

/** The axis of steps: the library draws by columns, each of which stands for some steps. */
const stepAxis = (drawn: readonly Drawn[], columns: number) => {
  const steps = drawn.map(({ step }) => step);
  const first = steps.reduce((least, step) => Math.min(least, step), Infinity);
  const last = steps.reduce((most, step) => Math.max(most, step), -Infinity);
  const columnOf = (step: number): number =>
    last === first ? 0 : Math.round(((step - first) / (last - first)) * (columns - 1));
  return { first, last, columnOf };
};

/** The mean of the losses of each column: noise would fill the chart. */
const meansByColumn = (drawn: readonly Drawn[], columnOf: (step: number) => number): Point[] => {
  const columns = new Map<number, number[]>();
  for (const { step, value } of drawn) {
    const column = columnOf(step);
    const values = columns.get(column);
    if (values) values.push(value);
    else columns.set(column, [value]);
  }
  return [...columns]
    .sort(([left], [right]) => left - right)
    .map(([column, values]) => [column, values.reduce((sum, value) => sum + value, 0) / values.length]);
};

/** A point for each column between the first and the last: what is drawn by symbols has no lines between them. */
const withoutHoles = (points: readonly Point[]): Point[] =>
  points.flatMap(([column, value], index) => {
    const [nextColumn, nextValue] = points[index + 1] ?? [column + 1, value];
    const between = Math.max(1, nextColumn - column);
    return Array.from({ length: between }, (_, offset): Point => [
      column + offset,
      value + ((nextValue - value) * offset) / between,
    ]);
  });

/** Draws each line by its own symbol. The library does not tell which line it draws, but begins each at index 0. */
const symbolsOf = (symbols: readonly string[]): NonNullable<Settings['lineFormatter']> => {
  let line = -1;
  return ({ index, plotX, plotY }) => {
    if (index === 0) line += 1;
    return { x: plotX, y: plotY, symbol: symbols[line] ?? '*' };
  };
};

const labelled = (ticks: readonly Tick[], value: number): string => {
  const nearest = ticks.reduce<Tick | undefined>(
    (best, tick) => (best === undefined || Math.abs(tick.at - value) < Math.abs(best.at - value) ? tick : best),
    undefined,
  );
  return nearest?.label ?? '';
};

const lossTicks = (lines: readonly Point[][], rows: number, isLogarithmic: boolean): Tick[] => {
  const values = lines.flat().map(([, value]) => value);
  const ticksOf = isLogarithmic ? logarithmicTicks : linearTicks;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return ticksOf(low, high, Math.max(2, Math.floor(rows / ROWS_A_TICK)));
};

/** Lines as wide as asked or less, without blank ones around them. */
const trimmed = (text: string): string[] => {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.slice(
    lines.findIndex((line) => line !== ''),
    lines.findLastIndex((line) => line !== '') + 1,
  );
};

/** A curve with what of it can be drawn. */
interface Curve {
  readonly mark: Mark;
  readonly drawn: readonly Drawn[];
}

const render = (curves: readonly Curve[], width: number, height: number, settings: ChartSettings): string[] => {
  const { isLogarithmic, hasSymbols } = settings;
  const { first, last, columnOf } = stepAxis(
    curves.flatMap(({ drawn }) => drawn),
    width,
  );
  const drawn = curves.map((curve) => meansByColumn(curve.drawn, columnOf));
  const losses = lossTicks(drawn, height, isLogarithmic);
  const most = Math.max(2, Math.floor(width / COLUMNS_A_TICK));
  const steps = linearTicks(first, last, most, String).map(({ at, label }) => ({ at: columnOf(at), label }));
  const colours = curves.flatMap(({ mark }) => mark.colour ?? []);
  return trimmed(
    plot(hasSymbols ? drawn.map(withoutHoles) : drawn, {
      width,
      height,
      customXAxisTicks: steps.map(({ at }) => at),
      customYAxisTicks: losses.map(({ at }) => at),
      formatter: (value, { axis }) => labelled(axis === 'x' ? steps : losses, value),
      xLabel: 'step',
      ...(colours.length === curves.length && { color: colours }),
      ...(hasSymbols && { lineFormatter: symbolsOf(curves.map(({ mark }) => mark.symbol)) }),
    }),
  );
};

/**
 * Losses over steps as lines of text. Each column shows the mean of its steps. Empty where no loss can be drawn: none is
 * finite, or above zero for a logarithmic scale.
 */
export const drawChart = (lines: readonly Line[], settings: ChartSettings): string[] => {
  const curves = lines
    .map(({ points, mark }) => ({ mark, drawn: drawable(points, settings.isLogarithmic) }))
    .filter(({ drawn }) => drawn.length > 0);
  if (curves.length === 0) return [];
  const height = Math.max(LEAST.rows, settings.rows - FRAME_ROWS);
  // The library adds to the width what the labels take, and these depend on it in turn.
  let width = settings.columns;
  for (;;) {
    const chart = render(curves, width, height, settings);
    const over = Math.max(...chart.map((line) => stripVTControlCharacters(line).length)) - settings.columns;
    if (over <= 0 || width <= LEAST.columns) return chart;
    width = Math.max(LEAST.columns, width - over);
  }
};
