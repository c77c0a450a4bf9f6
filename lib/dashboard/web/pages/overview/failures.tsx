import type { JSX } from 'preact';
import type { DashboardJob } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { readFailure } from '../../logic/failure.ts';
import { shortModelName } from '../../logic/format.ts';
import { JobLink } from '../../parts/job-link.tsx';
import { Empty } from '../../parts/messages.tsx';
import { Card } from '../../parts/page.tsx';
import { StatusIcon } from '../../parts/status.tsx';
import { Ago } from '../../parts/time.tsx';

const FailedJob = ({ job }: { readonly job: DashboardJob }): JSX.Element => {
  const message = job.failure_message;
  const title = message === undefined ? undefined : readFailure(message).title;
  return (
    <li class="failed-job">
      <StatusIcon status={job.status} />
      <div class="failed-job-words">
        <div class="failed-job-head">
          <JobLink job={job} />
          <span class="muted">
            {shortModelName(job.base_model_arn)} · <Ago time={job.end_time ?? job.last_modified_time} />
          </span>
        </div>
        {title !== undefined && <p class="failed-job-title">{title}</p>}
        <p class="failed-job-message" title={message}>
          {message ?? 'Bedrock gave no reason.'}
        </p>
      </div>
    </li>
  );
};

export const Failures = ({
  jobs,
  failed,
}: {
  readonly jobs: readonly DashboardJob[];
  readonly failed: number;
}): JSX.Element => (
  <Card
    title="Recent failures"
    id="failures"
    actions={<a href={jobsPath({ status: ['Failed'] })}>{failed > jobs.length ? `All ${failed}` : 'All failed'}</a>}
  >
    {jobs.length === 0 ? (
      <Empty title="No job failed in the last 30 days" />
    ) : (
      <ul class="failed-jobs">
        {jobs.map((job) => (
          <FailedJob key={job.job_arn} job={job} />
        ))}
      </ul>
    )}
  </Card>
);
