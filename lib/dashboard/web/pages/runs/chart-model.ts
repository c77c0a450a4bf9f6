import { rankRuns, type RunColumn } from '../../../../domain/run.ts';
import type { RunDetails } from '../../../api.ts';
import { differs, scaleOf, type PlotAxis } from '../../charts/scale.ts';
import { formatCount } from '../../logic/format.ts';
import { columnChoices, columnLabel, columnsOf, formatValue } from './columns.ts';
import { marksOf, type RunGroupRows } from './rows.ts';
import type { RunsView } from './view.ts';

export type ChartRun = RunDetails & { readonly reward?: number };

export interface Axis extends PlotAxis {
  readonly column: RunColumn;
}

/** More runs cannot be told apart, and each is an element of the document. */
export const MOST_RUNS = 300;
const MOST_AXES = 8;
const MOST_GROUPS = 100;
export const SELECTED = 'selected';

/** What a chart is made of. */
export interface ChartSource {
  readonly view: RunsView;
  /** The columns of the table. */
  readonly columns: readonly RunColumn[];
  readonly groups: readonly RunGroupRows<ChartRun>[];
  readonly selected: ReadonlySet<string>;
}

export interface Chart {
  /** What may be shown: all runs, the selected ones, a group. */
  readonly scopes: readonly (readonly [of: string, label: string])[];
  /** Names of columns to choose from, and the chosen ones. */
  readonly settings: readonly string[];
  readonly results: readonly string[];
  readonly x?: Axis;
  readonly y?: Axis;
  /** The settings in which the runs differ, for parallel coordinates. */
  readonly axes: readonly Axis[];
  /** The runs that are drawn, the best first. */
  readonly runs: readonly ChartRun[];
  /** Runs that have the values, and runs of the scope. */
  readonly able: number;
  readonly all: number;
  /** What each best run is the best of. */
  readonly best: ReadonlyMap<ChartRun, string>;
  /** Sets of runs that compare with each other. */
  readonly sets: number;
}

const axisOf = (column: RunColumn, runs: readonly ChartRun[], ticks: number): Axis | undefined => {
  const scale = scaleOf(runs.map(column.valueOf), ticks);
  const format = (value: number | string) => formatValue(column.name, value);
  return scale && { column, scale, label: columnLabel(column.name), format };
};

const RESULTS = [
  'validation_loss',
  'training_loss',
  'reward',
  'validation_perplexity',
  'training_perplexity',
  'duration_s',
];

/** The results that some run has as a number. */
const resultsOf = (runs: readonly ChartRun[]): string[] =>
  columnsOf(RESULTS).flatMap(({ name, valueOf }) =>
    runs.some((run) => typeof valueOf(run) === 'number') ? [name] : [],
  );

/** A column that says how a run was set up, not what became of it. */
const isSetting = (name: string): boolean =>
  /^(hp|tag)\./.test(name) || ['model', 'data', 'type', 'validation_data', 'region', 'account'].includes(name);

/** What was set: hyperparameters, then what else the table shows. What differs comes first. */
const settingsOf = (runs: readonly ChartRun[], shown: readonly RunColumn[]): string[] => {
  const parameters = columnChoices(runs).find(({ title }) => title === 'Hyperparameters')?.names ?? [];
  const others = shown.map(({ name }) => name).filter(isSetting);
  const names = [...new Set([...parameters, ...others, 'model', 'data', 'type'])];
  const useful = columnsOf(names).filter(({ valueOf }) => scaleOf(runs.map(valueOf), 2) !== undefined);
  const isDifferent = ({ valueOf }: RunColumn) => differs(runs.map(valueOf));
  return [...useful.filter(isDifferent), ...useful.filter((column) => !isDifferent(column))].map(({ name }) => name);
};

const runsOf = ({ view: { of }, groups, selected }: ChartSource): readonly ChartRun[] => {
  const all = groups.flatMap(({ runs }) => runs);
  if (of === SELECTED && selected.size > 0) return all.filter(({ job_arn: arn }) => selected.has(arn));
  return groups.find(({ key }) => key === of && key !== '')?.runs ?? all;
};

const scopesOf = ({ groups, selected }: ChartSource): Chart['scopes'] => [
  [
    '',
    `All ${formatCount(
      groups.reduce((sum, { runs }) => sum + runs.length, 0),
      'loaded run',
    )}`,
  ],
  ...(selected.size > 0 ? [[SELECTED, `${selected.size} selected`] as const] : []),
  ...groups
    .slice(0, MOST_GROUPS)
    .flatMap(({ key, label, runs }) => (key === '' ? [] : [[key, `${label} (${runs.length})`] as const])),
];

/** The wanted column, or else the first that is offered. */
const pick = (wanted: string | undefined, offered: readonly string[]): RunColumn | undefined =>
  columnsOf([offered.find((name) => name === wanted) ?? offered[0] ?? ''])[0];

/** The chart that a view means. */
export const chartOf = (source: ChartSource): Chart => {
  const { view, columns } = source;
  const all = runsOf(source);
  const [settings, results] = [settingsOf(all, columns), resultsOf(all)];
  const [x, y] = [pick(view.x, settings), pick(view.y, results)];
  const isParallel = view.chart === 'parallel';
  const able = all.filter(
    (run) => typeof y?.valueOf(run) === 'number' && (isParallel || x?.valueOf(run) !== undefined),
  );
  const best = (y && (marksOf([y], all).get(y.name) as Chart['best'] | undefined)) ?? new Map<ChartRun, string>();
  const runs = [...able.filter((run) => best.has(run)), ...able.filter((run) => !best.has(run))].slice(0, MOST_RUNS);
  const axes = columnsOf(settings)
    .filter(({ valueOf }) => differs(runs.map(valueOf)))
    .flatMap((column) => axisOf(column, runs, 5) ?? []);
  const [xAxis, yAxis] = [x && axisOf(x, runs, 6), y && axisOf(y, runs, 6)];
  return {
    scopes: scopesOf(source),
    settings,
    results,
    ...(xAxis && { x: xAxis }),
    ...(yAxis && { y: yAxis }),
    axes: axes.slice(0, MOST_AXES),
    runs,
    able: able.length,
    all: all.length,
    best,
    sets: y === undefined ? 0 : rankRuns(y, all).length,
  };
};
