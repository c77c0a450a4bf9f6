import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LoggingFormat, Runtime, RuntimeFamily, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../contract.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { grantKey } from './encryption.ts';
import { allowInterfaces, type NetworkSettings } from './network.ts';
import { FUNCTIONS, resourcesOf } from './props/functions.ts';
import type { Settings } from './props/validate-props.ts';

/** A function has not been bundled; the message says how to. */
export class MissingBundleError extends Error {
  override readonly name = 'MissingBundleError';
  readonly code = 'MISSING_BUNDLE';
}

/** By its name: CDKs before 2.224 do not have its constant. */
const NODEJS_24 = new Runtime('nodejs24.x', RuntimeFamily.NODEJS);

export interface TrackerFunctionProps extends Settings {
  readonly name: keyof typeof FUNCTIONS;
  readonly description: string;
  readonly timeout: Duration;
}

/**
 * A function with the tracker's defaults: Node.js 24 on arm64 (a fifth cheaper than x86 for the same work), bundled
 * ahead, a log group of its own with retention, and a role that may write to that group and nothing else yet.
 *
 * @throws MissingBundleError when `<_codeDirectory>/<name>/index.js` is not there
 */
export function trackerFunction(scope: Construct, props: TrackerFunctionProps): Function {
  const { role, logGroup } = ownLogs(scope, props);
  const fn = new Function(scope, 'Function', {
    description: props.description,
    runtime: NODEJS_24,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(bundleFolder(props)),
    timeout: props.timeout,
    ...resourcesOf(props, FUNCTIONS[props.name]),
    ...networkOf(props),
    role,
    logGroup,
    // Powertools prints JSON already. Lambda's own JSON format would add a level filter that takes lines without a
    // level, embedded metrics among them, for INFO: WARN and ERROR would then silently stop the metrics.
    loggingFormat: LoggingFormat.TEXT,
    // Lambda's own segments alone: Powertools' tracer would cost 60 ms of cold start.
    tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    environment: {
      POWERTOOLS_SERVICE_NAME: props.serviceName,
      POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
      POWERTOOLS_LOG_LEVEL: props.logLevel,
    },
    ...(props.encryptionKey !== undefined && { environmentEncryption: props.encryptionKey }),
  });
  if (props.vpc !== undefined) allowInterfaces(role);
  if (props.encryptionKey !== undefined) grantKey(props.encryptionKey, role, 'receive', ['lambda']);
  if (props.tracing) acknowledge(role, { id: 'AwsSolutions-IAM5[Resource::*]', reason: TRACES });
  acknowledge(
    fn,
    { id: 'Serverless-LambdaDLQ', reason: FAILURES_ARE_KEPT },
    ...(props.tracing ? [] : [{ id: 'Serverless-LambdaTracing', reason: TRACING_IS_OFFERED }]),
  );
  return fn;
}

const FAILURES_ARE_KEPT =
  'What calls the function keeps what failed: a queue, a stream or a rule with a dead-letter queue of its own. A sweep ' +
  'is repeated by the next one.';
const TRACING_IS_OFFERED = 'The prop tracing switches it on, with its statement for every resource and its price.';

const TRACES =
  'The prop tracing asks for X-Ray, whose two write actions know no resource type. They write traces alone.';

/** An imported log group's ARN names its streams by a wildcard; that of one in the app is a reference. */
const isNamed = ({ node }: ILogGroup): boolean => node.defaultChild === undefined;
const LOG_STREAMS =
  'The wildcard stands for the streams of the one log group that the prop logGroup names: Lambda names them.';

/** The CDK's types were not written for exactOptionalPropertyTypes. */
const networkOf = ({ vpc, vpcSubnets, securityGroups }: NetworkSettings): NetworkSettings => ({
  ...(vpc !== undefined && { vpc }),
  ...(vpcSubnets !== undefined && { vpcSubnets }),
  ...(securityGroups !== undefined && { securityGroups }),
});

/** In place of AWSLambdaBasicExecutionRole, which lets a function write to every log group of the account. */
function ownLogs(
  scope: Construct,
  { logGroup: given, logRetention, encryptionKey }: TrackerFunctionProps,
): { role: Role; logGroup: ILogGroup } {
  const logGroup =
    given ??
    new LogGroup(scope, 'Logs', {
      retention: logRetention,
      // Logs tell nothing that the records do not, so they go with the stack.
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey !== undefined && { encryptionKey }),
    });
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  if (given !== undefined && isNamed(given)) acknowledgeWildcard(role, given.logGroupArn, LOG_STREAMS);
  return { role, logGroup };
}

function bundleFolder({ _codeDirectory, name }: TrackerFunctionProps): string {
  const folder = path.join(_codeDirectory, name);
  if (!existsSync(path.join(folder, 'index.js'))) {
    throw new MissingBundleError(
      `The function ${name} is not bundled: ${folder} has no index.js. Run "npm run build" first.`,
    );
  }
  return folder;
}
