import { stripVTControlCharacters } from 'node:util';
import { plot, type Color, type Point, type Settings } from 'simple-ascii-chart';
import { type Measured, valueOf } from '../../domain/loss-curve.ts';

/** A value on an axis and its label. */
interface Tick {
  readonly at: number;
  readonly label: string;
}

/** A number with three significant digits. */
const formatShort = (value: number): string => {
  const text = value.toPrecision(3);
  return text.includes('e') ? value.toExponential(1) : text;
};

/** The smallest of 1, 2 or 5 times a power of ten that fits into the span at most `most` times. */
const stepFor = (span: number, most: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return power * ([1, 2, 5].find((factor) => span / (power * factor) <= most) ?? 10);
};

const endTicks = (low: number, high: number, format: (value: number) => string): Tick[] =>
  [...new Set([low, high])].map((at) => ({ at, label: format(at) }));

/** Round values between two others, at most `most` of them. Both ends, as `format` writes them, where fewer than two fit. */
export const linearTicks = (low: number, high: number, most: number, format = formatShort): Tick[] => {
  if (!(high > low)) return endTicks(low, high, format);
  const step = stepFor(high - low, most);
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const ticks = Array.from({ length: count }, (_, index) => {
    const at = (first + index) * step;
    return { at, label: at.toFixed(digits) };
  });
  return ticks.length < 2 ? endTicks(low, high, format) : ticks;
};

/** 1, 2 and 5 times powers of ten, or only powers where that is too many. `at` is the decimal logarithm. */
export const logarithmicTicks = (low: number, high: number, most: number): Tick[] => {
  const powers = Array.from({ length: Math.floor(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index);
  const inside = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => factor * 10 ** power))
      .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high)
      .map((value) => ({ at: Math.log10(value), label: String(Number(value.toPrecision(1))) }));
  const fine = inside([1, 2, 5]);
  const ticks = fine.length <= most ? fine : inside([1]);
  return ticks.length < 2 ? endTicks(low, high, (value) => formatShort(10 ** value)) : ticks;
};

/** Distinguishes a curve from the others, by colour or by character. */
export interface Mark {
  readonly symbol: string;
  readonly colour?: Color;
}

/** One line of the chart. */
export interface Line {
  readonly points: readonly Measured[];
  readonly mark: Mark;
}

export interface ChartSettings {
  /** Columns of the whole chart. */
  readonly columns: number;
  /** Lines of the whole chart, at least 6. */
  readonly rows: number;
  readonly isLogarithmic: boolean;
  /** Draws each curve by its symbol. A single curve, and coloured ones, do not need it. */
  readonly hasSymbols: boolean;
}

/** A finite loss or reward, on the scale of the chart. */
interface Value {
  readonly step: number;
  readonly value: number;
}

/** Columns between two labels of the step axis. */
const COLUMNS_A_TICK = 14;
const ROWS_A_TICK = 3;
/** Both ends of the loss axis, the step axis, its labels and its name. */
const FRAME_ROWS = 4;
const LEAST = { columns: 10, rows: 4 };

const valuesOf = (points: readonly Measured[], isLogarithmic: boolean): Value[] =>
  points.flatMap((point) => {
    const value = valueOf(point);
    if (value === undefined || (isLogarithmic && value <= 0)) return [];
    return [{ step: point.step, value: isLogarithmic ? Math.log10(value) : value }];
  });

/** The axis of steps: each column of the chart covers some steps. */
const stepAxis = (drawn: readonly Value[], columns: number) => {
  const steps = drawn.map(({ step }) => step);
  const first = steps.reduce((least, step) => Math.min(least, step), Infinity);
  const last = steps.reduce((most, step) => Math.max(most, step), -Infinity);
  const columnOf = (step: number): number =>
    last === first ? 0 : Math.round(((step - first) / (last - first)) * (columns - 1));
  return { first, last, columnOf };
};

/** The mean of the losses of each column, as noise would fill the chart. */
const meansByColumn = (drawn: readonly Value[], columnOf: (step: number) => number): Point[] => {
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

/** A point for each column between the first and the last: symbols have no lines between them. */
const fillGaps = (points: readonly Point[]): Point[] =>
  points.flatMap(([column, value], index) => {
    const [nextColumn, nextValue] = points[index + 1] ?? [column + 1, value];
    const between = Math.max(1, nextColumn - column);
    return Array.from({ length: between }, (_, offset): Point => [
      column + offset,
      value + ((nextValue - value) * offset) / between,
    ]);
  });

/** Draws each line by its own symbol. The library does not say which line it draws, but begins each at index 0. */
const symbolsOf = (symbols: readonly string[]): NonNullable<Settings['lineFormatter']> => {
  let line = -1;
  return ({ index, plotX, plotY }) => {
    if (index === 0) line += 1;
    return { x: plotX, y: plotY, symbol: symbols[line] ?? '*' };
  };
};

const labelAt = (ticks: readonly Tick[], value: number): string => {
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

/** The lines of a text, without blank ones around them. */
const trimBlankLines = (text: string): string[] => {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.slice(
    lines.findIndex((line) => line !== ''),
    lines.findLastIndex((line) => line !== '') + 1,
  );
};

/** A curve with its finite losses. */
interface Curve {
  readonly mark: Mark;
  readonly values: readonly Value[];
}

const render = (curves: readonly Curve[], width: number, height: number, settings: ChartSettings): string[] => {
  const { isLogarithmic, hasSymbols } = settings;
  const { first, last, columnOf } = stepAxis(
    curves.flatMap(({ values }) => values),
    width,
  );
  const drawn = curves.map((curve) => meansByColumn(curve.values, columnOf));
  const losses = lossTicks(drawn, height, isLogarithmic);
  const most = Math.max(2, Math.floor(width / COLUMNS_A_TICK));
  const steps = linearTicks(first, last, most, String).map(({ at, label }) => ({ at: columnOf(at), label }));
  const colours = curves.flatMap(({ mark }) => mark.colour ?? []);
  return trimBlankLines(
    plot(hasSymbols ? drawn.map(fillGaps) : drawn, {
      width,
      height,
      customXAxisTicks: steps.map(({ at }) => at),
      customYAxisTicks: losses.map(({ at }) => at),
      formatter: (value, { axis }) => labelAt(axis === 'x' ? steps : losses, value),
      xLabel: 'step',
      ...(colours.length === curves.length && { color: colours }),
      ...(hasSymbols && { lineFormatter: symbolsOf(curves.map(({ mark }) => mark.symbol)) }),
    }),
  );
};

/**
 * Draws values over steps as lines of text. Each column shows the mean of its steps. Empty where no value is finite, or
 * for a logarithmic scale above zero.
 */
export const drawChart = (lines: readonly Line[], settings: ChartSettings): string[] => {
  const curves = lines
    .map(({ points, mark }) => ({ mark, values: valuesOf(points, settings.isLogarithmic) }))
    .filter(({ values }) => values.length > 0);
  if (curves.length === 0) return [];
  const height = Math.max(LEAST.rows, settings.rows - FRAME_ROWS);
  // The library adds the width of the labels, which in turn depend on the width.
  let width = settings.columns;
  for (;;) {
    const chart = render(curves, width, height, settings);
    const over = Math.max(...chart.map((line) => stripVTControlCharacters(line).length)) - settings.columns;
    if (over <= 0 || width <= LEAST.columns) return chart;
    width = Math.max(LEAST.columns, width - over);
  }
};
