import type { JSX } from 'preact';
import { SUB_TASKS, type StatusDetails } from '../../../domain/record.ts';
import { jobPath } from '../logic/addresses.ts';
import { statusLabel, taskLabel } from '../logic/format.ts';
import { CheckIcon, CrossIcon, PendingIcon, RunningIcon, StoppedIcon, StoppingIcon, UnknownIcon } from './icons.tsx';

const ICONS: Readonly<Record<string, typeof CheckIcon>> = {
  Completed: CheckIcon,
  Failed: CrossIcon,
  InProgress: RunningIcon,
  Stopping: StoppingIcon,
  Stopped: StoppedIcon,
  NotStarted: PendingIcon,
};

/** A colour for each known status; any other has one of its own. */
export const statusTone = (status: string | undefined): string =>
  status !== undefined && Object.hasOwn(ICONS, status) ? status.toLowerCase() : 'unknown';

export const StatusIcon = ({ status }: { readonly status: string | undefined }): JSX.Element => {
  const Icon = (status !== undefined && Object.hasOwn(ICONS, status) ? ICONS[status] : undefined) ?? UnknownIcon;
  return <Icon class={`tone-${statusTone(status)}`} />;
};

interface StatusProps {
  readonly job: { readonly status?: string; readonly missing_since?: string; readonly untracked_since?: string };
}

/** A job's status by word, shape and colour, and whether it may be out of date. */
export const Status = ({ job }: StatusProps): JSX.Element => (
  <span class="status">
    <StatusIcon status={job.status} />
    <span class={`status-word tone-${statusTone(job.status)}`}>{statusLabel(job.status ?? 'Unknown')}</span>
    {job.missing_since !== undefined && (
      <span class="badge" title={`Bedrock no longer knows this job since ${job.missing_since}`}>
        missing
      </span>
    )}
    {job.untracked_since !== undefined && (
      <span class="badge" title={`The tracker no longer follows this job’s scope since ${job.untracked_since}`}>
        untracked
      </span>
    )}
  </span>
);

interface JobLinkProps {
  readonly job: { readonly job_arn: string; readonly job_name?: string };
  readonly class?: string;
}

export const JobLink = ({ job, class: className = '' }: JobLinkProps): JSX.Element => (
  <a class={`job-link ${className}`} href={jobPath(job.job_arn)} title={job.job_name ?? job.job_arn}>
    {job.job_name ?? job.job_arn}
  </a>
);

/** The phases of a job in their order, those that Bedrock reports on. */
export const Stepper = ({ details }: { readonly details: StatusDetails | undefined }): JSX.Element | null => {
  const steps = SUB_TASKS.flatMap((task) => {
    const status = details?.[`${task}_details`]?.status;
    return status === undefined ? [] : [{ task, status }];
  });
  if (steps.length === 0) return null;
  return (
    <ol class="stepper">
      {steps.map(({ task, status }) => (
        <li key={task} class={`step step-${statusTone(status)}`}>
          <StatusIcon status={status} />
          <span class="step-name">{taskLabel(task)}</span>
          <span class="sr-only">: {statusLabel(status)}</span>
        </li>
      ))}
    </ol>
  );
};
