import {
  compareRuns,
  rankRuns,
  type Run,
  type RunColumn,
  runColumn,
  runGroup,
  type RunValue,
} from '../../../../domain/run.ts';
import { formatCount } from '../../logic/format.ts';
import { formatValue, groupLabel } from './columns.ts';
import type { RunsView } from './view.ts';

/** Why a value is the best: "Best of 6 runs of nova-lite on triage/train.jsonl". */
export type Marks = ReadonlyMap<string, ReadonlyMap<Run, string>>;

/** A column's values within a group, in a few words. */
export interface Spread {
  readonly text: string;
  /** Where all values of the group can be compared: the best one, and what it is the best of. */
  readonly best?: { readonly text: string; readonly among: string };
}

export interface RunGroupRows<R extends Run = Run> {
  /** Its value for addresses: `=<value>`, or `none` for runs without one. */
  readonly key: string;
  readonly label: string;
  readonly runs: readonly R[];
}

/** The runs in their order, each value computed once. */
export const sortRuns = <R extends Run>(
  runs: readonly R[],
  { sort, descending }: Pick<RunsView, 'sort' | 'descending'>,
): readonly R[] => {
  const column = sort === undefined ? undefined : runColumn(sort);
  if (column === undefined) return runs;
  const values = new Map<Run, RunValue>(runs.map((run) => [run, column.valueOf(run)]));
  return runs.toSorted(
    compareRuns({ ...column, valueOf: (run) => values.get(run) }, descending === true ? 'descending' : 'ascending'),
  );
};

/** The runs by what they are grouped by. The group of the first run comes first, so the best group is on top. */
export const groupRuns = <R extends Run>(runs: readonly R[], by: string | undefined): RunGroupRows<R>[] => {
  const column = by === undefined ? undefined : runGroup(by);
  if (by === undefined || column === undefined) return [{ key: '', label: '', runs }];
  return [...Map.groupBy(runs, column.valueOf)].map(([value, grouped]) => ({
    key: value === undefined ? 'none' : `=${value}`,
    label: value === undefined ? `No ${groupLabel(by).toLowerCase()}` : formatValue(column.name, value) || '(empty)',
    runs: grouped,
  }));
};

/** What a value is the best of. */
const among = ({ on }: RunColumn, runs: readonly Run[]): string => {
  const [first] = runs;
  if (first === undefined) return '';
  const data = formatValue(on?.(first)?.includes(', ') === true ? 'validation_data' : 'data', on?.(first));
  const model = runColumn('model')?.valueOf(first);
  return `Best of ${formatCount(runs.length, 'completed run')} of ${formatValue('model', model)} on ${data}`;
};

/** The best runs of each column, among like runs of the group. */
export const marksOf = (columns: readonly RunColumn[], runs: readonly Run[]): Marks =>
  new Map(
    columns.map((column) => [
      column.name,
      new Map(
        rankRuns(column, runs).flatMap(({ best, runs: alike }) =>
          best.map((run) => [run, among(column, alike)] as const),
        ),
      ),
    ]),
  );

const MOST_TEXTS = 2;

/** The spread of a column over a group: its range; its one text, or how many there are; the best where all compare. */
export const spreadOf = (column: RunColumn, runs: readonly Run[]): Spread => {
  const values = runs.map(column.valueOf).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  const show = (value: RunValue) => formatValue(column.name, value);
  const texts = [...new Set(values.map(show))];
  if (numbers.length === 0 || numbers.length < values.length) {
    return { text: texts.length <= MOST_TEXTS ? texts.join(', ') : `${texts.length} values` };
  }
  const [lowest, highest] = numbers.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const text = show(lowest) === show(highest) ? show(lowest) : `${show(lowest)} – ${show(highest)}`;
  const ranked = rankRuns(column, runs);
  const [only] = ranked;
  const [winner] = only?.best ?? [];
  if (ranked.length !== 1 || only === undefined || winner === undefined) return { text };
  return { text, best: { text: show(column.valueOf(winner)), among: among(column, only.runs) } };
};

/** The rows of a page: groups with their runs, without those of folded groups. */
export type Row<R extends Run = Run> =
  { readonly group: RunGroupRows<R>; readonly run?: undefined } | { readonly group: RunGroupRows<R>; readonly run: R };

export const rowsOf = <R extends Run>(
  groups: readonly RunGroupRows<R>[],
  isGrouped: boolean,
  folded: ReadonlySet<string>,
): Row<R>[] =>
  groups.flatMap((group): Row<R>[] => [
    ...(isGrouped ? [{ group }] : []),
    ...(isGrouped && folded.has(group.key) ? [] : group.runs.map((run) => ({ group, run }))),
  ]);

/** One page of rows. A group that begins on an earlier page is named again. */
export const pageOf = <R extends Run>(rows: readonly Row<R>[], page: number, size: number): Row<R>[] => {
  const shown = rows.slice(page * size, (page + 1) * size);
  const [first] = shown;
  const isGrouped = rows[0] !== undefined && rows[0].run === undefined;
  return first?.run !== undefined && isGrouped ? [{ group: first.group }, ...shown] : shown;
};
