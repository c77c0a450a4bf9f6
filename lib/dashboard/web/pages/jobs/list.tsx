import { Component, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { JobSummary, JobsQuery } from '../../../api.ts';
import type { JobsList } from '../../api/use-jobs.ts';
import { readFailure } from '../../logic/failure.ts';
import { counted, formatLoss, modelName, shortModelName, typeLabel } from '../../logic/format.ts';
import { JobLink, Status } from '../../parts/job.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';
import type { Selection } from './selection.ts';

interface RowProps {
  readonly job: JobSummary;
  readonly selected: boolean;
  /** False where no further job can be chosen. */
  readonly selectable: boolean;
  readonly sortBy: 'creation_time' | 'last_modified_time';
  readonly onToggle: (jobArn: string) => void;
}

/** Its kind where that is known, else what Bedrock said; the whole is on the job's page. */
const reasonOf = (message: string | undefined): string | undefined =>
  message === undefined ? undefined : (readFailure(message).title ?? message);

/** One job of the list. Drawn anew only when something of it changed: thousands may be on the page. */
class JobRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { job, selected, selectable, sortBy } = this.props;
    return next.job !== job || next.selected !== selected || next.selectable !== selectable || next.sortBy !== sortBy;
  }

  override render({ job, selected, selectable, sortBy, onToggle }: RowProps): JSX.Element {
    const name = job.job_name ?? job.job_arn;
    const reason = reasonOf(job.failure_message);
    return (
      <div role="row" class={`job-row ${selected ? 'job-row-selected' : ''}`} data-arn={job.job_arn}>
        <span role="cell" class="job-select">
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={selected}
            disabled={!selectable && !selected}
            onChange={() => onToggle(job.job_arn)}
          />
        </span>
        <span role="cell" class="job-name">
          <JobLink job={job} />
          {reason !== undefined && (
            <span class="job-reason" title={job.failure_message}>
              {reason}
            </span>
          )}
        </span>
        <span role="cell" class="job-status">
          <Status job={job} />
        </span>
        <span role="cell" class="job-model" title={modelName(job.base_model_arn)}>
          {shortModelName(job.base_model_arn)}
        </span>
        <span role="cell" class="job-type muted">
          {typeLabel(job.customization_type)}
        </span>
        <span role="cell" class="job-region muted">
          {job.region}
        </span>
        <span role="cell" class="job-loss number">
          <span class="cell-label">Loss </span>
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

interface ListProps {
  readonly list: JobsList;
  readonly query: JobsQuery;
  readonly selection: Selection;
}

/** Reads on when its button comes near the window, or is pressed. */
const More = ({ list }: { readonly list: JobsList }): JSX.Element => {
  const button = useRef<HTMLButtonElement>(null);
  const more = useRef(list.more);
  more.current = list.more;
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
    // A page that does not fill the window leaves the button where it was: it is observed anew.
  }, [list.cursor]);
  return (
    <button ref={button} type="button" class="button jobs-more" disabled={list.loading} onClick={list.more}>
      {list.loading ? 'Loading…' : 'Load more'}
    </button>
  );
};

const HEADINGS = ['Job', 'Status', 'Base model', 'Type', 'Region', 'Training loss', 'Duration'] as const;

export const JobsTable = ({ list, query, selection }: ListProps): JSX.Element => {
  const jobs = list.jobs ?? [];
  const sortBy = list.sortedBy ?? query.sortBy ?? 'creation_time';
  return (
    <>
      <p class="sr-only" role="status">
        {list.loading
          ? ''
          : `${counted(jobs.length, 'job')} shown${list.cursor === undefined ? '' : ', there are more'}`}
      </p>
      <div
        class={`jobs ${list.stale ? 'jobs-stale' : ''}`}
        role="table"
        aria-label="Jobs"
        aria-busy={list.loading}
        aria-rowcount={list.cursor === undefined ? jobs.length + 1 : -1}
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
              selectable={!selection.full}
              onToggle={selection.toggle}
            />
          ))}
        </div>
      </div>
      <div class="jobs-end">
        {list.cursor !== undefined && <More list={list} />}
        <span class="muted">
          {counted(jobs.length, 'job')}
          {list.cursor === undefined ? '' : ' so far'}
        </span>
      </div>
    </>
  );
};
