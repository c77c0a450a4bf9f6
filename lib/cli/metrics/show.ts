import { type LossPoint, type Measure, measureOf, valueOf } from '../../domain/loss-curve.ts';
import type { Terminal } from '../context.ts';
import { formatNumber, NOTHING, paletteOf, type Palette } from '../output/values.ts';
import { formatTable, type Column } from '../output/table.ts';
import { drawChart, type Mark } from './chart.ts';
import { summarize, type CurveSummary, type Series } from './series.ts';

const DEFAULT = { columns: 80, rows: 20 };
const MOST_ROWS = 30;
const LEAST_ROWS = 8;
/** Below the chart: a blank line, the table's titles, and the prompt. */
const OTHER_ROWS = 4;
/** A linear scale shows little where the highest loss is more than so many times the lowest. */
const WIDE = 50;

const SYMBOLS = ['o', 'x', '+', '*', '#', '@', '%', '='];
const COLOURS = [
  { chart: 'ansiCyan', paint: 'cyan' },
  { chart: 'ansiYellow', paint: 'yellow' },
  { chart: 'ansiGreen', paint: 'green' },
  { chart: 'ansiRed', paint: 'red' },
  { chart: 'ansiBlue', paint: 'blue' },
] as const;
const LINE = '━━';

/** A curve as a line of the chart and a row of the table. */
interface CurveRow extends Series, CurveSummary {
  /** Absent where the curve is only in the table. */
  readonly mark?: Mark;
  readonly paint: (text: string) => string;
}

const isOfValidation = ({ curve }: Series): boolean => curve.startsWith('validation');

/** Of several jobs only one curve each is drawn, as there would be too many lines. */
const isDrawn = (all: readonly Series[], series: Series): boolean => {
  const jobs = new Set(all.map(({ job }) => job.job_arn)).size;
  return jobs === 1 || !isOfValidation(series) || all.every(isOfValidation);
};

const markCurves = (all: readonly Series[], hasSymbols: boolean, palette: Palette, hasColour: boolean): CurveRow[] => {
  let drawn = 0;
  return all.map((series) => {
    const plain = { ...series, ...summarize(series.points, series.curve), paint: (text: string) => text };
    if (!isDrawn(all, series)) return plain;
    const colour = hasColour ? COLOURS[drawn % COLOURS.length] : undefined;
    const symbol = hasSymbols ? (SYMBOLS[drawn % SYMBOLS.length] ?? '*') : LINE;
    drawn += 1;
    const mark = { symbol, ...(colour && { colour: colour.chart }) };
    return { ...plain, mark, ...(colour && { paint: palette[colour.paint] }) };
  });
};

const textOf = (point: LossPoint | undefined): string =>
  point === undefined ? NOTHING : valueOf(point) === undefined ? 'not finite' : formatNumber(valueOf(point));

const columnsOf = (measure: Measure): readonly Column<CurveRow>[] => [
  {
    title: '',
    value: ({ mark }) => mark?.symbol ?? '',
    paint: (text, { paint }) => paint(text),
    importance: 9,
    least: 1,
  },
  { title: 'Job', value: ({ job }) => job.job_name ?? job.job_id, importance: 8, least: 26, cut: 'middle' },
  {
    title: 'Curve',
    value: ({ curve }) => (curve === 'reward' ? 'training' : curve.replace('_reward', '')),
    importance: 7,
    least: 10,
  },
  { title: `Last ${measure}`, value: ({ last }) => textOf(last), importance: 6, least: 9, align: 'right' },
  { title: 'at step', value: ({ last }) => formatNumber(last?.step), importance: 4, align: 'right' },
  { title: `Best ${measure}`, value: ({ best }) => textOf(best), importance: 5, align: 'right' },
  { title: 'at step', value: ({ best }) => formatNumber(best?.step), importance: 3, align: 'right' },
];
const PERPLEXITY: Column<CurveRow> = {
  title: 'Perplexity',
  value: ({ last }) => formatNumber(last?.perplexity),
  importance: 2,
  align: 'right',
};

const isWide = (all: readonly Series[]): boolean => {
  const losses = all.flatMap(({ points }) => points.flatMap((point) => valueOf(point) ?? []));
  const low = losses.reduce((least, loss) => Math.min(least, loss), Infinity);
  const high = losses.reduce((most, loss) => Math.max(most, loss), 0);
  return low > 0 && high / low > WIDE;
};

interface ChartOptions {
  readonly isLogarithmic: boolean;
}

const TITLES: Readonly<Record<Measure, string>> = { loss: 'Loss', reward: 'Mean reward' };

/** Prints curves of one measure as a chart, and below it a table of their last and best values. */
const showMeasure = (
  measure: Measure,
  all: readonly Series[],
  { isLogarithmic }: ChartOptions,
  terminal: Terminal,
): void => {
  const { print, tell, colour, columns = DEFAULT.columns, rows } = terminal;
  const palette = paletteOf(terminal);
  const lines = all.filter((series) => isDrawn(all, series)).length;
  const hasSymbols = lines > 1 && (!colour || lines > COLOURS.length);
  const curves = markCurves(all, hasSymbols, palette, colour && !hasSymbols);
  const chart = drawChart(
    curves.flatMap(({ points, mark }) => (mark === undefined ? [] : [{ points, mark }])),
    {
      columns,
      rows:
        rows === undefined ? DEFAULT.rows : Math.min(MOST_ROWS, Math.max(LEAST_ROWS, rows - OTHER_ROWS - all.length)),
      isLogarithmic,
      hasSymbols,
    },
  );
  if (chart.length === 0) tell(isLogarithmic ? 'No loss is above zero.' : `No ${measure} is a finite number.`);
  else {
    print(palette.bold(`${TITLES[measure]}${isLogarithmic ? ' (logarithmic)' : ''}`));
    chart.forEach(print);
    print('');
  }
  // Nova models write no perplexity.
  const hasPerplexity = curves.some(({ last }) => last?.perplexity !== undefined);
  const table = hasPerplexity ? [...columnsOf(measure), PERPLEXITY] : columnsOf(measure);
  for (const line of formatTable(table, curves, terminal)) print(line);
};

/** Prints the losses, and then the rewards. Only losses have a logarithmic scale: a reward may be negative. */
export const showCurves = (all: readonly Series[], { isLogarithmic }: ChartOptions, terminal: Terminal): void => {
  const of = (measure: Measure) => all.filter(({ curve }) => measureOf(curve) === measure);
  const [losses, rewards] = [of('loss'), of('reward')];
  if (losses.length > 0) showMeasure('loss', losses, { isLogarithmic }, terminal);
  if (losses.length > 0 && rewards.length > 0) terminal.print('');
  if (rewards.length > 0) showMeasure('reward', rewards, { isLogarithmic: false }, terminal);
  if (!isLogarithmic && isWide(losses)) terminal.tell('The losses lie far apart: use --log to see the lower ones.');
};
