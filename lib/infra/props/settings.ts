import path from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PARAMETER_PREFIX } from '../../contract.ts';
import type { BedrockJobTrackerProps } from './props.ts';

/** The statuses with which a job ends: what people are told of unless they choose. */
export const JOB_ENDS: readonly string[] = ['Completed', 'Failed', 'Stopped'];

const DEFAULTS = {
  scopes: [{}],
  alarms: true,
  longRunningAfter: Duration.days(2),
  dashboard: true,
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
  redactFailureMessages: false,
  parameterPrefix: PARAMETER_PREFIX,
  codeDirectory: path.resolve(import.meta.dirname, '..', '..', '..', 'dist', 'lambdas'),
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
