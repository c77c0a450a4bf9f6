import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { JobDetails } from '../../api.ts';
import { load, peek, subscribe, type Cached } from '../api/cache.ts';
import { useJobsChanged } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import { useStored } from '../api/stored.ts';
import { useLosses } from '../api/use-losses.ts';
import { LossPanel } from '../charts/loss-panel.tsx';
import { comparedJobs, comparePath } from '../logic/addresses.ts';
import { Empty, Problem, Skeleton } from '../parts/messages.tsx';
import { Card, Page } from '../parts/page.tsx';
import { CompareTable, letterOf } from './compare/table.tsx';

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
