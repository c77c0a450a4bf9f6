import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useMemo } from 'preact/hooks';
import type { JobsQuery } from '../../../api.ts';
import { useJobs, type JobsList } from '../../api/use-jobs.ts';
import {
  comparePath,
  filterCount,
  formatJobsQuery,
  jobsPath,
  parseJobsQuery,
  withoutFilters,
} from '../../logic/addresses.ts';
import { counted } from '../../logic/format.ts';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Filters } from './filters.tsx';
import { JobsTable } from './list.tsx';
import { type Selection, useListKeys, useSelection } from './selection.ts';

const NoJobs = ({ query }: { readonly query: JobsQuery }): JSX.Element =>
  filterCount(query) > 0 ? (
    <Empty title="No job matches">
      <p>Nothing in the table fits all of these filters.</p>
      <a class="button" href={jobsPath(withoutFilters(query))}>
        Clear the filters
      </a>
    </Empty>
  ) : (
    <Empty title="No job yet">
      <p>A job appears here seconds after it was created, and those of before with the first full sweep.</p>
    </Empty>
  );

const Results = ({
  list,
  query,
  selection,
}: {
  readonly list: JobsList;
  readonly query: JobsQuery;
  readonly selection: Selection;
}): JSX.Element | null => {
  if (list.jobs === undefined) return list.loading ? <Skeleton lines={10} /> : null;
  if (list.jobs.length === 0 && list.cursor === undefined) {
    return list.loading ? <Skeleton lines={10} /> : list.problem === undefined ? <NoJobs query={query} /> : null;
  }
  return <JobsTable list={list} query={query} selection={selection} />;
};

const SelectionBar = ({ selection }: { readonly selection: Selection }): JSX.Element | null => {
  const { chosen, full, clear } = selection;
  if (chosen.size === 0) return null;
  return (
    <div class="selection-bar" role="group" aria-label="Selected jobs">
      <span>
        {counted(chosen.size, 'job')} selected{full ? ', as many as fit' : ''}
      </span>
      <button type="button" class="link-button" onClick={clear}>
        Clear
      </button>
      {chosen.size < 2 ? (
        <span class="muted">Select another to compare</span>
      ) : (
        <a class="button button-primary" href={comparePath([...chosen])}>
          Compare
        </a>
      )}
    </div>
  );
};

export const JobsPage = (): JSX.Element => {
  const { url, route } = useLocation();
  const search = url.split('#')[0]?.split('?')[1] ?? '';
  const query = useMemo(() => parseJobsQuery(search), [search]);
  const list = useJobs(formatJobsQuery(query));
  const selection = useSelection();
  const change = useCallback((next: JobsQuery, replace = false) => route(jobsPath(next), replace), [route]);
  useListKeys({
    toggle: selection.toggle,
    compare: () => {
      if (selection.chosen.size >= 2) route(comparePath([...selection.chosen]));
    },
  });
  return (
    <Page title="Jobs">
      <Filters query={query} jobs={list.jobs ?? []} onChange={change} />
      {list.problem !== undefined && <Problem problem={list.problem} retry={list.reload} />}
      <Results list={list} query={query} selection={selection} />
      <SelectionBar selection={selection} />
    </Page>
  );
};
