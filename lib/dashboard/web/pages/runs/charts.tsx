import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Parallel } from '../../charts/parallel.tsx';
import { Scatter } from '../../charts/scatter.tsx';
import { formatCount } from '../../logic/format.ts';
import { Best, Chip, Choice, Table } from '../../parts/controls.tsx';
import { JobLink, nameOf } from '../../parts/job.tsx';
import { Card } from '../../parts/page.tsx';
import { type Axis, type Chart, chartOf, type ChartRun, type ChartSource, MOST_RUNS } from './chart-model.ts';
import { columnLabel, formatValue } from './columns.ts';
import type { RunsView } from './view.ts';

/** A chart whose axes are known. */
type Drawable = Chart & { readonly shown: readonly Axis[]; readonly y: Axis };

const wordsOf = (run: ChartRun, axes: readonly Axis[]): string =>
  axes.map(({ column, label }) => `${label} ${formatValue(column.name, column.valueOf(run))}`).join(', ');

const MOST_NAMED = 3;

/** The chart in words. */
const describe = ({ runs, best, shown }: Drawable): string => {
  const winners = [...best].slice(0, MOST_NAMED).map(([run, of]) => `${nameOf(run)} (${wordsOf(run, shown)}): ${of}.`);
  const what = shown.map(({ label }) => label).join(', ');
  return [`${what} of ${formatCount(runs.length, 'run')}.`, ...winners].join(' ');
};

const plotted = (run: ChartRun, { best, shown }: Drawable) => {
  const of = best.get(run);
  return {
    job_arn: run.job_arn,
    ...(run.job_name !== undefined && { job_name: run.job_name }),
    words: wordsOf(run, shown),
    ...(of !== undefined && { best: of }),
    at: shown.map(({ column, scale }) => scale.at(column.valueOf(run))),
  };
};

const Drawing = ({ chart, isParallel }: { readonly chart: Drawable; readonly isParallel: boolean }): JSX.Element => {
  const { runs, x, y, shown } = chart;
  const points = runs.map((run) => plotted(run, chart));
  const byPlace = (axis: number) => (a: (typeof points)[number], b: (typeof points)[number]) =>
    (a.at.at(axis) ?? 0) - (b.at.at(axis) ?? 0);
  if (isParallel || x === undefined) {
    return <Parallel label={describe(chart)} axes={shown} runs={points.sort(byPlace(-1))} />;
  }
  const placed = points.sort(byPlace(0)).map((point) => ({ ...point, x: point.at[0] ?? 0, y: point.at[1] ?? 0 }));
  return <Scatter label={describe(chart)} x={x} y={y} runs={placed} />;
};

/** The values of the chart. */
const ChartTable = ({ chart: { runs, best, shown } }: { readonly chart: Drawable }): JSX.Element => (
  <Table
    label="Values of the chart"
    class="loss-table"
    columns={['Job', ...shown.map(({ label }) => [label, 'right'] as const)]}
  >
    {runs.map((run) => (
      <tr key={run.job_arn}>
        <th scope="row">
          {best.has(run) && <Best title={best.get(run) ?? 'Best'} />}
          <JobLink job={run} />
        </th>
        {shown.map(({ column }) => (
          <td key={column.name} class="right number">
            {formatValue(column.name, column.valueOf(run))}
          </td>
        ))}
      </tr>
    ))}
  </Table>
);

/** What the chart does not show, and what it shows too much of. */
const Notes = ({ chart: { all, able, runs, sets } }: { readonly chart: Chart }): JSX.Element => (
  <p class="muted small">
    {all > able && `${formatCount(all - able, 'run')} without these values. `}
    {able > runs.length && `The best and the first ${MOST_RUNS} of ${able.toLocaleString('en')} are drawn. `}
    {sets > 1 &&
      `These runs are of ${sets} models or data sets, each with a best run: choose a group to compare like with like.`}
  </p>
);

const KINDS = [
  ['scatter', 'Scatter'],
  ['parallel', 'Parallel coordinates'],
] as const;

interface ToolsProps {
  readonly view: RunsView;
  readonly chart: Chart;
  readonly onChange: (view: RunsView) => void;
}

const Tools = ({ view, chart, onChange }: ToolsProps): JSX.Element => {
  const { scopes, settings, results, x, y } = chart;
  const { of, ...rest } = view;
  const named = (names: readonly string[]) => names.map((name) => [name, columnLabel(name)] as const);
  const isParallel = view.chart === 'parallel';
  return (
    <>
      <div class="chips" role="group" aria-label="Kind of chart">
        {KINDS.map(([kind, label]) => (
          <Chip key={kind} on={view.chart === kind} onChange={() => onChange({ ...view, chart: kind })}>
            {label}
          </Chip>
        ))}
      </div>
      <Choice
        label="Runs"
        value={scopes.find(([scope]) => scope === of)?.[0] ?? ''}
        options={scopes}
        onChange={(next) => onChange(next === '' ? rest : { ...rest, of: next })}
      />
      {!isParallel && (
        <Choice
          label="X axis"
          value={x?.column.name}
          options={named(settings)}
          onChange={(name) => onChange({ ...view, x: name })}
        />
      )}
      <Choice
        label={isParallel ? 'Result' : 'Y axis'}
        value={y?.column.name}
        options={named(results)}
        onChange={(name) => onChange({ ...view, y: name })}
      />
    </>
  );
};

/** Settings against results. */
export const RunCharts = ({ onChange, ...source }: ChartSource & Pick<ToolsProps, 'onChange'>): JSX.Element => {
  const { view, columns, groups, selected } = source;
  const [asTable, setAsTable] = useState(false);
  const chart = useMemo(() => chartOf(source), [view, columns, groups, selected]);
  const { x, y, axes, runs } = chart;
  const isParallel = view.chart === 'parallel';
  const shown = y === undefined ? [] : isParallel ? [...axes, y] : x === undefined ? [] : [x, y];
  const drawable = y !== undefined && shown.length > 1 && runs.length > 0 ? { ...chart, y, shown } : undefined;
  return (
    <Card title="Charts" id="charts">
      <div class="flow plot-tools">
        <Tools view={view} chart={chart} onChange={onChange} />
        <Chip on={asTable} onChange={setAsTable}>
          As a table
        </Chip>
      </div>
      {drawable === undefined ? (
        <p class="muted">
          {y === undefined ? 'None of these runs has a result yet.' : 'These runs do not differ in any setting.'}
        </p>
      ) : asTable ? (
        <ChartTable chart={drawable} />
      ) : (
        <Drawing chart={drawable} isParallel={isParallel} />
      )}
      <Notes chart={chart} />
    </Card>
  );
};
