import { runColumn, runGroup } from '../../../../domain/run.ts';
import type { JobsQuery, RunsQuery } from '../../../api.ts';
import { formatJobsQuery, parseJobsQuery, withoutFilters } from '../../logic/addresses.ts';
import { readStored, writeStored } from '../../api/stored.ts';

/** What the runs page shows: all of it is in its address. */
export interface RunsView {
  readonly query: JobsQuery;
  /** Location of the training data. */
  readonly data?: string;
  /** Chosen columns in their order; absent for the usual ones. */
  readonly columns?: readonly string[];
  /** A column; absent for the newest first. */
  readonly sort?: string;
  readonly descending?: true;
  readonly group?: string;
  readonly chart?: 'scatter' | 'parallel';
  /** The axes of the scatter plot, as columns. */
  readonly x?: string;
  readonly y?: string;
  /** What the chart shows: the selected runs, or a group by its value; absent for all that are loaded. */
  readonly of?: string;
}

/** More columns than this are not read by anyone, and an address has its limits. */
const MOST_COLUMNS = 40;
const LONGEST_MEMORY = 4000;
const MEMORY = 'runs';

const known = (value: string | null, find: (value: string) => unknown): string | undefined =>
  value !== null && find(value) !== undefined ? value : undefined;

/** The view of an address, without invalid members: an address may be old. */
export const parseRunsView = (search: string): RunsView => {
  const params = new URLSearchParams(search);
  const { sortBy: _, order: __, ...query } = parseJobsQuery(search);
  const columns = [...new Set(params.getAll('column'))].filter((name) => runColumn(name) !== undefined);
  const column = (name: string) => known(params.get(name), runColumn);
  const data = params.get('data')?.trim();
  const [sort, group, x, y, of] = [
    column('sort'),
    known(params.get('group'), runGroup),
    column('x'),
    column('y'),
    params.get('of'),
  ];
  const chart = (['scatter', 'parallel'] as const).find((each) => each === params.get('chart'));
  return {
    query,
    ...(data && { data }),
    ...(columns.length > 0 && { columns: columns.slice(0, MOST_COLUMNS) }),
    ...(sort !== undefined && { sort, ...(params.get('order') === 'descending' && { descending: true }) }),
    ...(group !== undefined && { group }),
    ...(chart !== undefined && { chart, ...(x && { x }), ...(y && { y }), ...(of && { of }) }),
  };
};

/** The query of the server's list. */
export const queryOf = ({ query, data }: RunsView): string => {
  const params = new URLSearchParams(formatJobsQuery(query));
  if (data !== undefined) params.set('data', data);
  return params.toString();
};

/** The view as the query of an address, in a fixed order. */
export const formatRunsView = (view: RunsView): string => {
  const params = new URLSearchParams(queryOf(view));
  for (const name of view.columns ?? []) params.append('column', name);
  const { sort, descending, group, chart, x, y, of } = view;
  const rest = { sort, order: sort !== undefined && descending ? 'descending' : undefined, group, chart };
  const axes = chart === undefined ? {} : { x, y, of };
  for (const [name, value] of Object.entries({ ...rest, ...axes })) if (value !== undefined) params.set(name, value);
  return params.toString();
};

export const runsPath = (view: RunsView): string => {
  const text = formatRunsView(view);
  return text === '' ? '/runs' : `/runs?${text}`;
};

/** The runs of a data set. */
export const dataPath = (data: RunsQuery['data']): string => runsPath({ query: {}, ...(data && { data }) });

/** The view without filters. */
export const withoutRunFilters = ({ data: _, query, ...view }: RunsView): RunsView => ({
  ...view,
  query: withoutFilters(query),
});

/** Keeps a view that a person chose. */
export const rememberView = (view: RunsView): void => {
  const text = formatRunsView(view);
  if (text.length <= LONGEST_MEMORY) writeStored(MEMORY, text);
};

/**
 * The view that an address means: without a query the one that was chosen last; with filters alone, such as a link to
 * the runs of a data set, its columns, order and groups.
 */
export const recallView = (search: string): RunsView => {
  const view = parseRunsView(search);
  const last = parseRunsView(readStored(MEMORY) ?? '');
  if (search === '') return last;
  const { columns, sort, group, chart } = view;
  if (columns ?? sort ?? group ?? chart) return view;
  const { query: _, data: __, chart: ___, x: ____, y: _____, of: ______, ...choice } = last;
  return { ...choice, ...view };
};
