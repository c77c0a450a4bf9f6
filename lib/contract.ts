/**
 * What infrastructure, runtime and readers must agree on: names that two sides share stand here once.
 * `docs/table.md` describes the table for services in any language.
 */

/** Environment variables of the Lambda functions. */
export const ENV = {
  jobsTable: 'JOBS_TABLE_NAME',
  sweepsTable: 'SWEEPS_TABLE_NAME',
  /** Absent where models are not tracked. */
  modelsTable: 'MODELS_TABLE_NAME',
  /** After how many days without use a deployment or throughput counts as idle. */
  idleAfterDays: 'IDLE_AFTER_DAYS',
  /**
   * Scopes, `<account id>#<region>`, separated by commas: those that reconcile-jobs tracks whether a spoke tells of them or
   * not, and all that a reader knows. A reader with `REGISTERED_SCOPES` takes them from the sweeps table.
   */
  scopes: 'TRACKED_SCOPES',
  /** How often a scope in each state is swept, and how often by each other sweep: `<state or sweep>=<minutes>`, separated by commas. */
  sweepMinutes: 'SWEEP_MINUTES',
  /** After how many hours without a word from its spoke a scope that no variable names is released. */
  releaseAfterHours: 'RELEASE_AFTER_HOURS',
  /** URL of the queue with a message for each scope to sweep; absent where reconcile-jobs sweeps the scopes itself. */
  sweepsQueue: 'SWEEPS_QUEUE_URL',
  /** How long after its last change a job's tags are still compared by full sweeps, in days. */
  tagRefreshDays: 'TAG_REFRESH_DAYS',
  /** The account whose scopes are reached without a role; absent where every scope is. */
  homeAccount: 'HOME_ACCOUNT_ID',
  /** ARN of the role that reads a scope of another account, with `{account}` and `{region}` in place of the scope's. */
  spokeRoleArn: 'SPOKE_ROLE_ARN',
  /** What the spoke roles ask for besides the caller's identity. */
  spokeExternalId: 'SPOKE_EXTERNAL_ID',
  /** Name or ARN of the event bus that transitions are published on. */
  transitionsBus: 'TRANSITIONS_BUS',
  /** `true` where failure messages stay out of transition events, and so of notifications. */
  redactFailureMessages: 'REDACT_FAILURE_MESSAGES',
  /** ARN of the topic that notifications go to. */
  notificationsTopic: 'NOTIFICATIONS_TOPIC_ARN',
  /** The event source mappings whose state active sweeps look at, as `<source>=<UUID>+<UUID>`, separated by commas. */
  eventSources: 'EVENT_SOURCES',
} as const;

/** One secondary index: its keys are attributes of type string. */
export interface IndexSchema {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** True for an index that carries nothing besides its keys and the table's. */
  readonly keysOnly?: true;
}

/** One table as CDK, the embedded DynamoDB and the readers need it. Every key is of type string (S). */
export interface TableSchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: Readonly<Record<string, IndexSchema>>;
  /** What each index that is not `keysOnly` carries besides the keys. DynamoDB allows 100 such attributes a table, all indexes together. */
  readonly projected: readonly string[];
}

/** What an index that is not `keysOnly` carries besides its keys: DynamoDB refuses to see those named again. */
export const carriedBy = (index: IndexSchema, projected: readonly string[]): string[] =>
  projected.filter((attribute) => attribute !== index.partitionKey && attribute !== index.sortKey);

/** Names of the jobs table's indexes. */
export const INDEX = {
  byStatus: 'by-status',
  active: 'active',
  byScope: 'by-scope',
  byBaseModel: 'by-base-model',
  byOutputModel: 'by-output-model',
  byJobName: 'by-job-name',
  byJobId: 'by-job-id',
} as const;

/**
 * The table of job records: its key, the keys of each index, and what every index carries besides them. All keys are of
 * type S. Described for readers in any language in docs/table.md.
 */
