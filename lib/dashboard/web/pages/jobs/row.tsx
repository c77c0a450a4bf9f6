import { Component, type JSX } from 'preact';
import type { DashboardJob } from '../../../api.ts';
import { readFailure } from '../../logic/failure.ts';
import { formatLoss, modelName, shortModelName, typeLabel } from '../../logic/format.ts';
import { JobLink } from '../../parts/job-link.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';

interface RowProps {
  readonly job: DashboardJob;
  readonly selected: boolean;
  /** False where no further job can be chosen. */
  readonly selectable: boolean;
  readonly sortBy: 'creation_time' | 'last_modified_time';
  readonly onToggle: (jobArn: string) => void;
}

/** Its kind where that is known, else what Bedrock said; the whole is on the job's page. */
const reasonOf = (message: string | undefined): string | undefined =>
  message === undefined ? undefined : (readFailure(message).title ?? message);

/** One job of the list. Drawn anew only when something of it changed: thousands may be on the page. */
export class JobRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { job, selected, selectable, sortBy } = this.props;
    return next.job !== job || next.selected !== selected || next.selectable !== selectable || next.sortBy !== sortBy;
  }

  override render({ job, selected, selectable, sortBy, onToggle }: RowProps): JSX.Element {
    const name = job.job_name ?? job.job_arn;
    const reason = reasonOf(job.failure_message);
    return (
      <div role="row" class={`job-row ${selected ? 'job-row-selected' : ''}`} data-arn={job.job_arn}>
        <span role="cell" class="job-select">
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={selected}
            disabled={!selectable && !selected}
            onChange={() => onToggle(job.job_arn)}
          />
        </span>
        <span role="cell" class="job-name">
          <JobLink job={job} />
          {reason !== undefined && (
            <span class="job-reason" title={job.failure_message}>
              {reason}
            </span>
          )}
        </span>
        <span role="cell" class="job-status">
          <Status job={job} />
        </span>
        <span role="cell" class="job-model" title={modelName(job.base_model_arn)}>
          {shortModelName(job.base_model_arn)}
        </span>
        <span role="cell" class="job-type muted">
          {typeLabel(job.customization_type)}
        </span>
        <span role="cell" class="job-region muted">
          {job.region}
        </span>
        <span role="cell" class="job-loss number">
          <span class="cell-label">Loss </span>
          {formatLoss(job.training_metrics?.training_loss)}
        </span>
        <span role="cell" class="job-time">
          <Elapsed job={job} />
        </span>
        <span role="cell" class="job-created muted">
          <Ago time={job[sortBy]} />
        </span>
      </div>
    );
  }
}
