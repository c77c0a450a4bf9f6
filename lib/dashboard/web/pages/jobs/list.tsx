import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { JobsQuery } from '../../../api.ts';
import type { JobsList } from '../../api/use-jobs.ts';
import { counted } from '../../logic/format.ts';
import { JobRow } from './row.tsx';
import type { Selection } from './selection.ts';

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
