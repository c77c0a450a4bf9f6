import path from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PARAMETER_PREFIX } from '../contract.ts';

/** Log levels of the functions, as Powertools for AWS Lambda names them. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How a {@link BedrockJobTracker} is set up. Every default is the safe one. */
export interface BedrockJobTrackerProps {
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
   * What becomes of the jobs table when the tracker is removed from the stack or the stack is deleted. To have it
   * deleted, switch `deletionProtection` off as well: DynamoDB refuses to delete a protected table.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the jobs table.
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables can be restored to any second of the last 35 days ($0.20 a GB-month in us-east-1).
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
   * A customer managed key for everything that holds job data: tables, queues, log groups and the notification topic.
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

const DEFAULTS = {
  activeSweepEvery: Duration.minutes(5),
  fullSweepEvery: Duration.days(1),
  tagRefreshWindow: Duration.days(30),
  maxConcurrency: 5,
  logRetention: RetentionDays.THREE_MONTHS,
  logLevel: 'INFO',
  removalPolicy: RemovalPolicy.RETAIN,
  deletionProtection: true,
  pointInTimeRecovery: true,
  tracing: false,
  parameterPrefix: PARAMETER_PREFIX,
  codeDirectory: path.resolve(import.meta.dirname, '..', '..', 'dist', 'lambdas'),
} as const satisfies BedrockJobTrackerProps;

type Defaulted = typeof DEFAULTS;
/** The props with every default filled in. */
export type Settings = BedrockJobTrackerProps & {
  readonly [K in keyof Defaulted]: NonNullable<BedrockJobTrackerProps[K]>;
} & {
  /** The dimension `service` of the tracker's metrics. */
  readonly serviceName: string;
};

/** Fills the defaults in; a prop that is there but undefined means its default too. */
export function withDefaults(props: BedrockJobTrackerProps): Settings {
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  const settings: Omit<Settings, 'serviceName'> = {
    ...DEFAULTS,
    ...(Object.fromEntries(given) as BedrockJobTrackerProps),
  };
  return { ...settings, serviceName: settings.parameterPrefix.replace(/^\//, '') };
}
