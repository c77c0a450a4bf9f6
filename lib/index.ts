/**
 * The tracker as CDK constructs: put `BedrockJobTracker` into a stack of yours, or deploy `BedrockJobTrackerStack`;
 * `BedrockJobTrackerSpoke` goes to other accounts and Regions that it tracks.
 * Needs `aws-cdk-lib` and `constructs` beside it. Synthesis takes the functions that come bundled with the package: no
 * Docker, no network, no build.
 *
 * All that is exported here is offered in every language of jsii: `npm run build:package` says what cannot be.
 *
 * @module bedrock-job-tracker
 */
export { BedrockJobTracker } from './infra/bedrock-job-tracker.ts';
export type { DeployedTrackerProps, IBedrockJobTracker } from './infra/tracker.ts';
export type {
  BedrockJobTrackerProps,
  BedrockJobTrackerStackProps,
  NotificationProps,
  TrackedScopes,
} from './infra/props/props.ts';
export type { AlarmPeriods, AlarmThreshold, AlarmThresholds } from './infra/props/alarm-thresholds.ts';
export type { FunctionOverrides, FunctionResources } from './infra/props/functions.ts';
export { BedrockJobTrackerSpoke } from './infra/hub/spoke.ts';
export { BedrockJobTrackerStack } from './infra/stack.ts';
export { TrackerMetric, type TrackerMetricOptions } from './infra/operations/metrics.ts';
export type { TransitionTargetProps } from './infra/transitions.ts';
