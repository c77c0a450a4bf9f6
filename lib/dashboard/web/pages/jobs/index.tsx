import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { JobsQuery, JobSummary } from '../../../api.ts';
import { useOverview } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { useList, type ListSource } from '../../api/use-list.ts';
import { filterCount, formatJobsQuery, jobsPath, parseJobsQuery, withoutFilters } from '../../logic/addresses.ts';
import { modelName } from '../../logic/format.ts';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Filters } from './filters.tsx';
import { JobsTable } from './list.tsx';
import { SelectionBar, useListKeys, useSelection } from './selection.tsx';

const JOBS: ListSource = { path: API.jobs, page: 50 };

/** Other models whose id has the one that the address names in it: an address may have been written by hand. */
const useNearModels = (baseModel: string | undefined): readonly string[] => {
  const models = useOverview().value?.models ?? [];
  if (baseModel === undefined) return [];
  const near = models
    .map(({ baseModelArn }) => baseModelArn)
    .filter((arn) => modelName(arn).includes(modelName(baseModel)));
  return [...new Set(near)].filter((arn) => arn !== baseModel);
};

const NoMatches = ({ query }: { readonly query: JobsQuery }): JSX.Element => {
  const near = useNearModels(query.baseModel);
  return (
    <Empty title="No matching jobs">
      <p>No job in the table matches all of these filters.</p>
      {near.length > 0 && (
        <p>
          Models with a similar id:{' '}
          {near.map((baseModel) => (
            <a key={baseModel} class="chip" href={jobsPath({ ...query, baseModel })} title={baseModel}>
              {modelName(baseModel)}
            </a>
          ))}
        </p>
      )}
      <a class="button" href={jobsPath(withoutFilters(query))}>
        Clear the filters
      </a>
    </Empty>
  );
};

const NoJobs = ({ query }: { readonly query: JobsQuery }): JSX.Element =>
  filterCount(query) > 0 ? (
    <NoMatches query={query} />
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
