import type { JSX } from 'preact';
import { diagnose } from '../../../../domain/failure/index.ts';
import { describeStall, LEAST_FOR_USUAL, paceOf, type Pace } from '../../../../domain/pace.ts';
import type { JobSummary, Overview } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { elapsedOf, formatElapsed, shortModelName, statusLabel, typeLabel } from '../../logic/format.ts';
import type { KnownSums } from '../../logic/sums.ts';
import { JobLink, StatusIcon, statusTone, Stepper } from '../../parts/job.tsx';
import { Card, Empty } from '../../parts/page.tsx';
import { Ago, useNow } from '../../parts/time.tsx';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

/** Elapsed time against the usual duration; the text beside it says the same. */
const PaceBar = ({ pace }: { readonly pace: Pace }): JSX.Element => (
  <div class={`pace pace-${pace.verdict}`} aria-hidden="true">
    <div class="pace-fill" style={{ width: percent(pace.elapsed) }} />
    <div class="pace-mark" style={{ left: percent(pace.p50) }} title="Half of similar jobs completed by here" />
    <div
      class="pace-mark pace-late"
      style={{ left: percent(pace.p95) }}
      title="95 % of similar jobs completed by here"
    />
  </div>
);

type Active = Overview['active'][number];

interface ActiveJobProps {
  readonly job: Active;
  readonly isCounting: boolean;
}

const ActiveJob = ({ job, isCounting }: ActiveJobProps): JSX.Element => {
  const now = useNow(1000);
  const elapsed = elapsedOf(job, now);
  const pace = elapsed === undefined || job.usual === undefined ? undefined : paceOf(elapsed, job.usual);
  const stall = describeStall(job, now);
  const unknown = isCounting
    ? 'The usual duration is being counted…'
    : `Usual duration not known: fewer than ${LEAST_FOR_USUAL} similar jobs completed`;
  return (
    <li class="job-item">
      <StatusIcon status={job.status} />
      <div class="words">
        <div class="job-item-head">
          <JobLink job={job} />
          <span class="number strong">{formatElapsed(elapsed)}</span>
        </div>
        <div class="dotted small muted">
          <span class={`tone-${statusTone(job.status)}`}>{statusLabel(job.status)}</span>
          <span title={job.base_model_arn}>{shortModelName(job.base_model_arn)}</span>
          <span>{typeLabel(job.customization_type)}</span>
          <span>{job.region}</span>
        </div>
        <Stepper details={job.status_details} />
        {pace !== undefined && <PaceBar pace={pace} />}
        {stall !== undefined && <p class="small tone-stopping">Stalled: {stall}</p>}
        <p class={`small ${pace?.verdict === 'unusual' ? 'tone-stopping' : 'muted'}`}>
          {pace === undefined ? unknown : pace.text}
        </p>
      </div>
    </li>
  );
};

interface ActiveJobsProps {
  readonly jobs: readonly Active[];
  /** Whether the sums are still pending, which tell the usual durations. */
  readonly isCounting: boolean;
}

export const ActiveJobs = ({ jobs, isCounting }: ActiveJobsProps): JSX.Element => (
  <Card title="Running now" id="active" actions={<a href={jobsPath({ active: true })}>All running</a>}>
    {jobs.length === 0 ? (
      <Empty title="No running jobs">
        <p>A new job appears here within seconds.</p>
      </Empty>
    ) : (
      <ul class="active-jobs">
        {jobs.map((job) => (
          <ActiveJob key={job.job_arn} job={job} isCounting={isCounting} />
        ))}
      </ul>
    )}
  </Card>
);

const FailedJob = ({ job }: { readonly job: JobSummary }): JSX.Element => {
  const message = job.failure_message;
  const title = message === undefined ? undefined : diagnose(message)?.title;
  return (
    <li class="job-item">
      <StatusIcon status={job.status} />
      <div class="words">
        <div class="job-item-head">
          <JobLink job={job} />
          <span class="muted small nowrap">
            {shortModelName(job.base_model_arn)} · <Ago time={job.end_time ?? job.last_modified_time} />
          </span>
        </div>
        {title !== undefined && <p class="strong">{title}</p>}
        <p class="failed-job-message muted small" title={message}>
          {message ?? 'Bedrock gave no reason.'}
        </p>
      </div>
    </li>
  );
};

interface FailuresProps {
  readonly jobs: readonly JobSummary[];
  readonly sums: KnownSums;
}

export const Failures = ({ jobs, sums: { state, failed } }: FailuresProps): JSX.Element => (
  <Card
    title="Recent failures"
    id="failures"
    actions={
      <a href={jobsPath({ status: ['Failed'] })}>
        {state === 'complete' && failed > jobs.length ? `All ${failed}` : 'All failed'}
      </a>
    }
  >
    {jobs.length === 0 ? (
      <Empty title={failed === 0 ? 'No failed jobs in the last 30 days' : 'The failed jobs are in the list of jobs'} />
    ) : (
      <ul class="failed-jobs">
        {jobs.map((job) => (
          <FailedJob key={job.job_arn} job={job} />
        ))}
      </ul>
    )}
  </Card>
);