export const JOBS_TABLE = {
  partitionKey: 'job_arn',
  indexes: {
    [INDEX.byStatus]: { partitionKey: 'status', sortKey: 'last_modified_time' },
    [INDEX.active]: { partitionKey: 'active_scope', sortKey: 'creation_time' },
    [INDEX.byScope]: { partitionKey: 'scope', sortKey: 'creation_time' },
    [INDEX.byBaseModel]: { partitionKey: 'base_model_arn', sortKey: 'creation_time' },
    [INDEX.byOutputModel]: { partitionKey: 'output_model_arn', sortKey: 'creation_time' },
    [INDEX.byJobName]: { partitionKey: 'job_name', sortKey: 'creation_time' },
    // An id leads to the record alone: what it would carry besides counts towards the 100 attributes of a table.
    [INDEX.byJobId]: { partitionKey: 'job_id', sortKey: 'creation_time', keysOnly: true },
  },
  projected: [
    'account_id',
    'region',
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
    'untracked_since',
    'tags',
  ],
} as const satisfies TableSchema;

/** Names of the models table's indexes. */
export const MODEL_INDEX = {
  byJob: 'by-job',
  serving: 'serving',
  byScope: 'by-scope',
  byBaseModel: 'by-base-model',
  byModelName: 'by-model-name',
} as const;

/**
 * The table of model records, and of pointers from deployments and throughputs to their models. All keys are of type S.
 */
export const MODELS_TABLE = {
  partitionKey: 'model_arn',
  indexes: {
    [MODEL_INDEX.byJob]: { partitionKey: 'job_arn', sortKey: 'creation_time' },
    [MODEL_INDEX.serving]: { partitionKey: 'serving_scope', sortKey: 'creation_time' },
    [MODEL_INDEX.byScope]: { partitionKey: 'scope', sortKey: 'creation_time' },
    [MODEL_INDEX.byBaseModel]: { partitionKey: 'base_model_arn', sortKey: 'creation_time' },
    // Of models, deployments and throughputs.
    [MODEL_INDEX.byModelName]: { partitionKey: 'model_name', sortKey: 'creation_time', keysOnly: true },
  },
  projected: [
    'account_id',
    'region',
    'model_name',
    'status',
    'creation_time',
    'job_arn',
    'job_name',
    'base_model_arn',
    'customization_type',
    'serving_scope',
    'deployments',
    'provisioned_throughputs',
    'usage',
    'last_used_at',
    'missing_since',
    'untracked_since',
    'tags',
  ],
} as const satisfies TableSchema;

/** The value of `TRACKED_SCOPES` and of the parameter `tracked-scopes` of a hub, to which spokes register themselves. */
export const REGISTERED_SCOPES = '*';

/**
 * What is known of a scope's jobs decides how often it is swept: some are active, all have ended, there never was one, or
 * it is not tracked any more.
 */
export const SCOPE_STATES = ['active', 'idle', 'empty', 'released'] as const;
export type ScopeState = (typeof SCOPE_STATES)[number];
/** The states of scopes that have jobs: what readers list. */
export const STATES_WITH_JOBS = ['active', 'idle'] as const satisfies ScopeState[];

/** The index of scopes by state. Each state has so many partitions, `<state>#0` and on. */
export const BY_STATE_INDEX = 'by-state';
export const STATE_SHARDS = 2;
export const shardsOf = (state: ScopeState): string[] =>
  Array.from({ length: STATE_SHARDS }, (_, shard) => `${state}#${shard.toString()}`);

/** The sort key of the item that registers a scope, beside those with the state of each sweep. */
export const SCOPE_ITEM = 'scope';

