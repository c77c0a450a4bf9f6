import type { JSX } from 'preact';
import type { Overview } from '../../../api.ts';
import { useNow } from '../../api/clock.ts';
import { PaceBar } from '../../charts/pace-bar.tsx';
import { jobsPath } from '../../logic/addresses.ts';
import { elapsedOf, formatElapsed, shortModelName, statusLabel, typeLabel } from '../../logic/format.ts';
import { paceOf } from '../../logic/usual.ts';
import { JobLink } from '../../parts/job-link.tsx';
import { Empty } from '../../parts/messages.tsx';
import { Card } from '../../parts/page.tsx';
import { StatusIcon, statusTone } from '../../parts/status.tsx';
import { Stepper } from '../../parts/stepper.tsx';

type Active = Overview['active'][number];

const ActiveJob = ({ job }: { readonly job: Active }): JSX.Element => {
  const now = useNow(1000);
  const elapsed = elapsedOf(job, now);
  const pace = elapsed === undefined || job.usual === undefined ? undefined : paceOf(elapsed, job.usual);
  return (
    <li class="active-job">
      <StatusIcon status={job.status} />
      <div class="active-job-words">
        <div class="active-job-head">
          <JobLink job={job} />
          <span class="number strong">{formatElapsed(elapsed)}</span>
        </div>
        <div class="active-job-facts muted">
          <span class={`tone-${statusTone(job.status)}`}>{statusLabel(job.status)}</span>
          <span title={job.base_model_arn}>{shortModelName(job.base_model_arn)}</span>
          <span>{typeLabel(job.customization_type)}</span>
          <span>{job.region}</span>
        </div>
        <Stepper details={job.status_details} />
        {pace !== undefined && <PaceBar pace={pace} />}
        <p class={`active-job-time ${pace?.verdict === 'unusual' ? 'tone-stopping' : 'muted'}`}>
          {pace === undefined ? 'No job like it completed yet' : pace.text}
        </p>
      </div>
    </li>
  );
};

export const ActiveJobs = ({ jobs }: { readonly jobs: readonly Active[] }): JSX.Element => (
  <Card title="Running now" id="active" actions={<a href={jobsPath({ active: true })}>All running</a>}>
    {jobs.length === 0 ? (
      <Empty title="Nothing runs at the moment">
        <p>A job appears here seconds after it was created.</p>
      </Empty>
    ) : (
      <ul class="active-jobs">
        {jobs.map((job) => (
          <ActiveJob key={job.job_arn} job={job} />
        ))}
      </ul>
    )}
  </Card>
);
