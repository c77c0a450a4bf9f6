import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { ENV, spokeRoleName } from '../contract.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { pascalCase } from './operations/watched.ts';
import { scopeNames, type Home, type TrackedScope } from './props/tracked-scopes.ts';

/** The scopes that a function tracks, and what the spokes among them ask for. */
export interface BedrockAccess {
  readonly scopes: readonly TrackedScope[];
  readonly spokeExternalId?: string;
  /** In the names of the spokes' roles. */
  readonly hubId?: string;
}

const TAGS = 'bedrock:ListTagsForResource';
/**
 * Actions that only read, by IAM's resource type. What lists knows none, and neither does GetMetricData: these are under "*".
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export type Readings = Readonly<Record<string, readonly string[]>>;
export const READ = {
  job: { 'model-customization-job': ['bedrock:GetModelCustomizationJob', TAGS] },
  model: { 'custom-model': ['bedrock:GetCustomModel', TAGS] },
  /** How a call about a deployment or throughput leads to its model. */
  serving: {
    'custom-model-deployment': ['bedrock:GetCustomModelDeployment'],
    'provisioned-model': ['bedrock:GetProvisionedModelThroughput'],
  },
} as const satisfies Readonly<Record<string, Readings>>;
export const LIST = {
  jobs: ['bedrock:ListModelCustomizationJobs'],
  models: ['bedrock:ListCustomModels'],
  serving: ['bedrock:ListCustomModelDeployments', 'bedrock:ListProvisionedModelThroughputs'],
  use: ['cloudwatch:GetMetricData'],
} as const;

/** A place as ARNs name it. */
type Place = Readonly<Record<'partition' | 'region' | 'account', string>>;
const arnOf = (type: string, { partition, region, account }: Place): string =>
  `arn:${partition}:bedrock:${region}:${account}:${type}/*`;

/** The statements that allow to read this in some places of one account. */
export const readStatements = (readings: Readings, places: readonly Place[]): PolicyStatement[] =>
  Object.entries(readings).map(([type, actions]) => {
    const resources = type === '*' ? ['*'] : places.map((place) => arnOf(type, place));
    return new PolicyStatement({ actions: [...actions], resources });
  });

/**
 * Lets a function read this of each scope: in the stack's own account by the function's role, elsewhere by the role of
 * the spoke. Sets the variables with the scopes that the function tracks.
 */
export function grantReadings(fn: Function, access: BedrockAccess, readings: Readings): void {
  fn.addEnvironment(ENV.scopes, scopeNames(access.scopes).join(','));
  const { partition } = Stack.of(fn);
  const own = access.scopes.filter(({ isHomeAccount }) => isHomeAccount).map((scope) => ({ partition, ...scope }));
  if (own.length > 0) {
    for (const statement of readStatements(readings, own)) fn.addToRolePolicy(statement);
    acknowledgeReadings(fn.role ?? fn, readings, own);
  }
  const others = access.scopes.filter(({ isHomeAccount }) => !isHomeAccount);
  if (others.length > 0) grantSpokeRoles(fn, others, access);
}

/** Named one by one, though the roles may not be there yet: which accounts the tracker can enter is read here. */
function grantSpokeRoles(
  fn: Function,
  scopes: readonly TrackedScope[],
  { hubId = '', spokeExternalId = '' }: BedrockAccess,
): void {
  const { partition, account } = Stack.of(fn);
  fn.addEnvironment(ENV.homeAccount, account);
  const roleArn = ({ account, region }: Home) =>
    `arn:${partition}:iam::${account}:role/${spokeRoleName(hubId, region)}`;
  fn.addEnvironment(ENV.spokeRoleArn, roleArn({ account: '{account}', region: '{region}' }));
  fn.addEnvironment(ENV.spokeExternalId, spokeExternalId);
  const resources = scopes.map(roleArn);
  fn.addToRolePolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources }));
}

/** Argues to cdk-nag for what these statements cannot name more closely. */
export function acknowledgeReadings(scope: IConstruct, readings: Readings, places: readonly Place[]): void {
  for (const [type, actions] of Object.entries(readings)) {
    const [names, isOne] = [actions.map((action) => action.replace(/^\w+:/, '')).join(', '), actions.length === 1];
    const noun = type.replace(/^.*-/, '');
    const reason =
      `${pascalCase(noun)}s are created after this policy, and a ${noun} ARN ends with an id that Bedrock draws, so they ` +
      `can only be named by type. The ${isOne ? 'action only reads' : 'two actions only read'}.`;
    if (type !== '*') for (const place of places) acknowledgeWildcard(scope, arnOf(type, place), reason);
    else {
      const [are, them] = isOne ? ['is the only action', 'it'] : ['are the only actions', 'them'];
      const why = `${names} ${are} of the statement, and IAM has no resource type for ${them}.`;
      acknowledge(scope, { id: 'AwsSolutions-IAM5[Resource::*]', reason: why });
    }
  }
}
