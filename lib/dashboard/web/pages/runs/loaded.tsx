/** What the page says about what is loaded: how far the table was read, the models of a data set, pages of rows. */
import type { JSX } from 'preact';
import type { RunDetails } from '../../../api.ts';
import type { JobsList } from '../../api/use-list.ts';
import { filterCount } from '../../logic/addresses.ts';
import { formatCount } from '../../logic/format.ts';
import { ROWS } from '../../parts/controls.tsx';
import { JobLink } from '../../parts/job.tsx';
import { Button, Empty, Skeleton } from '../../parts/page.tsx';
import { rememberView, runsPath, withoutRunFilters, type RunsView } from './view.ts';

const STEP = 1000;
/** What a browser sorts without a pause. */
const MOST = 100_000;

export interface LoadedProps {
  readonly list: JobsList<RunDetails>;
  readonly view: RunsView;
}

/** How far the table is read: what is sorted and what is the best depends on it. */
export const Loaded = ({ list, view }: LoadedProps): JSX.Element => {
  const { jobs, read, cursor, loading, loadTo, stop } = list;
  const hasMore = cursor !== undefined;
  const ofData = view.data === undefined ? '' : ` on this data set, among ${formatCount(read, 'job')} read`;
  return (
    <div class="flow end">
      <span role="status">
        {formatCount(jobs.length, 'run')}
        {ofData}
        {hasMore ? ' so far, newest first. Order, groups and best values are among these.' : '.'}
      </span>
      {loading ? (
        <Button class="link-button" onClick={stop}>
          Stop loading
        </Button>
      ) : (
        hasMore &&
        read < MOST && (
          <>
            <Button class="link-button" onClick={() => loadTo(read + STEP)}>
              Load {STEP.toLocaleString('en')} more
            </Button>
            <Button class="link-button" onClick={() => loadTo(MOST)}>
              Load all
            </Button>
          </>
        )
      )}
    </div>
  );
};

/** The models that were made from the data set. */
export const Models = ({ jobs }: { readonly jobs: readonly RunDetails[] }): JSX.Element => {
  const made = jobs.filter(({ output_model_arn: arn }) => arn !== undefined);
  return (
    <details class="card runs-models" open={made.length <= 10}>
      <summary class="strong">{formatCount(made.length, 'model')} made from this data set</summary>
      <ul>
        {made.slice(0, ROWS).map((run) => (
          <li key={run.job_arn}>
            <span title={run.output_model_arn}>{run.output_model_name ?? run.output_model_arn}</span>{' '}
            <span class="muted">by</span> <JobLink job={run} />
          </li>
        ))}
      </ul>
      {made.length > ROWS && <p class="muted">The newest {ROWS} show.</p>}
    </details>
  );
};

const NoRuns = ({ view, list }: LoadedProps): JSX.Element =>
  filterCount(view.query) > 0 || view.data !== undefined ? (
    <Empty title={list.cursor === undefined ? 'No matching runs' : 'No matching runs so far'}>
      <p>None of the {formatCount(list.read, 'job')} that were read matches all of these filters.</p>
      <a class="button" href={runsPath(withoutRunFilters(view))} onClick={() => rememberView(withoutRunFilters(view))}>
        Clear the filters
      </a>
    </Empty>
  ) : (
    <Empty title="No runs yet">
      <p>A new job appears here within seconds. Older jobs appear with the first full sweep.</p>
    </Empty>
  );

/** While nothing is loaded, or matches. */
export const Nothing = ({ list, view }: LoadedProps): JSX.Element => (
  <>
    {list.problem === undefined &&
      (list.loading || !list.isLoaded ? <Skeleton lines={10} /> : <NoRuns view={view} list={list} />)}
    {list.isLoaded && list.cursor !== undefined && <Loaded list={list} view={view} />}
  </>
);
