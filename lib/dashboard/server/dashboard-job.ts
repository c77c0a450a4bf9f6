import type { JobSummary } from '../../client/requests.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { DashboardJob } from '../api.ts';

const SHOWN = {
  job_arn: true,
  job_name: true,
  account_id: true,
  region: true,
  status: true,
  status_details: true,
  creation_time: true,
  last_modified_time: true,
  end_time: true,
  base_model_arn: true,
  output_model_name: true,
  output_model_arn: true,
  customization_type: true,
  failure_message: true,
  training_metrics: true,
  validation_metrics: true,
  missing_since: true,
  untracked_since: true,
  tags: true,
} as const satisfies Record<keyof DashboardJob, true>;

/** What the dashboard shows of an index entry or of a record: neither keys of indexes nor heavy documents. */
export const toDashboardJob = (job: JobSummary | JobRecord): DashboardJob =>
  Object.fromEntries(Object.entries(job).filter(([name]) => name in SHOWN)) as unknown as DashboardJob;
