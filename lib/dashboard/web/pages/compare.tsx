import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { JobRecord } from '../../../domain/record.ts';
import type { JobDetails } from '../../api.ts';
import { load, peek, subscribe, type Cached } from '../api/cache.ts';
import { useJobsChanged, useLosses, useStored } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import { LossPanel } from '../charts/loss-panel.tsx';
import { comparedJobs, comparePath } from '../logic/addresses.ts';
import { compareJobs, type CompareGroup, type CompareRow } from '../logic/compare.ts';
import { BestIcon, CloseIcon } from '../parts/icons.tsx';
import { JobLink, Status } from '../parts/job.tsx';
import { Card, Empty, Page, Problem, Skeleton } from '../parts/page.tsx';
import { Ago, useNow } from '../parts/time.tsx';

/** A, B, C…: stands for a job in the chart and in the table alike. */
const letterOf = (index: number): string => String.fromCharCode(65 + index);

interface CompareTableProps {
  readonly jobs: readonly JobRecord[];
  readonly onlyDifferences: boolean;
  readonly toggle: ComponentChildren;
  /** The address of this page without that job. */
  readonly without: (jobArn: string) => string;
}

const Head = ({ jobs, without }: Pick<CompareTableProps, 'jobs' | 'without'>): JSX.Element => (
  <thead>
    <tr>
      <td />
      {jobs.map((job, index) => (
        <th key={job.job_arn} scope="col">
          <div class="compare-job">
            <span class={`letter series-${index + 1}`}>{letterOf(index)}</span>
            <JobLink job={job} />
            {jobs.length > 2 && (
              <a
                class="icon-button"
                href={without(job.job_arn)}
                aria-label={`Leave out ${job.job_name ?? job.job_arn}`}
                title="Leave out"
              >
                <CloseIcon />
              </a>
            )}
          </div>
          <div class="compare-job-facts muted">
            created <Ago time={job.creation_time} />
          </div>
        </th>
      ))}
    </tr>
  </thead>
);

const Cell = ({
  row,
  index,
  job,
}: {
  readonly row: CompareRow;
  readonly index: number;
  readonly job: JobRecord | undefined;
}): JSX.Element => {
  const value = row.values[index] ?? '';
  const best = row.best.includes(index);
  return (
    <td class={best ? 'compare-best' : ''}>
      {best && (
        <span class="best" title="The best of these">
          <BestIcon />
          <span class="sr-only">Best: </span>
        </span>
      )}
      {row.label === 'Status' && job !== undefined ? (
        <Status job={job} />
      ) : row.code ? (
        <code>{value}</code>
      ) : (
        <span class="number">{value}</span>
      )}
    </td>
  );
};

const Group = ({ group, jobs }: { readonly group: CompareGroup; readonly jobs: readonly JobRecord[] }): JSX.Element => (
  <tbody>
    <tr>
      <th colSpan={jobs.length + 1} scope="rowgroup" class="compare-group">
        {group.title}
      </th>
    </tr>
    {group.rows.map((row) => (
      <tr key={row.label} class={row.differs ? 'differs' : ''}>
        <th scope="row">
          {row.code && /^[a-z]/.test(row.label) ? <code>{row.label}</code> : row.label}
          {row.differs && (
            <span class="differs-mark" title="Differs">
              <span class="sr-only"> (differs)</span>
            </span>
          )}
        </th>
        {row.values.map((_, index) => (
          <Cell key={index} row={row} index={index} job={jobs[index]} />
        ))}
      </tr>
    ))}
  </tbody>
);

/** The jobs side by side, what differs marked, the best of each row too. */
const CompareTable = ({ jobs, onlyDifferences, toggle, without }: CompareTableProps): JSX.Element => {
  const now = useNow(10_000);
  const groups = compareJobs(jobs, now)
    .map((group) => ({ ...group, rows: group.rows.filter((row) => !onlyDifferences || row.differs) }))
    .filter(({ rows }) => rows.length > 0);
  return (
    <Card title="Side by side" id="compare" actions={toggle} class="compare-card">
      <div class="scroll" role="group" aria-label="Jobs side by side" tabIndex={0}>
        <table class="table compare">
          <Head jobs={jobs} without={without} />
          {groups.map((group) => (
            <Group key={group.title} group={group} jobs={jobs} />
          ))}
        </table>
      </div>
      {groups.length === 0 && <p class="muted">These jobs differ in nothing that is compared.</p>}
    </Card>
  );
};

const useDetails = (jobArns: readonly string[]): Cached<JobDetails>[] => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const key = jobArns.join(' ');
  useEffect(() => {
    const paths = key === '' ? [] : key.split(' ').map(API.job);
    const stops = paths.map((path) => subscribe(path, () => redraw(undefined)));
    for (const path of paths) if (peek(path).value === undefined && !peek(path).loading) void load(path);
    redraw(undefined);
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  return jobArns.map((jobArn) => peek<JobDetails>(API.job(jobArn)));
};

type Job = JobDetails['job'];

const Losses = ({ jobs }: { readonly jobs: readonly Job[] }): JSX.Element => {
  const losses = useLosses(jobs.map((job) => job.job_arn));
  return (
    <LossPanel
      height={300}
      drawn={jobs.map((job, index) => ({
        name: job.job_name ?? job.job_arn,
        letter: letterOf(index),
        losses: losses[index] ?? { loading: true },
      }))}
    />
  );
};

const Comparison = ({ jobs }: { readonly jobs: readonly Job[] }): JSX.Element => {
  const [shown, show] = useStored('compare', ['all', 'differences']);
  return (
    <>
      <Card title="Loss curves" id="loss" class="compare-card">
        <Losses jobs={jobs} />
      </Card>
      <CompareTable
        jobs={jobs}
        onlyDifferences={shown === 'differences'}
        without={(arn) => comparePath(jobs.flatMap((job) => (job.job_arn === arn ? [] : [job.job_arn])))}
        toggle={
          <label class="switch">
            <input
              type="checkbox"
              checked={shown === 'differences'}
              onChange={(event) => show(event.currentTarget.checked ? 'differences' : 'all')}
            />
            Only differences
          </label>
        }
      />
    </>
  );
};

const TooFew = (): JSX.Element => (
  <Empty title="Choose two to five jobs">
    <p>Select them in the list of jobs, then compare.</p>
    <a class="button" href="/jobs">
      Go to the jobs
    </a>
  </Empty>
);

export const ComparePage = (): JSX.Element => {
  const { url } = useLocation();
  const search = url.split('?')[1] ?? '';
  const arns = useMemo(() => comparedJobs(search), [search]);
  const details = useDetails(arns);
  useJobsChanged((changed) => {
    for (const arn of arns) if (changed === 'all' || changed.includes(arn)) void load(API.job(arn));
  });
  const jobs = details.flatMap(({ value }) => (value === undefined ? [] : [value.job]));
  const problems = details.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  const loading = details.some(({ value, problem }) => value === undefined && problem === undefined);
  return (
    <Page title={arns.length < 2 ? 'Compare jobs' : `Compare ${arns.length} jobs`}>
      {problems.map((problem) => (
        <Problem key={problem.message} problem={problem} />
      ))}
      {arns.length < 2 ? (
        <TooFew />
      ) : loading ? (
        <Skeleton lines={12} />
      ) : (
        jobs.length >= 2 && <Comparison jobs={jobs} />
      )}
    </Page>
  );
};