/** An item for each scope, and one for the state of each sweep in it. */
export const SWEEPS_TABLE = {
  partitionKey: 'scope',
  sortKey: 'sweep',
  // Sparse: only the item that registers a scope has its keys.
  indexes: { [BY_STATE_INDEX]: { partitionKey: 'state_shard', sortKey: 'due_at' } },
  projected: ['active_jobs', 'oldest_active_at', 'swept_at', 'failing_since', 'error'],
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

const TAG_CALLS = ['TagResource', 'UntagResource'] as const;

/** Create and Stop name jobs only; Tag and Untag cover every Bedrock resource, so their ARN is looked at. */
const JOB_CALLS = [
  { eventName: ['CreateModelCustomizationJob', 'StopModelCustomizationJob'] },
  {
    eventName: TAG_CALLS,
    // Its separators may be percent-encoded.
    requestParameters: { resourceARN: [{ wildcard: '*model-customization-job*' }] },
  },
];

/** The calls that change a model or what serves it, besides those of tags. Bedrock has no events of its own for them. */
export const MODEL_CALLS = [
  'CreateCustomModel',
  'DeleteCustomModel',
  'CreateCustomModelDeployment',
  'UpdateCustomModelDeployment',
  'DeleteCustomModelDeployment',
  'CreateProvisionedModelThroughput',
  'UpdateProvisionedModelThroughput',
  'DeleteProvisionedModelThroughput',
] as const;

const apiCallPattern = ($or: readonly object[]) => ({
  source: [BEDROCK_EVENT_SOURCE],
  'detail-type': [CLOUDTRAIL_DETAIL_TYPE],
  detail: { eventSource: [CLOUDTRAIL_EVENT_SOURCE], errorCode: [{ exists: false }], $or },
});
export const API_CALL_PATTERN = apiCallPattern(JOB_CALLS);
/** Where models are tracked too. */
export const MODEL_API_CALL_PATTERN = apiCallPattern([
  ...JOB_CALLS,
  { eventName: MODEL_CALLS },
  {
    eventName: TAG_CALLS,
    requestParameters: { resourceARN: [{ wildcard: '*custom-model*' }, { wildcard: '*imported-model*' }] },
  },
]);

/** What a spoke tells the hub every hour. Account and Region are those of the event's envelope, which no sender can forge. */
export const HEARTBEAT_SOURCE = 'bedrock-job-tracker.spoke';
export const HEARTBEAT_DETAIL_TYPE = 'Spoke Heartbeat';
export const HEARTBEAT_PATTERN = { source: [HEARTBEAT_SOURCE], 'detail-type': [HEARTBEAT_DETAIL_TYPE] } as const;

/** What the tracker publishes: one event for each transition of a job. docs/events.md describes it for subscribers. */
export const TRANSITION_EVENT_SOURCE = 'bedrock-job-tracker';
/** The detail type of those events. */
export const TRANSITION_DETAIL_TYPE = 'Model Customization Job Transitioned';
/** Of a model, or of what serves it. */
export const MODEL_TRANSITION_DETAIL_TYPE = 'Custom Model Transitioned';
/** Grows when a subscriber's reading could break; new fields alone do not change it. */
export const TRANSITION_DETAIL_VERSION = '1';

/**
 * The role that a spoke gives to the hub. Role names are unique in an account, so it names the hub and the Region. Its
 * name is known ahead, so that the hub's permissions can name it before it exists.
 */
export const spokeRoleName = (hubId: string, region: string): string => `bedrock-job-tracker-spoke-${hubId}-${region}`;

/**
 * CloudWatch metrics in embedded metric format. Each carries `service`, which tells one tracker from another, and where
 * named one dimension more: `docs/metrics.md` has the dimensions of each.
 */
export const METRIC_NAMESPACE = 'BedrockJobTracker';
/** Names of the metrics, each with its unit. */
export const METRIC = {
  /** Looks at a job that events led to, by `outcome` (created, updated, unchanged, stale, failed). Count. */
  jobsTracked: 'JobsTracked',
  /** From Bedrock's event to the record that shows it. Milliseconds; Bedrock dates events to the second. */
  eventToRecordLatency: 'EventToRecordLatency',
  /** Requests to Bedrock, retries included, by `operation`; those about models together. Count. */
  bedrockCalls: 'BedrockCalls',
  /** Of each request about jobs whether Bedrock throttled it (1 or 0), by `operation`. Count; the average is the share. */
  bedrockThrottles: 'BedrockThrottles',
  /** 0 for each event that came, 1 for each that a sweep found missing, by `event`: the average is the missed share. Count. */
  eventsMissed: 'EventsMissed',
  /** Looks of a sweep at a difference that changed nothing: Bedrock's list and its answers disagree. Count, where any. */
  looksWithoutChange: 'LooksWithoutChange',
  /** Jobs that Bedrock lists as InProgress or Stopping, of all scopes. Count. */
  activeJobs: 'ActiveJobs',
  /** Age of the oldest of them; 0 where there is none. Seconds. */
  oldestActiveJobAge: 'OldestActiveJobAge',
  /** How long a sweep of a scope's jobs took, by `sweep`. Milliseconds. */
  sweepDuration: 'SweepDuration',
  /**
   * By `sweep`. Of active sweeps the share of the tracked scopes whose last one is not late and tracked each job, a value
   * each time that due sweeps are started: the heartbeat. Of the others 100 or 0 for each: whether it tracked all. Percent.
   */
  sweepCompleteness: 'SweepCompleteness',
  /** 1 for each scope that cannot be swept, such as one without a spoke, by `scope`; without a scope their number. Count. */
  scopesFailing: 'ScopesFailing',
  /** 1 for each scope that is released, as its spoke fell silent, by `scope` and without. Count. */
  scopesReleased: 'ScopesReleased',
  /** Events put on the transitions bus. Count. */
  transitionsPublished: 'TransitionsPublished',
  /** 1 where an active sweep found that Lambda reads a source of events, else 0, by `source`. Count. */
  eventSourceEnabled: 'EventSourceEnabled',
} as const;
/** The name of one of the tracker's metrics. */
export type MetricName = (typeof METRIC)[keyof typeof METRIC];
/** Names of the metrics' dimensions. */
export const DIMENSION = {
  service: 'service',
  outcome: 'outcome',
  operation: 'operation',
  sweep: 'sweep',
  scope: 'scope',
  event: 'event',
  source: 'source',
} as const;

/** What the tracker asks Bedrock about jobs: values of the dimension `operation`. */
export const BEDROCK_OPERATIONS = [
  'GetModelCustomizationJob',
  'ListModelCustomizationJobs',
  'ListTagsForResource',
] as const;
/** The value for all requests about models: each hourly series costs as much as three alarms. */
export const MODEL_REQUESTS = 'models';

/** What is told by events: that a job changed its status, by Bedrock, and that it was created, by CloudTrail. */
export const EVENT_KINDS = ['state-change', 'creation'] as const;
/** A value of the dimension `event`. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** What Lambda reads for the tracker: the queue of events about jobs and models, and the streams of their tables. */
export const EVENT_SOURCES = ['job-events', 'transitions'] as const;
/** A value of the dimension `source`. */
export type EventSource = (typeof EVENT_SOURCES)[number];

// What a hub tells its spokes. Names of their own, so that a reader's bundle can leave out what it does not use.
const HUB_ACCOUNT_ID = 'HubAccountId';
const HUB_BUS_ARN = 'HubBusArn';
const HUB_ID = 'HubId';
const HUB_ROLE_ARNS = 'HubRoleArns';

/** Names of the stack's CloudFormation outputs, and of the lines of the SSM parameter `outputs`. */
export const OUTPUT = {
  jobsTableName: 'JobsTableName',
  jobsTableArn: 'JobsTableArn',
  /** Only where models are tracked. */
  modelsTableName: 'ModelsTableName',
  modelsTableArn: 'ModelsTableArn',
  jobEventsQueueUrl: 'JobEventsQueueUrl',
  jobEventsDeadLetterQueueUrl: 'JobEventsDeadLetterQueueUrl',
  trackJobFunctionName: 'TrackJobFunctionName',
  reconcileJobsFunctionName: 'ReconcileJobsFunctionName',
  publishTransitionsFunctionName: 'PublishTransitionsFunctionName',
  undeliveredEventsQueueUrl: 'UndeliveredEventsQueueUrl',
  undeliveredSweepsQueueUrl: 'UndeliveredSweepsQueueUrl',
  undeliveredTransitionsQueueUrl: 'UndeliveredTransitionsQueueUrl',
  scheduleGroupName: 'ScheduleGroupName',
  transitionsBusArn: 'TransitionsBusArn',
  /** Only where there are alarms. */
  alarmNamePrefix: 'AlarmNamePrefix',
  /** Only where people are told of transitions. */
  notifyTransitionFunctionName: 'NotifyTransitionFunctionName',
  notificationsTopicArn: 'NotificationsTopicArn',
  undeliveredNotificationsQueueUrl: 'UndeliveredNotificationsQueueUrl',
  /** Only where the tracker is a hub. */
  hubAccountId: HUB_ACCOUNT_ID,
  hubBusArn: HUB_BUS_ARN,
  hubId: HUB_ID,
  hubRoleArns: HUB_ROLE_ARNS,
} as const;

/** What STS takes as an external id: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const EXTERNAL_ID_PATTERN = String.raw`[\w+=,.@:/-]{2,1224}`;

/**
 * Parameters of the spoke's template: the hub's outputs of the same names, the hub's external id, and optionally a KMS
 * key and what the hub may read of models.
 */
export const SPOKE_PARAMETER = {
  hubAccountId: HUB_ACCOUNT_ID,
  hubBusArn: HUB_BUS_ARN,
  hubId: HUB_ID,
  hubRoleArns: HUB_ROLE_ARNS,
  externalId: 'ExternalId',
  queueKey: 'QueueKey',
  models: 'Models',
} as const;

/**
 * Path of the SSM parameters by which other stacks, services and the command line find the tracker, unless a prop gives
 * another one.
 */
export const PARAMETER_PREFIX = '/bedrock-job-tracker';
/** Their names under the default prefix. */
export const PARAMETER = {
  jobsTableName: `${PARAMETER_PREFIX}/jobs-table-name`,
  jobsTableArn: `${PARAMETER_PREFIX}/jobs-table-arn`,
  /** Only where models are tracked. */
  modelsTableName: `${PARAMETER_PREFIX}/models-table-name`,
  modelsTableArn: `${PARAMETER_PREFIX}/models-table-arn`,
  /** Read by `bedrock-jobs redrive`. */
  jobEventsDeadLetterQueueArn: `${PARAMETER_PREFIX}/job-events-dead-letter-queue-arn`,
  /** The tracked scopes, `<account id>#<region>`, separated by commas: what readers list jobs of. */
  trackedScopes: `${PARAMETER_PREFIX}/tracked-scopes`,
  /** Read by `bedrock-jobs status`. */
  sweepsTableName: `${PARAMETER_PREFIX}/sweeps-table-name`,
  /** URLs of the queues that are empty unless something is wrong, separated by commas. */
  watchedQueueUrls: `${PARAMETER_PREFIX}/watched-queue-urls`,
  /** Read by `bedrock-jobs sweep --deployed`. */
  reconcileJobsFunctionName: `${PARAMETER_PREFIX}/reconcile-jobs-function-name`,
  /** By which other stacks add rules for transitions. */
  transitionsBusArn: `${PARAMETER_PREFIX}/transitions-bus-arn`,
  /** How the tracker was deployed, as JSON: version, schedules, names of its parts. Read by `bedrock-jobs status`. */
  settings: `${PARAMETER_PREFIX}/settings`,
  /** The outputs as lines, `<name of OUTPUT>=<value>`: a construct in another stack has them too. Read by the runbook. */
  outputs: `${PARAMETER_PREFIX}/outputs`,
} as const;

/** Version of the package: the stack publishes it, and `bedrock-jobs doctor` compares it with its own. */
export const VERSION = '0.2.0';

/** The public repository, as package.json has it. */
export const REPOSITORY = 'https://github.com/bedrock-job-tracker/bedrock-job-tracker';

/** The address of a page of `docs`, as this version has it. */
export const pageAt = (page: string): string => `${REPOSITORY}/blob/v${VERSION}/docs/${page}`;

/** The runbook that alarms name, unless a prop gives another address. */
export const RUNBOOK_URL = pageAt('runbook.md');

/** What readers need to know of a deployment and no other parameter says. */
export interface TrackerSettings {
  /** Version of the package that deployed the stack. */
  readonly version: string;
  readonly stackName: string;
  /** How often a scope with active jobs is swept, one without, and one that never had a job: where they differ. */
  readonly activeSweepMinutes: number;
  readonly idleSweepMinutes?: number;
  readonly emptySweepMinutes?: number;
  /** After how long a silent spoke's scope is released. Only of a hub. */
  readonly releaseAfterHours?: number;
  readonly fullSweepMinutes: number;
  /** Only where models are tracked. */
  readonly modelSweepMinutes?: number;
  /** Only where the use of models is measured, once a day: after how many days without use they count as idle. */
  readonly idleAfterDays?: number;
  /** How long after its last change a job's tags are still compared by full sweeps; absent where the trail decides. */
  readonly tagRefreshDays?: number;
  /** How long a job may run before the alarm JobRunsLong. */
  readonly longRunningMinutes: number;
  readonly functionNames: {
    readonly trackJob: string;
    readonly publishTransitions: string;
    /** Only where people are told of transitions. */
    readonly notifyTransition?: string;
  };
  /** Ids of the event source mappings: of the queue of events, and of the streams of the jobs and the models table. */
  readonly eventSourceMappings: {
    readonly jobEvents: string;
    readonly transitions: string;
    /** Only where models are tracked. */
    readonly modelTransitions?: string;
  };
  readonly jobEventsQueueUrl: string;
  readonly ruleArns: readonly string[];
  readonly scheduleGroupName: string;
  /** Only where the schedules are switched off. */
  readonly schedulesEnabled?: boolean;
  readonly transitionsBusArn: string;
  /** Only where people are told of transitions. */
  readonly notificationsTopicArn?: string;
  /** Address of the runbook; absent in settings of version 0.1.0. */
  readonly runbookUrl?: string;
}

/** The name of one of them under another prefix. */
export const parameterUnder = (prefix: string, name: string): string => prefix + name.slice(PARAMETER_PREFIX.length);

/** The sweeps: which one reconcile-jobs runs, and values of the dimension `sweep`. */
export const SWEEPS = ['active', 'full', 'models', 'usage'] as const;
/** A value of the dimension `sweep`. */
export type SweepKind = (typeof SWEEPS)[number];
/** What reconcile-jobs logs of each failure in a sweep. */
export const SWEEP_FAILURE: Readonly<Record<SweepKind, string>> = {
  active: 'job not tracked',
  full: 'job not tracked',
  models: 'model not tracked',
  usage: 'use not measured',
};
/** What starts reconcile-jobs: by its schedule all sweeps that are `due`, by hand one kind now, in every scope or in one. */
export interface ReconcileRequest {
  readonly sweep: SweepKind | 'due';
  /** `<account id>#<region>` */
  readonly scope?: string;
}
/** A message of the queue of sweeps: one scope. Without `sweep` what is due in it. */
export interface SweepMessage {
  readonly scope: string;
  readonly sweep?: SweepKind;
}
