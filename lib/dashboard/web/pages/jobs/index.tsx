import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useMemo } from 'preact/hooks';
import type { JobsQuery } from '../../../api.ts';
import { useOverview } from '../../api/hooks.ts';
import { useJobs } from '../../api/use-jobs.ts';
import {
  comparePath,
  filterCount,
  formatJobsQuery,
  jobsPath,
  parseJobsQuery,
  withoutFilters,
} from '../../logic/addresses.ts';
import { modelName } from '../../logic/format.ts';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Filters } from './filters.tsx';
import { JobsTable } from './list.tsx';
import { SelectionBar, useListKeys, useSelection } from './selection.tsx';

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
