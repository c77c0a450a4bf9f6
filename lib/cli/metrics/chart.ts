import { stripVTControlCharacters } from 'node:util';
import { plot, type Color, type Point, type Settings } from 'simple-ascii-chart';
import type { LossPoint } from '../../operator/loss-curves/index.ts';

/** A value on an axis, and how it is written there. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** A number as short as three significant digits allow. */
export const short = (value: number): string => {
  const text = value.toPrecision(3);
  return text.includes('e') ? value.toExponential(1) : text;
};

/** Steps of 1, 2 or 5 times a power of ten, of which at most `most` fit into the span. */
const stepFor = (span: number, most: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return power * ([1, 2, 5].find((factor) => span / (power * factor) <= most) ?? 10);
};

const ends = (low: number, high: number, write: (value: number) => string): Tick[] =>
  [...new Set([low, high])].map((at) => ({ at, label: write(at) }));

/** Round values between two others, `most` of them or fewer; both ends, as `write` writes them, where there is but one. */
export const linearTicks = (low: number, high: number, most: number, write = short): Tick[] => {
  if (!(high > low)) return ends(low, high, write);
  const step = stepFor(high - low, most);
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const ticks = Array.from({ length: count }, (_, index) => {
    const at = (first + index) * step;
    return { at, label: at.toFixed(digits) };
  });
  return ticks.length < 2 ? ends(low, high, write) : ticks;
};

/** 1, 2 and 5 times powers of ten, or powers alone where there are many; `at` is the decimal logarithm. */
export const logarithmicTicks = (low: number, high: number, most: number): Tick[] => {
  const powers = Array.from({ length: Math.floor(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index);
  const inside = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => factor * 10 ** power))
      .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high)
      .map((value) => ({ at: Math.log10(value), label: String(Number(value.toPrecision(1))) }));
  const fine = inside([1, 2, 5]);
  const ticks = fine.length <= most ? fine : inside([1]);
  return ticks.length < 2 ? ends(low, high, (value) => short(10 ** value)) : ticks;
};

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
