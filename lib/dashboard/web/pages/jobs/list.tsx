import { Component, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { diagnose } from '../../../../domain/failure/index.ts';
import type { JobsQuery, JobSummary } from '../../../api.ts';
import type { JobsList } from '../../api/use-list.ts';
import { formatCount, formatLoss, modelName, shortModelName, typeLabel } from '../../logic/format.ts';
import { JobLink, nameOf, Status } from '../../parts/job.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';
import type { Selection } from './selection.tsx';

interface RowProps {
  readonly job: JobSummary;
  readonly selected: boolean;
  /** False once the selection is full. */
  readonly selectable: boolean;
  readonly sortBy: 'creation_time' | 'last_modified_time';
  readonly onToggle: (jobArn: string) => void;
}

/** One job. Redrawn only when it changes: the page may hold thousands. */
class JobRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { job, selected, selectable, sortBy } = this.props;
    return next.job !== job || next.selected !== selected || next.selectable !== selectable || next.sortBy !== sortBy;
  }

  override render({ job, selected, selectable, sortBy, onToggle }: RowProps): JSX.Element {
    const message = job.failure_message;
    return (
      <div role="row" class={`job-row ${selected ? 'job-row-selected' : ''}`} data-arn={job.job_arn}>
        <span role="cell" class="job-select">
          <input
            type="checkbox"
            aria-label={`Select ${nameOf(job)}`}
            checked={selected}
            disabled={!selectable && !selected}
            onChange={() => onToggle(job.job_arn)}
          />
        </span>
        <span role="cell" class="job-name">
          <JobLink job={job} />
          {message !== undefined && (
            <span class="job-reason muted small truncate" title={message}>
              {diagnose(message)?.title ?? message}
            </span>
          )}
        </span>
        <span role="cell" class="job-status">
          <Status job={job} />
        </span>
        <span role="cell" class="job-model truncate" title={modelName(job.base_model_arn)}>
          {shortModelName(job.base_model_arn)}
        </span>
        <span role="cell" class="job-type muted truncate">
          {typeLabel(job.customization_type)}
        </span>
        <span role="cell" class="job-region muted truncate">
          {job.region}
        </span>
        <span role="cell" class="job-loss number">
          {formatLoss(job.training_metrics?.training_loss)}
        </span>
        <span role="cell" class="job-time">
          <Elapsed job={job} />
        </span>
        <span role="cell" class="job-created muted">
          <Ago time={job[sortBy]} />
        </span>
      </div>
    );
  }
}

/** Loads the next page when the button comes near the window, or is pressed. */
const More = ({ list }: { readonly list: JobsList<JobSummary> }): JSX.Element => {
  const button = useRef<HTMLButtonElement>(null);
  const load = () => {
    if (!list.loading) list.loadTo(list.read + 1);
  };
  const more = useRef(load);
  more.current = load;
  useEffect(() => {
    if (button.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) more.current();
      },
      { rootMargin: '300px' },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
    // A page that does not fill the window does not move the button, so a new observer is needed.
  }, [list.cursor]);
  return (
    <button ref={button} type="button" class="button jobs-more" disabled={list.loading} onClick={load}>
      {list.loading ? 'Loading…' : 'Load more'}
    </button>
  );
};

const HEADINGS = ['Job', 'Status', 'Base model', 'Type', 'Region', 'Training loss', 'Duration'] as const;

interface ListProps {
  readonly list: JobsList<JobSummary>;
  /** True while the rows are of the previous query. */
  readonly stale: boolean;
  readonly query: JobsQuery;
  readonly selection: Selection;
}

export const JobsTable = ({ list, stale, query, selection }: ListProps): JSX.Element => {
  const { jobs, loading, cursor } = list;
  const sortBy = list.sortedBy ?? query.sortBy ?? 'creation_time';
  const hasMore = cursor !== undefined;
  const count = formatCount(jobs.length, 'job');
  return (
    <>
      <p class="sr-only" role="status">
        {!loading && `${count} loaded${hasMore ? '; there are more' : ''}`}
      </p>
      <div
        class={`jobs ${stale ? 'jobs-stale' : ''}`}
        role="table"
        aria-label="Jobs"
        aria-busy={loading}
        aria-rowcount={hasMore ? -1 : jobs.length + 1}
      >
        <div role="rowgroup">
          <div role="row" class="job-row job-head">
            <span role="columnheader" class="job-select">
              <span class="sr-only">Select</span>
            </span>
            {HEADINGS.map((heading) => (
              <span key={heading} role="columnheader">
                {heading}
              </span>
            ))}
            <span role="columnheader" class="job-created">
              {sortBy === 'creation_time' ? 'Created' : 'Changed'}
            </span>
          </div>
        </div>
        <div role="rowgroup">
          {jobs.map((job) => (
            <JobRow
              key={job.job_arn}
              job={job}
              sortBy={sortBy}
              selected={selection.chosen.has(job.job_arn)}
              selectable={!selection.isFull}
              onToggle={selection.toggle}
            />
          ))}
        </div>
      </div>
      <div class="flow list-end">
        {hasMore && <More list={list} />}
        <span class="muted">{hasMore ? `${count} so far` : count}</span>
      </div>
    </>
  );
};
