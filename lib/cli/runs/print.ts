import { runColumn, type RunColumn, type Trained } from '../../domain/run.ts';
import type { Terminal } from '../context.ts';
import { visible } from '../output/values.ts';
import { isTime, type Sorting } from './columns.ts';

/** What a person asked for. */
interface Chosen {
  readonly columns?: readonly RunColumn[];
  readonly data?: string;
}

/** Columns where none were chosen: what a person compares, or the models of a data set. */
export const columnsOf = ({ columns, data }: Chosen, sorting: Sorting | undefined): readonly RunColumn[] => {
  if (columns !== undefined) return columns;
  const names =
    data === undefined
      ? ['name', 'status', 'model', 'created', 'duration_s', 'id']
      : ['name', 'status', 'output_model', 'validation_loss', 'created', ...(data.endsWith('/') ? ['data'] : [])];
  const chosen = names.flatMap((name) => runColumn(name) ?? []);
  const isShown = sorting === undefined || isTime(sorting.column) || names.includes(sorting.column.name);
  return isShown ? chosen : chosen.toSpliced(2, 0, sorting.column);
};

const LEGEND = '* best of the listed jobs that completed with the same model, type and data';

/** Prints runs as a table, and what is to be said about their columns. */
export const printRuns = async <Row extends Trained>(
  runs: readonly Row[],
  columns: readonly RunColumn<Row>[],
  sorting: Sorting<Pick<RunColumn, 'name'>> | undefined,
  terminal: Terminal,
  noun = 'job',
): Promise<void> => {
  if (runs.length === 0) return;
  const { absentColumns, formatRuns, hasMarks } = await import('./table.ts');
  const lines = formatRuns(runs, columns, sorting?.column, terminal);
  let next = lines.next();
  for (; next.done !== true; next = lines.next()) terminal.print(next.value);
  if (next.value.length > 0) terminal.tell(visible(`The terminal is too narrow for ${next.value.join(', ')}.`));
  if (hasMarks(runs, columns)) terminal.tell(LEGEND);
  for (const sentence of absentColumns(runs, columns, noun)) terminal.tell(visible(sentence));
};

/** What to read for a table of these columns: a value is marked as the best only by its record. */
export const withMarks = (columns: readonly RunColumn[], isJson: boolean): readonly RunColumn[] => {
  const data = runColumn('data');
  const isMarked = !isJson && data !== undefined && columns.some(({ better }) => better !== undefined);
  return isMarked ? [...columns, data] : columns;
};
