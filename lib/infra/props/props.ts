import type { Duration, RemovalPolicy, StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** Log levels of the functions, as Powertools for AWS Lambda names them. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Scopes to track: each of the accounts in each of the Regions. */
export interface TrackedScopes {
  /**
   * Account ids of 12 digits.
   * @default - the stack's own account
   */
  readonly accounts?: readonly string[];
  /**
   * Names of Regions.
   * @default - the stack's own Region
   */
  readonly regions?: readonly string[];
}

/** Messages for people, by an SNS topic. */
export interface NotificationProps {
  /**
   * The statuses whose beginning is told of, one message each. What the backfill finds is not told.
   * @default ['Completed', 'Failed', 'Stopped']
   */
  readonly statuses?: readonly string[];
  /**
   * Addresses that get the messages by e-mail, once each has confirmed the mail that SNS sends it.
   * @default - none: subscribe to `notificationsTopic` by other means
   */
  readonly emails?: readonly string[];
}

/** How a {@link BedrockJobTracker} is set up. Every default is the safe one. */
export interface BedrockJobTrackerProps {
  /**
   * The accounts and Regions to track, at most 100 together. One of another account or Region needs the stack
   * {@link BedrockJobTrackerSpoke} there, which forwards its events and, in another account, lets this tracker read.
   * An account or Region that is taken out of the list keeps its records, marked by `untracked_since`.
   * @default [{}], the account and Region of the stack
   */
  readonly scopes?: readonly TrackedScopes[];

  /**
   * What the spokes of other accounts ask the tracker for, so that nobody else can make it enter them. A text that
   * others do not know, of 2 to 1224 letters, digits and `+=,.@:/_-`; needed where `scopes` names other accounts.
   * @default - none
   */
  readonly spokeExternalId?: string;

  /**
   * The AWS Organization whose accounts may forward events, such as `o-a1b2c3d4e5`.
   * @default - the accounts that `scopes` names
   */
  readonly organizationId?: string;

  /**
   * Regions that have Amazon Bedrock although this package does not know it yet.
   * @default []
   */
  readonly knownRegions?: readonly string[];

  /**
   * How often jobs that are still running are compared with Bedrock: whole minutes, at least 1.
   * It bounds how late a record can be when Bedrock's event was lost. An idle sweep costs 2 Bedrock calls and
   * 1 index query, whatever the number of finished jobs.
   * @default Duration.minutes(5)
   */
  readonly activeSweepEvery?: Duration;

  /**
   * How often every job, finished ones included, is compared with Bedrock: whole minutes, not more often than
   * `activeSweepEvery`. The first full sweep starts with the deployment and backfills.
   * @default Duration.days(1)
   */
  readonly fullSweepEvery?: Duration;

  /**
   * How long after its last change a job's tags are still compared by full sweeps: whole days. Bedrock says nothing
   * about changed tags but through CloudTrail, and each comparison costs one ListTagsForResource call.
   * `Duration.days(0)` turns the comparison off.
   * @default Duration.days(30)
   */
  readonly tagRefreshWindow?: Duration;

  /**
   * How many invocations of track-job may run at once: 2 to 1000, Lambda's limits for an SQS event source. Bedrock's
   * control plane allows a few requests a second for an account and Region, so more only means more throttling.
   * @default 5
   */
  readonly maxConcurrency?: number;

  /**
   * The bus that an event is put on for each transition of a job, described in docs/events.md. It may belong to another
   * account, in the stack's Region and without rules of this stack: `notifications` and targets need a bus of the stack's
   * own account and Region.
   * @default - the default bus of the account and Region
   */
  readonly transitionsBus?: IEventBus;

  /**
   * Whether Bedrock's failure messages stay out of events and notifications. They can name buckets, keys and roles; the
   * record has them in any case.
   * @default false
   */
  readonly redactFailureMessages?: boolean;

  /**
   * Whom to tell, in a message that people read, when a job ends.
   * @default - no topic, no messages
   */
  readonly notifications?: NotificationProps;

  /**
   * Whether the alarms of docs/runbook.md are made ($0.10 each a month in us-east-1, ten of an account are free).
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * Where alarms go, and that they are over: a topic of the stack's Region.
   * @default - nowhere: alarms are seen in CloudWatch alone
   */
  readonly alarmTopic?: ITopic;

  /**
   * How long a job may run before an alarm says so: whole minutes, longer than `activeSweepEvery`.
   * @default Duration.days(2)
   */
  readonly longRunningAfter?: Duration;

  /**
   * Whether a CloudWatch dashboard is made ($3 a month in us-east-1, three of an account are free).
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * How long the functions' logs are kept.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * What the functions log at least.
   * @default 'INFO'
   */
  readonly logLevel?: LogLevel;

  /**
   * An existing jobs table to go on with, such as one that a deleted stack has left behind, or a copy that was restored:
   * see "Restore the records" in docs/runbook.md. It needs the key and the indexes of docs/table.md, and a stream of new
   * and old images by which it is imported (`tableStreamArn`). What the stream holds is published, so it should be a new
   * one. The tracker neither changes nor deletes the table.
   * @default - a new table
   */
  readonly jobsTable?: ITable;

  /**
   * What becomes of the jobs table when the tracker is removed from the stack or the stack is deleted. Any other policy
   * than the default needs `deletionProtection: false`, as DynamoDB refuses to delete a protected table. Not with
   * `jobsTable`, which is never deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the jobs table. Without effect on `jobsTable`.
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables, except `jobsTable`, can be restored to any second of the last 35 days ($0.20 a GB-month in us-east-1).
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * Whether AWS X-Ray traces the functions. X-Ray's two write actions know no resource, so switching it on gives each
   * function's role a statement for every resource.
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * A customer managed key of the stack's account and Region for everything that holds job data: tables, queues, log
   * groups and the notification topic.
   * Its key policy is extended where the key is made in the app; a key that is imported by ARN must already let
   * CloudWatch Logs and EventBridge of this account use it.
   * @default - AWS managed keys, free of charge
   */
  readonly encryptionKey?: IKey;

  /**
   * Path of the SSM parameters that name the jobs table. A second tracker in the same account and Region needs
   * another one. Without its first slash it is also the dimension `service` of the tracker's metrics.
   * @default '/bedrock-job-tracker'
   */
  readonly parameterPrefix?: string;

  /**
   * Folder of the bundled functions: `<folder>/<name>/index.js`.
   * @default `dist/lambdas` of this package, as `npm run build` fills it
   */
  readonly codeDirectory?: string;
}

/** The stack's name unless the props give another one, and its id in the app. */
export const STACK_NAME = 'BedrockJobTracker';

/** The props of a stack of its own: those of the tracker, and by ARN what is made elsewhere. */
export interface BedrockJobTrackerStackProps extends BedrockJobTrackerProps, StackProps {
  /** ARN of {@link BedrockJobTrackerProps.alarmTopic}. */
  readonly alarmTopicArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.transitionsBus}. */
  readonly transitionsBusArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.encryptionKey}. */
  readonly encryptionKeyArn?: string;
  /** ARN of the stream of {@link BedrockJobTrackerProps.jobsTable}: the table's own is its beginning. */
  readonly jobsTableStreamArn?: string;
  /**
   * ARN of the KMS key that encrypts {@link BedrockJobTrackerProps.jobsTable}.
   * @default - `encryptionKey`
   */
  readonly jobsTableKeyArn?: string;
}
