import { bestRuns, hyperParametersOf, type RunColumn, type RunValue, type Trained } from '../../domain/run.ts';
import { formatDuration, SECOND } from '../../domain/time.ts';
import { didYouMean, nearNames } from '../../operator/near-names.ts';
import type { Terminal } from '../context.ts';
import { lostSuffix } from '../output/jobs.ts';
import { type Column, formatTable } from '../output/table.ts';
import { formatNumber, formatTime, NOTHING, paintStatus, type Palette, paletteOf } from '../output/values.ts';
import { isTime } from './columns.ts';

/** Texts that may be cut, and to which width. */
const LEAST: Readonly<Record<string, number>> = { name: 26, status: 10, data: 20, validation_data: 20, failure: 20 };
const CUT_IN_THE_MIDDLE: ReadonlySet<string> = new Set(['name', 'data', 'validation_data']);
/** Names that are listed where none is near. */
const MOST_NAMED = 8;

const textOf = (column: Pick<RunColumn, 'name' | 'better'>, value: RunValue): string => {
  if (value === undefined) return NOTHING;
  if (isTime(column)) return formatTime(String(value));
  if (typeof value === 'string') return value;
  if (column.name.endsWith('_usd')) return value.toFixed(2);
  if (column.name === 'duration_s') return formatDuration(value * SECOND);
  return column.better === undefined ? String(value) : formatNumber(value);
};

const tableColumn = <Row extends Trained>(
  column: RunColumn<Row>,
  importance: number,
  runs: readonly Row[],
  palette: Palette,
): Column<Row> => {
  const { name, valueOf } = column;
  const best = new Set(bestRuns(column, runs));
  const title = name === 'duration_s' ? 'duration' : name;
  const mark = (run: Row) => (best.size === 0 ? '' : best.has(run) ? '*' : ' ');
  const value = (run: Row) => `${textOf(column, valueOf(run))}${name === 'status' ? lostSuffix(run) : mark(run)}`;
  return {
    ...{ title, value, importance },
    // No other text is cut.
    least: LEAST[name] ?? Infinity,
    ...(CUT_IN_THE_MIDDLE.has(name) && { cut: 'middle' as const }),
    ...(runs.some((run) => typeof valueOf(run) === 'number') && { align: 'right' as const }),
    paint: (text, run) => {
      if (best.has(run)) return palette.green(text);
      const status = name === 'use' ? String(valueOf(run)) : run.status;
      return name === 'status' || name === 'use' ? paintStatus(text, status, palette) : text;
    },
  };
};

/**
 * Runs as a table of these columns, with the best values marked; marks need the runs' records. On a narrow terminal the
 * name and the column that sorts stay longest, then those that stand first. Returns the titles of those that are left out.
 */
export const formatRuns = <Row extends Trained>(
  runs: readonly Row[],
  columns: readonly RunColumn<Row>[],
  sorted: Pick<RunColumn, 'name'> | undefined,
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): Generator<string, readonly string[]> => {
  const isFirst = ({ name }: Pick<RunColumn, 'name'>) => name === 'name' || name === sorted?.name;
  const all = columns.map((column, index) => {
    const importance = (isFirst(column) ? 2 : 1) * columns.length - index;
    return tableColumn(column, importance, runs, paletteOf(terminal));
  });
  return formatTable(all, runs, terminal);
};

export const hasMarks = <Row extends Trained>(runs: readonly Row[], columns: readonly RunColumn<Row>[]): boolean =>
  columns.some((column) => bestRuns(column, runs).length > 0);

/** Names of a kind that some of these runs have: `hp.epochCount`. */
const namesOf = (runs: readonly Trained[], kind: string): string[] =>
  kind === 'tag'
    ? runs.flatMap(({ tags }) => Object.keys(tags ?? {}))
    : runs.flatMap((run) => Object.keys(hyperParametersOf(run)));

/** A sentence for each hyperparameter and tag that no listed run has, with what may have been meant. */
export const absentColumns = <Row extends Trained>(
  runs: readonly Row[],
  columns: readonly RunColumn<Row>[],
  noun: string,
): string[] =>
  columns
    .filter(({ name, valueOf }) => /^(?:hp|tag)\./.test(name) && runs.every((run) => valueOf(run) === undefined))
    .map(({ name }) => {
      const dot = name.indexOf('.');
      const [kind, key] = [name.slice(0, dot), name.slice(dot + 1)];
      const known = [...new Set(namesOf(runs, kind))];
      const near = nearNames(key, known);
      const columnsOf = (keys: readonly string[]) => keys.map((each) => `${kind}.${each}`);
      const others = known.length === 0 ? '' : ` They have ${columnsOf(known.slice(0, MOST_NAMED)).join(', ')}.`;
      return `No listed ${noun} has ${name}.${near.length > 0 ? didYouMean(columnsOf(near)) : others}`;
    });
