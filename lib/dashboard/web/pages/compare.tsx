import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useMemo } from 'preact/hooks';
import type { JobDetails } from '../../api.ts';
import { load } from '../api/cache.ts';
import { useApis, useJobsChanged, useStored } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import { Letter, LossPanel } from '../charts/loss-panel.tsx';
import { comparedJobs, comparePath } from '../logic/addresses.ts';
import { compareJobs, type CompareRow } from '../logic/compare.ts';
import { Best, Switch } from '../parts/controls.tsx';
import { CloseIcon } from '../parts/icons.tsx';
import { JobLink, nameOf, Status } from '../parts/job.tsx';
import { Card, Empty, Page, Problem, Skeleton } from '../parts/page.tsx';
import { Ago, useNow } from '../parts/time.tsx';

type Job = JobDetails['job'];
type JobsProps = { readonly jobs: readonly Job[] };

const Head = ({ jobs }: JobsProps): JSX.Element => (
  <thead>
    <tr>
      <td />
      {jobs.map((job, index) => (
        <th key={job.job_arn} scope="col">
          <div class="row compare-job">
            <Letter index={index} />
            <JobLink job={job} />
            {jobs.length > 2 && (
              <a
                class="icon-button"
                href={comparePath(jobs.flatMap((each) => (each === job ? [] : [each.job_arn])))}
                aria-label={`Remove ${nameOf(job)}`}
                title="Remove"
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

const Row = ({ row, jobs }: JobsProps & { readonly row: CompareRow }): JSX.Element => (
  <tr class={row.differs ? 'differs' : ''}>
    <th scope="row">
      {row.code && /^[a-z]/.test(row.label) ? <code>{row.label}</code> : row.label}
      {row.differs && (
        <span class="differs-mark" title="Differs">
          <span class="sr-only"> (differs)</span>
        </span>
      )}
      {row.note !== undefined && <div class="muted small">{row.note}</div>}
    </th>
    {jobs.map((job, index) => {
      const isBest = row.best.includes(index);
      const value = row.values[index] ?? '';
      return (
        <td key={index} class={isBest ? 'compare-best' : ''}>
          {isBest && <Best />}
          {row.label === 'Status' ? (
            <Status job={job} />
          ) : row.code ? (
            <code>{value}</code>
          ) : (
            <span class="number">{value}</span>
          )}
        </td>
      );
    })}
  </tr>
);

const CompareTable = ({ jobs }: JobsProps): JSX.Element => {
  const now = useNow(10_000);
  const [filter, setFilter] = useStored('compare', ['all', 'differences']);
  const onlyDifferences = filter === 'differences';
  const groups = compareJobs(jobs, now)
    .map(({ title, rows }) => ({ title, rows: rows.filter(({ differs }) => differs || !onlyDifferences) }))
    .filter(({ rows }) => rows.length > 0);
  const toggle = (
    <Switch on={onlyDifferences} onChange={(on) => setFilter(on ? 'differences' : 'all')}>
      Only differences
    </Switch>
  );
  return (
    <Card title="Side by side" id="compare" actions={toggle}>
      <div class="scroll" role="group" aria-label="Jobs side by side" tabIndex={0}>
        <table class="table compare">
          <Head jobs={jobs} />
          {groups.map(({ title, rows }) => (
            <tbody key={title}>
              <tr>
                <th colSpan={jobs.length + 1} scope="rowgroup" class="compare-group">
                  {title}
                </th>
              </tr>
              {rows.map((row) => (
                <Row key={row.label} row={row} jobs={jobs} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {groups.length === 0 && <p class="muted">No differences.</p>}
    </Card>
  );
};

export const ComparePage = (): JSX.Element => {
  const { url } = useLocation();
  const search = url.split('?')[1] ?? '';
  const arns = useMemo(() => comparedJobs(search), [search]);
  const details = useApis<JobDetails>(arns.map(API.job));
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
        <Empty title="Choose two to ten jobs">
          <p>Select them in the list of jobs or in the runs table, then compare.</p>
          <a class="button" href="/jobs">
            Go to the jobs
          </a>
        </Empty>
      ) : loading ? (
        <Skeleton lines={12} />
      ) : (
        jobs.length >= 2 && (
          <div class="stack">
            <Card title="Loss curves" id="loss">
              <LossPanel height={300} jobs={jobs} />
            </Card>
            <CompareTable jobs={jobs} />
          </div>
        )
      )}
    </Page>
  );
};
