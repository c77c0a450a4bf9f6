/**
 * The tracker as CDK constructs: put `BedrockJobTracker` into a stack of yours, or deploy `BedrockJobTrackerStack`;
 * `BedrockJobTrackerSpoke` goes to other accounts and Regions that it tracks.
 * Needs `aws-cdk-lib` and `constructs` beside it. Synthesis takes the functions that come bundled with the package: no
 * Docker, no network, no build.
 *
 * @module bedrock-job-tracker
 */
export {
  DIMENSION,
  EVENT_KINDS,
  EVENT_SOURCES,
  METRIC,
  METRIC_NAMESPACE,
  PARAMETER,
  PARAMETER_PREFIX,
  SWEEPS,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_EVENT_SOURCE,
  type EventKind,
  type EventSource,
  type MetricName,
  type SweepKind,
} from './contract.ts';
export { BedrockJobTracker } from './infra/bedrock-job-tracker.ts';
export type { DeployedTrackerProps, IBedrockJobTracker } from './infra/tracker.ts';
export {
  LOG_LEVELS,
  STACK_NAME,
  type BedrockJobTrackerProps,
  type BedrockJobTrackerStackProps,
  type LogLevel,
  type NotificationProps,
  type TrackedScopes,
} from './infra/props/props.ts';
export type { FunctionOverrides, FunctionResources } from './infra/props/functions.ts';
export { BedrockJobTrackerSpoke, SPOKE_STACK_NAME } from './infra/hub/spoke.ts';
export { BedrockJobTrackerStack } from './infra/stack.ts';
export {
  BEDROCK_OPERATIONS,
  JOB_OUTCOMES,
  type BedrockOperation,
  type JobOutcome,
  type TrackerMetricOptions,
} from './infra/operations/metrics.ts';
export type { TransitionFilter, TransitionTargetProps } from './infra/transitions.ts';
export { MissingBundleError } from './infra/tracker-function.ts';
export { InvalidPropsError } from './infra/props/validate-props.ts';
