import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Overview } from '../../../api.ts';
import { useJobsChanged, useOverview } from '../../api/hooks.ts';
import { statusLabel } from '../../logic/format.ts';
import { knownSums } from '../../logic/sums.ts';
import { WarningIcon } from '../../parts/icons.tsx';
import { nameOf } from '../../parts/job.tsx';
import { announce, Card, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Ago, useNow } from '../../parts/time.tsx';
import { HealthCard } from './health.tsx';
import { ActiveJobs, Failures } from './jobs.tsx';
import { Figures, Models } from './sums.tsx';
import { Throughput } from './throughput.tsx';

/** Sums over a month cost reads: the overview does not follow each change. */
const PAUSE_MS = 3000;

/** Announces the jobs that ended since the overview was last read. */
const useEndings = (overview: Overview | undefined): void => {
  const before = useRef<Overview | undefined>(undefined);
  if (overview === before.current) return;
  const still = new Set(overview?.active.map((job) => job.job_arn));
  const ended = (before.current?.active ?? []).filter((job) => !still.has(job.job_arn));
  const failed = new Map(overview?.failures.map((job) => [job.job_arn, job.status]));
  if (overview !== undefined) before.current = overview;
  if (ended.length === 0) return;
  const sentences = ended.map((job) => {
    const status = failed.get(job.job_arn);
    return `${nameOf(job)}: ${status === undefined ? 'ended' : statusLabel(status)}`;
  });
  queueMicrotask(() => announce(sentences.join(', ')));
};

/** A sentence with the address after its first "see" as a link: what follows may be the words of an error. */
const WithLink = ({ text }: { readonly text: string }): JSX.Element => {
  const [sentence = '', address, ...rest] = text.split(/(?<=^.*? see )(https?:\/\/[^\s)]+)/);
  return (
    <>
      {sentence}
      {address !== undefined && (
        <a href={address} target="_blank" rel="noreferrer">
          {address}
        </a>
      )}
      {rest.join('')}
    </>
  );
};

const Problems = ({ problems }: { readonly problems: readonly string[] }): JSX.Element | null =>
  problems.length === 0 ? null : (
    <div class="banner banner-warning">
      <WarningIcon />
      <div class="words">
        {problems.map((problem) => (
          <p key={problem}>
            <WithLink text={problem} />
          </p>
        ))}
      </div>
    </div>
  );

const Content = ({ overview }: { readonly overview: Overview }): JSX.Element => {
  const sums = knownSums(overview, useNow(10_000));
  return (
    <>
      <Problems problems={overview.health.problems} />
      <Figures overview={overview} sums={sums} />
      <div class="columns">
        <div class="column">
          <ActiveJobs jobs={overview.active} isCounting={sums.state === 'pending'} />
          <Card title="Jobs by day" id="throughput" note="by the day they were created, UTC">
            {sums.state === 'pending' ? <Skeleton lines={4} /> : <Throughput days={overview.byDay} />}
          </Card>
        </div>
        <div class="column">
          <Failures jobs={overview.failures} sums={sums} />
          <HealthCard health={overview.health} />
        </div>
      </div>
      <Models models={overview.models} state={sums.state} />
    </>
  );
};

const Window = ({ summedAt }: { readonly summedAt: string | undefined }): JSX.Element => (
  <span class="muted">
    Jobs created in the last 30 days
    {summedAt !== undefined && (
      <>
        , counted <Ago time={summedAt} />
      </>
    )}
  </span>
);

export const OverviewPage = (): JSX.Element => {
  const { value, problem, reload } = useOverview();
  useJobsChanged(reload, PAUSE_MS);
  useEndings(value);
  return (
    <Page title="Overview" aside={<Window summedAt={value?.summedAt} />}>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined ? <Content overview={value} /> : problem === undefined && <Skeleton lines={8} />}
    </Page>
  );
};
