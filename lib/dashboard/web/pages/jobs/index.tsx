import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useMemo } from 'preact/hooks';
import type { JobsQuery } from '../../../api.ts';
import { useJobs } from '../../api/use-jobs.ts';
import {
  comparePath,
  filterCount,
  formatJobsQuery,
  jobsPath,
  parseJobsQuery,
  withoutFilters,
} from '../../logic/addresses.ts';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Filters } from './filters.tsx';
import { JobsTable } from './list.tsx';
import { SelectionBar, useListKeys, useSelection } from './selection.tsx';

const NoJobs = ({ query }: { readonly query: JobsQuery }): JSX.Element =>
  filterCount(query) > 0 ? (
    <Empty title="No matching jobs">
      <p>No job in the table matches all of these filters.</p>
      <a class="button" href={jobsPath(withoutFilters(query))}>
        Clear the filters
      </a>
    </Empty>
  ) : (
    <Empty title="No jobs yet">
      <p>A new job appears here within seconds. Older jobs appear with the first full sweep.</p>
    </Empty>
  );

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
  const { jobs = [], cursor, loading, problem, reload } = list;
  const isEmpty = jobs.length === 0 && cursor === undefined;
  return (
    <Page title="Jobs">
      <Filters query={query} jobs={jobs} onChange={change} />
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {!isEmpty ? (
        <JobsTable list={list} query={query} selection={selection} />
      ) : loading ? (
        <Skeleton lines={10} />
      ) : (
        problem === undefined && <NoJobs query={query} />
      )}
      <SelectionBar selection={selection} />
    </Page>
  );
};
