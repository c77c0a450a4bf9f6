/**
 * Reads the jobs table for services: one record by ARN, name or id, lists, histories, waiting for a job, and sums over
 * many. Uses the caller's DynamoDB document client.
 *
 * @module bedrock-job-tracker-client
 */
import { ENV } from '../contract.ts';

/** The environment variable with the table's name, which `grantReadJobs` sets: the client's default. */
export const JOBS_TABLE_VARIABLE = ENV.jobsTable;
/** The environment variable with the name of the models table, which `grantReadModels` sets: the default of its client. */
export const MODELS_TABLE_VARIABLE = ENV.modelsTable;
/** The environment variable with the tracked scopes, which `grantReadJobs` sets: the client's default. */
export const TRACKED_SCOPES_VARIABLE = ENV.scopes;

export {
  INDEX,
  JOBS_TABLE,
  MODEL_INDEX,
  MODEL_TRANSITION_DETAIL_TYPE,
  MODELS_TABLE,
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
export { formatScope, parseScope, type ResourceKind, type Scope } from '../domain/identity.ts';
export * from '../domain/model-record.ts';
export { createModelsClient } from './models-client.ts';
export { createJobsClient } from './jobs-client.ts';
export * from './requests.ts';
export {
  isModelTransitionEvent,
  isTransitionEvent,
  type ModelTransitionEvent,
  parseModelTransition,
  parseTransition,
  type TransitionEvent,
} from './transition-event.ts';
export type { ModelTransitionDetail, TransitionDetail } from '../domain/transition-event.ts';
