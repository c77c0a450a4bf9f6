import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { JobsQuery, JobSummary } from '../../../api.ts';
import { API } from '../../api/http.ts';
import { useList, type ListSource } from '../../api/use-list.ts';
import { filterCount, formatJobsQuery, jobsPath, parseJobsQuery, withoutFilters } from '../../logic/addresses.ts';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Filters } from './filters.tsx';
import { JobsTable } from './list.tsx';
import { SelectionBar, useListKeys, useSelection } from './selection.tsx';

const JOBS: ListSource = { path: API.jobs, page: 50 };

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
  const list = useList<JobSummary>(JOBS, formatJobsQuery(query));
  // The rows of the previous query stay until the first of this one come.
  const shown = useRef(list);
  if (list.isLoaded) shown.current = list;
  const selection = useSelection();
  const change = useCallback((next: JobsQuery, replace = false) => route(jobsPath(next), replace), [route]);
  useListKeys(selection);
  const { loading, problem } = list;
  const { jobs, cursor } = shown.current;
  const isEmpty = jobs.length === 0 && cursor === undefined;
  return (
    <Page title="Jobs">
      <Filters query={query} jobs={jobs} onChange={change} />
      {problem !== undefined && <Problem problem={problem} retry={() => list.loadTo(list.read + 1)} />}
      {!isEmpty ? (
        <JobsTable
          list={{ ...shown.current, loading, loadTo: list.loadTo }}
          stale={!list.isLoaded}
          query={query}
          selection={selection}
        />
      ) : loading ? (
        <Skeleton lines={10} />
      ) : (
        problem === undefined && <NoJobs query={query} />
      )}
      <SelectionBar selection={selection} />
    </Page>
  );
};
