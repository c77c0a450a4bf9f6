/**
 * What infrastructure, runtime and readers must agree on: names that two sides share stand here once.
 * `docs/table.md` describes the table for services in any language.
 */

/** Environment variables of the Lambda functions. */
export const ENV = {
  jobsTable: 'JOBS_TABLE_NAME',
  sweepsTable: 'SWEEPS_TABLE_NAME',
  /** The scopes a function tracks: `<account id>#<region>`, separated by commas. */
  scopes: 'TRACKED_SCOPES',
  /** How long after its last change a job's tags are still compared by full sweeps, in days. */
  tagRefreshDays: 'TAG_REFRESH_DAYS',
} as const;

/** One secondary index: its keys are attributes of type string. */
export interface IndexSchema {
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** One table as CDK, the embedded DynamoDB and the readers need it. Every key is of type string (S). */
export interface TableSchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: Readonly<Record<string, IndexSchema>>;
  /** What each index carries besides the keys. DynamoDB allows 100 such attributes a table, all indexes together. */
  readonly projected: readonly string[];
}

/** Names of the jobs table's indexes. */
export const INDEX = {
  byStatus: 'by-status',
  active: 'active',
  byScope: 'by-scope',
  byBaseModel: 'by-base-model',
  byOutputModel: 'by-output-model',
  byJobName: 'by-job-name',
} as const;

export const JOBS_TABLE = {
  partitionKey: 'job_arn',
  indexes: {
    [INDEX.byStatus]: { partitionKey: 'status', sortKey: 'last_modified_time' },
    [INDEX.active]: { partitionKey: 'active_scope', sortKey: 'creation_time' },
    [INDEX.byScope]: { partitionKey: 'scope', sortKey: 'creation_time' },
    [INDEX.byBaseModel]: { partitionKey: 'base_model_arn', sortKey: 'creation_time' },
    [INDEX.byOutputModel]: { partitionKey: 'output_model_arn', sortKey: 'creation_time' },
    [INDEX.byJobName]: { partitionKey: 'job_name', sortKey: 'creation_time' },
  },
  projected: [
    'account_id',
    'region',
    'job_id',
    'job_name',
    'status',
    'status_details',
    'creation_time',
    'last_modified_time',
    'end_time',
    'base_model_arn',
    'output_model_name',
    'output_model_arn',
    'customization_type',
    'failure_message',
    'training_metrics',
    'validation_metrics',
    'missing_since',
    'tags',
  ],
} as const satisfies TableSchema;

export const SWEEPS_TABLE = {
  partitionKey: 'scope',
  sortKey: 'sweep',
  indexes: {},
  projected: [],
} as const satisfies TableSchema;

/** The event source and detail type of Bedrock's own events. Delivered best effort. */
export const BEDROCK_EVENT_SOURCE = 'aws.bedrock';
export const STATE_CHANGE_DETAIL_TYPE = 'Model Customization Job State Change';

/** Bedrock's API calls as EventBridge shows them; needs a CloudTrail trail in the account. */
export const CLOUDTRAIL_DETAIL_TYPE = 'AWS API Call via CloudTrail';
export const CLOUDTRAIL_EVENT_SOURCE = 'bedrock.amazonaws.com';

/** No filter on the status: a rule that names statuses loses the ones that AWS adds. */
export const STATE_CHANGE_PATTERN = {
  source: [BEDROCK_EVENT_SOURCE],
  'detail-type': [STATE_CHANGE_DETAIL_TYPE],
} as const;

/** Create and Stop name jobs only; Tag and Untag cover every Bedrock resource, so their ARN is looked at. */
export const API_CALL_PATTERN = {
  source: [BEDROCK_EVENT_SOURCE],
  'detail-type': [CLOUDTRAIL_DETAIL_TYPE],
  detail: {
    eventSource: [CLOUDTRAIL_EVENT_SOURCE],
    errorCode: [{ exists: false }],
    $or: [
      { eventName: ['CreateModelCustomizationJob', 'StopModelCustomizationJob'] },
      {
        eventName: ['TagResource', 'UntagResource'],
        requestParameters: { resourceARN: [{ wildcard: '*:model-customization-job/*' }] },
      },
    ],
  },
} as const;

/** Names of the stack's CloudFormation outputs. */
export const OUTPUT = {
  jobsTableName: 'JobsTableName',
  jobsTableArn: 'JobsTableArn',
  jobEventsQueueUrl: 'JobEventsQueueUrl',
  jobEventsDeadLetterQueueUrl: 'JobEventsDeadLetterQueueUrl',
  trackJobFunctionName: 'TrackJobFunctionName',
  reconcileJobsFunctionName: 'ReconcileJobsFunctionName',
} as const;

/** SSM parameters by which other stacks and services find the table. */
export const PARAMETER = {
  jobsTableName: '/bedrock-job-tracker/jobs-table-name',
  jobsTableArn: '/bedrock-job-tracker/jobs-table-arn',
} as const;

/** The input of the reconcile-jobs function: which sweep to run. */
export const SWEEPS = ['active', 'full'] as const;
export type SweepKind = (typeof SWEEPS)[number];
export interface ReconcileRequest {
  readonly sweep: SweepKind;
}
