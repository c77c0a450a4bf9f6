import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { trainingDataOf } from '../../../../domain/run.ts';
import type { JobsQuery, RunDetails } from '../../../api.ts';
import { API } from '../../api/http.ts';
import { useList, type ListSource } from '../../api/use-list.ts';
import { formatCount } from '../../logic/format.ts';
import { Pager, ROWS } from '../../parts/controls.tsx';
import { Button, Page, Problem } from '../../parts/page.tsx';
import { Filters } from '../jobs/filters.tsx';
import { SelectionBar, useListKeys, useSelection, type Selection } from '../jobs/selection.tsx';
import { SELECTED } from './chart-model.ts';
import { RunCharts } from './charts.tsx';
import { columnsOf, usualColumns } from './columns.ts';
import { ChartsButton, ColumnsChoice, DataField, GroupChoice } from './controls.tsx';
import { Loaded, Models, Nothing, type LoadedProps } from './loaded.tsx';
import { groupRuns, marksOf, pageOf, rowsOf, sortRuns } from './rows.ts';
import { RunsTable } from './table.tsx';
import { RewardsNote, useRewards } from './use-rewards.tsx';
import { formatRunsView, queryOf, recallView, rememberView, runsPath, type RunsView } from './view.ts';
import './runs.css';

const RUNS: ListSource = { path: API.runs, page: 200 };
/** One answer of the server. */
const FIRST = 200;
/** Few of the jobs that are read have the asked data: some seconds' worth. */
const FIRST_OF_DATA = 5000;

/** The view of the address. Each change goes there, and is remembered. */
const useView = (): readonly [view: RunsView, change: (view: RunsView, replace?: boolean) => void] => {
  const { url, path, route } = useLocation();
  const search = url.split('#')[0]?.split('?')[1] ?? '';
  const view = useMemo(() => recallView(search), [search]);
  useEffect(() => {
    // The address says what the page shows, also where the browser remembered it. On its way out the page sees the next one.
    if (path === '/runs' && formatRunsView(view) !== search) route(runsPath(view), true);
  }, [view, path, search, route]);
  const change = (next: RunsView, replace = false) => {
    rememberView(next);
    route(runsPath(next), replace);
  };
  return [view, change];
};

/** The runs as the view sorts and groups them. */
const useTable = (view: RunsView, jobs: readonly RunDetails[]) => {
  const { columns: chosen, sort, descending, group } = view;
  const names = useMemo(() => chosen ?? usualColumns(jobs), [chosen, jobs]);
  const columns = useMemo(() => columnsOf(names), [names]);
  const sorted = useMemo(() => sortRuns(jobs, view), [jobs, sort, descending]);
  const groups = useMemo(() => groupRuns(sorted, group), [sorted, group]);
  const marks = useMemo(() => new Map(groups.map(({ key, runs }) => [key, marksOf(columns, runs)])), [groups, columns]);
  return { names, columns, groups, marks };
};

const NONE: ReadonlySet<string> = new Set();

/** Which groups are folded. */
const useFolded = () => {
  const [folded, setFolded] = useState(NONE);
  const fold = (key: string) => {
    const next = new Set(folded);
    if (!next.delete(key)) next.add(key);
    setFolded(next);
  };
  const foldAll = (keys: readonly string[]) => setFolded(folded.size > 0 ? NONE : new Set(keys));
  return { folded, fold, foldAll };
};

interface ContentProps extends LoadedProps {
  readonly selection: Selection;
  readonly change: (view: RunsView, replace?: boolean) => void;
  /** Shows these runs in the chart. */
  readonly chart: (of: string) => void;
}

/** The tools, the chart and the table. */
const Content = ({ list, view, selection, change, chart }: ContentProps): JSX.Element => {
  const [page, setPage] = useState(0);
  const { folded, fold, foldAll } = useFolded();
  const rewards = useRewards(list.jobs);
  const { names, columns, groups, marks } = useTable(view, rewards.runs);
  const isGrouped = view.group !== undefined;
  const rows = useMemo(() => rowsOf(groups, isGrouped, folded), [groups, isGrouped, folded]);
  const at = Math.min(page, Math.max(0, Math.ceil(rows.length / ROWS) - 1));
  const shown = pageOf(rows, at, ROWS);
  const visible = shown.flatMap(({ run }) => run ?? []);
  const needsRewards = [...names, view.sort, view.y].includes('reward');
  useEffect(
    () => rewards.read(needsRewards ? visible : []),
    [needsRewards, visible.map(({ job_arn: arn }) => arn).join(' ')],
  );
  useEffect(() => setPage(0), [view.sort, view.descending, view.group, queryOf(view)]);
  const sort = (by: string | undefined, descending: boolean) => {
    const { sort: _, descending: __, ...rest } = view;
    change({ ...rest, ...(by !== undefined && { sort: by, ...(descending && { descending }) }) });
  };
  return (
    <>
      <div class="flow runs-tools">
        <GroupChoice view={view} runs={list.jobs} onChange={change} />
        <ColumnsChoice view={view} runs={list.jobs} shown={names} onChange={change} />
        <ChartsButton view={view} onChange={change} />
        {isGrouped && groups.length > 1 && (
          <Button class="link-button" onClick={() => foldAll(groups.map(({ key }) => key))}>
            {folded.size > 0 ? 'Unfold all' : `Fold ${formatCount(groups.length, 'group')}`}
          </Button>
        )}
        <Loaded list={list} view={view} />
      </div>
      {view.data !== undefined && <Models jobs={list.jobs} />}
      {view.chart !== undefined && (
        <RunCharts
          view={view}
          columns={columns}
          groups={groups}
          selected={selection.chosen}
          onChange={(next) => change(next, true)}
        />
      )}
      {needsRewards && <RewardsNote rewards={rewards} />}
      <RunsTable
        view={view}
        columns={columns}
        rows={shown}
        marks={marks}
        folded={folded}
        selection={selection}
        onSort={sort}
        onFold={fold}
        onChart={chart}
      />
      <Pager page={at} rows={rows.length} onPage={setPage} />
    </>
  );
};

export const RunsPage = (): JSX.Element => {
  const [view, change] = useView();
  const list = useList<RunDetails>(RUNS, queryOf(view), view.data === undefined ? FIRST : FIRST_OF_DATA);
  const selection = useSelection();
  useListKeys(selection);
  const locations = useMemo(() => [...new Set(list.jobs.flatMap((run) => trainingDataOf(run) ?? []))], [list.jobs]);
  const filter = (query: JobsQuery, replace?: boolean) => {
    const { sortBy: _, order: __, ...filters } = query;
    change({ ...view, query: filters }, replace);
  };
  const { data, ...withoutData } = view;
  const chart = (of: string) => change({ ...view, chart: view.chart ?? 'scatter', of });
  return (
    <Page title={data === undefined ? 'Runs' : 'Runs of a data set'}>
      <Filters query={view.query} jobs={list.jobs} isLoaded={list.isLoaded} onChange={filter}>
        <DataField
          data={data}
          known={locations}
          onChange={(next) => change({ ...withoutData, ...(next !== undefined && { data: next }) })}
        />
      </Filters>
      {list.problem !== undefined && <Problem problem={list.problem} retry={() => list.loadTo(list.read + 1)} />}
      {list.jobs.length > 0 ? (
        <Content list={list} view={view} selection={selection} change={change} chart={chart} />
      ) : (
        <Nothing list={list} view={view} />
      )}
      <SelectionBar selection={selection}>
        <Button onClick={() => chart(SELECTED)}>Chart</Button>
      </SelectionBar>
    </Page>
  );
};
