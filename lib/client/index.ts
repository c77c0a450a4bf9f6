/**
 * The read side for services: one record by ARN and lists of jobs, by a DynamoDB document client of the caller's own,
 * and the shapes of what the table holds. Imports no CDK.
 *
 * @module bedrock-job-tracker/client
 */
import { ENV } from '../contract.ts';

/** The variable that names the table in a function that was given read access. */
export const JOBS_TABLE_VARIABLE = ENV.jobsTable;

export {
  INDEX,
  JOBS_TABLE,
  PARAMETER,
  PARAMETER_PREFIX,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_VERSION,
  TRANSITION_EVENT_SOURCE,
} from '../contract.ts';
export { ERROR_CODES, hasCode, TrackerError, type ErrorCode } from '../domain/errors.ts';
export {
  isTerminal,
  JOB_STATUSES,
  SUB_TASKS,
  type CatalogFields,
  type Identity,
  type JobRecord,
  type JobSnapshot,
  type JobStatus,
  type MetricNumber,
  type ObservedVia,
  type RequestMetadataFilter,
  type RequestMetadataFilters,
  type StatusDetails,
  type SubTask,
  type SubTaskDetails,
  type Transition,
} from '../domain/record.ts';
export { formatScope, parseScope, type Scope } from '../domain/scope.ts';
export {
  createJobsClient,
  type JobsClient,
  type JobsPage,
  type JobSummary,
  type ListJobsRequest,
} from './jobs-client.ts';
export { isTransitionEvent, parseTransition, type TransitionEvent } from './transition-event.ts';
export type { TransitionDetail } from '../domain/transition-event.ts';
