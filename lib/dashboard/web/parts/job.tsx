import type { JSX } from 'preact';
import { describeStall } from '../../../domain/pace.ts';
import { type JobRecord, SUB_TASKS, type StatusDetails } from '../../../domain/record.ts';
import { jobPath } from '../logic/addresses.ts';
import { exactTime, statusLabel, taskLabel } from '../logic/format.ts';
import { STATUS_ICONS, UnknownIcon } from './icons.tsx';

type NamedJob = { readonly job_arn: string; readonly job_name?: string };

export const nameOf = ({ job_name, job_arn }: NamedJob): string => job_name ?? job_arn;

export const JobLink = ({ job }: { readonly job: NamedJob }): JSX.Element => (
  <a class="job-link truncate" href={jobPath(job.job_arn)} title={nameOf(job)}>
    {nameOf(job)}
  </a>
);

const isKnown = (status: string | undefined): status is keyof typeof STATUS_ICONS =>
  status !== undefined && Object.hasOwn(STATUS_ICONS, status);

/** Statuses of models and of what serves them, each by the status of a job that looks alike. */
const ALIKE = new Map([
  ...['Active', 'InService', 'Used'].map((status) => [status, 'Completed'] as const),
  ...['Creating', 'Updating'].map((status) => [status, 'InProgress'] as const),
  ['Idle', 'Stopping'],
  ['Removed', 'Stopped'],
]);

const lookOf = (status = ''): string => ALIKE.get(status) ?? status;

/** A colour for each known status, and one for all others. */
export const statusTone = (status: string | undefined): string =>
  isKnown(lookOf(status)) ? lookOf(status).toLowerCase() : 'unknown';

/** The same, of a bar. */
export const barStyle = (status: string) => ({ color: `var(--bar-${statusTone(status)})` });

export const StatusIcon = ({ status }: { readonly status: string | undefined }): JSX.Element => {
  const look = lookOf(status);
  const Icon = isKnown(look) ? STATUS_ICONS[look] : UnknownIcon;
  return <Icon class={`tone-${statusTone(status)}`} />;
};

interface StatusProps {
  readonly job: Pick<JobRecord, 'status' | 'status_details' | 'missing_since' | 'untracked_since'>;
}

/** Says that nothing happens in a job. */
const Stalled = ({ job }: StatusProps): JSX.Element | null => {
  const stall = describeStall(job, Date.now());
  return stall === undefined ? null : (
    <span class="badge tone-stopping" title={stall}>
      stalled
    </span>
  );
};

/** A job's status by word, shape and colour, and whether it may be out of date. */
export const Status = ({ job }: StatusProps): JSX.Element => (
  <span class="row status">
    <StatusIcon status={job.status} />
    <span class={`status-word truncate tone-${statusTone(job.status)}`} title={job.status}>
      {statusLabel(job.status ?? 'Unknown')}
    </span>
    <Stalled job={job} />
    {job.missing_since !== undefined && (
      <span class="badge" title={`Missing from Bedrock since ${exactTime(job.missing_since)}`}>
        missing
      </span>
    )}
    {job.untracked_since !== undefined && (
      <span class="badge" title={`Its scope is not tracked since ${exactTime(job.untracked_since)}`}>
        untracked
      </span>
    )}
  </span>
);

/** The phases of a job in order, as far as Bedrock reports them. */
export const Stepper = ({ details }: { readonly details: StatusDetails | undefined }): JSX.Element | null => {
  const steps = SUB_TASKS.flatMap((task) => {
    const status = details?.[`${task}_details`]?.status;
    return status === undefined ? [] : [{ task, status }];
  });
  if (steps.length === 0) return null;
  return (
    <ol class="stepper small">
      {steps.map(({ task, status }) => (
        <li key={task} class={`row step step-${statusTone(status)}`}>
          <StatusIcon status={status} />
          <span class="step-name">{taskLabel(task)}</span>
          <span class="sr-only">: {statusLabel(status)}</span>
        </li>
      ))}
    </ol>
  );
};
