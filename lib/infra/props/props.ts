import type { Duration, RemovalPolicy, StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import type { FunctionOverrides } from './functions.ts';

/** Scopes to track: each of the accounts in each of the Regions. */
export interface TrackedScopes {
  /**
   * Account ids of 12 digits.
   * @default - the stack's own account
   */
  readonly accounts?: string[];
  /**
   * Names of Regions.
   * @default - the stack's own Region
   */
  readonly regions?: string[];
}

/** Messages for people, by an SNS topic. */
export interface NotificationProps {
  /**
   * Statuses that send a message. The backfill sends none.
   * @default ['Completed', 'Failed', 'Stopped']
   */
  readonly statuses?: string[];
  /**
   * Addresses that get the messages by e-mail, once each has confirmed the mail that SNS sends it.
   * @default - none: subscribe to `notificationsTopic` by other means
   */
  readonly emails?: string[];
  /**
   * Also sends a message when nothing has used a deployment or a provisioned throughput for `idleAfter`.
   * @default false
   */
  readonly idleModels?: boolean;
}

/** Props of {@link BedrockJobTracker}. Every default is the safe one. */
export interface BedrockJobTrackerProps {
  /**
   * Accounts and Regions to track whether their spokes tell of them or not: as many as fit into a variable of Lambda, about
   * 100. Another account or Region needs the stack {@link BedrockJobTrackerSpoke}, which forwards its events and, in
   * another account, lets this tracker read. `[]` tracks only those whose spokes register themselves.
   * @default [{}], the account and Region of the stack
   */
  readonly scopes?: TrackedScopes[];

  /**
   * External id of the spokes' roles, against the confused deputy: a secret of 2 to 1224 letters, digits and
   * `+=,.@:/_-`. Required if other accounts may have spokes.
   * @default - none
   */
  readonly spokeExternalId?: string;

  /**
   * The AWS Organization whose accounts may have spokes, such as `o-a1b2c3d4e5`. Each spoke registers itself.
   * @default - the accounts that `scopes` and `spokeAccounts` name
   */
  readonly organizationId?: string;

  /**
   * Accounts that may have spokes, besides those of the organization, at most 200. Each spoke registers itself.
   * @default - none
   */
  readonly spokeAccounts?: string[];

  /**
   * Regions with Amazon Bedrock that this version does not know yet.
   * @default []
   */
  readonly knownRegions?: string[];

  /**
   * How often a scope with active jobs is compared with Bedrock: whole minutes, at least 1. A record is at most this late
   * when an event was lost. An idle sweep costs 2 Bedrock calls and 1 index query, however many jobs have finished.
   * @default Duration.minutes(5)
   */
  readonly activeSweepEvery?: Duration;

  /**
   * How often a scope without active jobs is compared: whole minutes, not more often than `activeSweepEvery`. A job is
   * noticed at most this late when its first event was lost. An event wakes the scope at once.
   * @default - 1 hour in a hub, else `activeSweepEvery`
   */
  readonly idleSweepEvery?: Duration;

  /**
   * How often a scope that never had a job is compared, as `idleSweepEvery`.
   * @default - 1 day in a hub, else `activeSweepEvery`
   */
  readonly emptySweepEvery?: Duration;

  /**
   * How often all jobs are compared with Bedrock: whole minutes, not more often than `activeSweepEvery`. The first full
   * sweep starts with the deployment and imports the jobs that exist.
   * @default Duration.days(1)
   */
  readonly fullSweepEvery?: Duration;

  /**
   * A scope that `scopes` does not name is released when its spoke was silent for so long: whole hours, at least 2.
   * Its records stay, marked `untracked_since`, until the spoke tells of it again.
   * @default Duration.days(1)
   */
  readonly releaseAfter?: Duration;

  /**
   * How many scopes a hub sweeps at once: 2 to 1000, Lambda's limits for an SQS event source.
   * @default - 20, or one less than what is reserved for reconcile-jobs
   */
  readonly sweepConcurrency?: number;

  /**
   * Full sweeps compare a job's tags for this long after its last change: whole days. Bedrock reports changed tags only
   * through CloudTrail, and each comparison costs one ListTagsForResource call. `Duration.days(0)` turns it off.
   * @default - 30 days in a scope without a trail; not at all where CloudTrail tells of creations
   */
  readonly tagRefreshWindow?: Duration;

  /**
   * Tracks custom models, and their deployments and provisioned throughputs, in a table of their own. `false`: no table,
   * no permission and no call for them.
   * @default true
   */
  readonly models?: boolean;

  /**
   * How often models are compared with Bedrock: whole minutes, at least 1. An idle sweep costs 3 Bedrock calls and 1 index
   * query for up to 1,000 models.
   * @default Duration.hours(1)
   */
  readonly modelSweepEvery?: Duration;

  /**
   * Asks CloudWatch once a day how much each deployment and provisioned throughput was used, by GetMetricData ($0.01 a
   * 1,000 metrics in us-east-1). IAM has no resource type for the action.
   * @default true, where `models` is
   */
  readonly modelUsage?: boolean;

  /**
   * A deployment or provisioned throughput that nothing has used for so long is idle: whole days, 1 to 455, as long as
   * CloudWatch keeps its use.
   * @default Duration.days(14)
   */
  readonly idleAfter?: Duration;

  /**
   * Whether the schedules start sweeps. Without them a lost event stays lost, a new tracker imports no jobs, and the
   * alarms on missing sweeps are left out: for a tracker that waits for its turn.
   * @default true
   */
  readonly schedulesEnabled?: boolean;

  /**
   * Concurrent invocations of track-job: 2 to 1000, Lambda's limits for an SQS event source. Bedrock's control plane
   * allows a few requests a second in an account and Region, so more invocations only mean more throttling.
   * @default 5
   */
  readonly maxConcurrency?: number;

  /**
   * Receives an event for each transition (docs/events.md). It may belong to another account, but must be in the stack's
   * Region; `notifications` and targets need a bus of the stack's own account.
   * @default - the default bus of the account and Region
   */
  readonly transitionsBus?: IEventBus;

  /**
   * Leaves Bedrock's failure messages, which can name buckets, keys and roles, out of events and notifications. The record
   * always has them.
   * @default false
   */
  readonly redactFailureMessages?: boolean;

  /**
   * Sends a message to people when a job ends.
   * @default - no topic, no messages
   */
  readonly notifications?: NotificationProps;

  /**
   * Creates the alarms of docs/runbook.md ($0.10 a month each in us-east-1; ten in an account are free).
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * Topic in the stack's Region that is notified when an alarm starts and ends.
   * @default - none: alarms show in CloudWatch only
   */
  readonly alarmTopic?: ITopic;

  /**
   * Address of the runbook that alarms and the CloudWatch dashboard link to, such as a copy in your wiki: http or https,
   * at most 450 characters, without `#`, as each link adds the anchor of its paragraph.
   * @default - the public page of this version
   */
  readonly runbookUrl?: string;

  /**
   * Alarms that ring at other values or in other periods than by default, or that the tracker does without:
   * `{ trackJobErrors: { threshold: 5 }, creationsMissed: { enabled: false } }`.
   * @default - docs/configuration.md lists the values
   */
  readonly alarmThresholds?: AlarmThresholds;

  /**
   * A job that runs longer than this raises an alarm: whole minutes, longer than `activeSweepEvery`.
   * @default Duration.days(2)
   */
  readonly longRunningAfter?: Duration;

  /**
   * Creates a CloudWatch dashboard ($3 a month in us-east-1; three in an account are free).
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * MB of memory of each function, 128 to 10240. CPU comes with memory, and Lambda bills both by time.
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * Invocations at once that Lambda keeps for each function, and its limit: at least `maxConcurrency`. It takes them from
   * those of the account.
   * @default - none reserved
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * Memory and reserved concurrency of single functions.
   * @default - all functions have the same
   */
  readonly functions?: FunctionOverrides;

  /**
   * A VPC that the functions connect to. It needs a way to AWS: docs/configuration.md lists the endpoints.
   * @default - Lambda's own network
   */
  readonly vpc?: IVpc;

  /**
   * Private subnets of `vpc` for the functions.
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups of the functions in `vpc`.
   * @default - a new group that lets HTTPS out and nothing in
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * How long the functions' logs are kept.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * A log group for all functions, with the retention, key and removal policy that you gave it. It must be of the class
   * STANDARD: CloudWatch makes the tracker's metrics of its logs, but not of those of other classes.
   * @default - a log group for each function, which is deleted with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * The lowest level that the functions log: `DEBUG`, `INFO`, `WARN` or `ERROR`.
   * @default 'INFO'
   */
  readonly logLevel?: string;

  /**
   * An existing jobs table to continue with, such as one that a deleted stack left behind or a restored copy: see "Restore
   * the records" in docs/runbook.md. It needs the key and the indexes of docs/table.md and a stream of new and old images
   * (import it with `tableStreamArn`). Enable the stream just before: what it already holds is published. The tracker
   * neither changes nor deletes the table.
   * @default - a new table
   */
  readonly jobsTable?: ITable;

  /**
   * An existing models table to continue with, as `jobsTable`.
   * @default - a new table
   */
  readonly modelsTable?: ITable;

  /**
   * Physical name of the jobs table; that of models adds `-models`, and in a hub that of scopes `-sweeps`. To change it,
   * also from none to one, replaces the tables: CloudFormation makes empty ones, and keeps the old ones by `removalPolicy` alone. A table that a deleted stack
   * left behind stands in the way of another one of its name: continue with it as `jobsTable`.
   * @default - CloudFormation makes a name
   */
  readonly tableName?: string;

  /**
   * What happens to the tables of records when the tracker or its stack is deleted. Another policy than the default needs
   * `deletionProtection: false`, because DynamoDB refuses to delete a protected table. Does not apply to an adopted table.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * DynamoDB refuses to delete the tables of records. Does not apply to an adopted table.
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * The tables, except adopted ones, can be restored to any second of the last 35 days ($0.20 a GB-month in us-east-1).
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * AWS X-Ray traces the functions. X-Ray's two write actions have no resource type, so each function's role gets a
   * statement for all resources.
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * A customer managed key of the stack's account and Region for everything that holds job data: tables, queues, log
   * groups and the notification topic; and for the functions' environment variables.
   * The key policy of a key made in the app is extended; a key imported by ARN must already allow CloudWatch Logs and
   * EventBridge of this account to use it.
   * @default - AWS managed keys, which are free
   */
  readonly encryptionKey?: IKey;

  /**
   * Path of the tracker's SSM parameters. A second tracker in the same account and Region needs another one. Without its
   * first slash it is also the dimension `service` of the tracker's metrics.
   * @default '/bedrock-job-tracker'
   */
  readonly parameterPrefix?: string;

  /**
   * Folder of the bundled functions, `<folder>/<name>/index.js`: `dist/lambdas` of this package, or stubs in tests.
   * @internal
   */
  readonly _codeDirectory?: string;
}

/** The stack's name unless the props give another one, and its id in the app. */
export const STACK_NAME = 'BedrockJobTracker';

/** The props of the stack: those of the tracker, and ARNs of what exists elsewhere. */
export interface BedrockJobTrackerStackProps extends BedrockJobTrackerProps, StackProps {
  /** ARN of {@link BedrockJobTrackerProps.alarmTopic}. */
  readonly alarmTopicArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.transitionsBus}. */
  readonly transitionsBusArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.encryptionKey}. */
  readonly encryptionKeyArn?: string;
  /** Id of {@link BedrockJobTrackerProps.vpc}. Needs `subnetIds`. */
  readonly vpcId?: string;
  /** Ids of {@link BedrockJobTrackerProps.vpcSubnets}. */
  readonly subnetIds?: string[];
  /** Ids of {@link BedrockJobTrackerProps.securityGroups}. */
  readonly securityGroupIds?: string[];
  /** Name of {@link BedrockJobTrackerProps.logGroup}. */
  readonly logGroupName?: string;
  /** ARN of the stream of {@link BedrockJobTrackerProps.jobsTable}. It begins with the table's ARN. */
  readonly jobsTableStreamArn?: string;
  /**
   * ARN of the KMS key that encrypts {@link BedrockJobTrackerProps.jobsTable}.
   * @default - `encryptionKey`
   */
  readonly jobsTableKeyArn?: string;
}
