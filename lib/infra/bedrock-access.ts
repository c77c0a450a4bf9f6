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

/** Actions that only read, and what they read where IAM lets a policy name that. */
interface Reading {
  readonly actions: readonly string[];
  readonly of?: string;
  /** IAM's resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html */
  readonly type?: string;
}

const TAGS = 'bedrock:ListTagsForResource';
/** What the tracker asks AWS for. What lists knows no resource type, and neither does GetMetricData. */
const READINGS = {
  job: { actions: ['bedrock:GetModelCustomizationJob', TAGS], of: 'job', type: 'model-customization-job' },
  jobList: { actions: ['bedrock:ListModelCustomizationJobs'] },
  model: { actions: ['bedrock:GetCustomModel', TAGS], of: 'model', type: 'custom-model' },
  modelList: { actions: ['bedrock:ListCustomModels'] },
  servingList: { actions: ['bedrock:ListCustomModelDeployments', 'bedrock:ListProvisionedModelThroughputs'] },
  deployment: { actions: ['bedrock:GetCustomModelDeployment'], of: 'deployment', type: 'custom-model-deployment' },
  throughput: { actions: ['bedrock:GetProvisionedModelThroughput'], of: 'throughput', type: 'provisioned-model' },
  usage: { actions: ['cloudwatch:GetMetricData'] },
} as const satisfies Readonly<Record<string, Reading>>;
export type ReadingName = keyof typeof READINGS;

/** A place as ARNs name it. */
type Place = Readonly<Record<'partition' | 'region' | 'account', string>>;

/** The statements that allow to read this in some places of one account. */
export const readStatements = (names: readonly ReadingName[], places: readonly Place[]): PolicyStatement[] => {
  const readings: readonly Reading[] = names.map((name) => READINGS[name]);
  const named = readings.flatMap(({ actions, type }) =>
    type === undefined ? [] : [{ actions, resources: places.map((place) => arnOf(type, place)) }],
  );
  const actions = unnamedActions(readings);
  return [...named, ...(actions.length > 0 ? [{ actions, resources: ['*'] }] : [])].map(
    ({ actions, resources }) => new PolicyStatement({ actions: [...actions], resources }),
  );
};

const arnOf = (type: string, { partition, region, account }: Place): string =>
  `arn:${partition}:bedrock:${region}:${account}:${type}/*`;

const unnamedActions = (readings: readonly Reading[]): string[] =>
  readings.flatMap(({ actions, type }) => (type === undefined ? actions : []));

/**
 * Lets a function read this of each scope: in the stack's own account by the function's role, elsewhere by the role of
 * the spoke. Sets the variables with the scopes that the function tracks.
 */
export function grantReadings(fn: Function, access: BedrockAccess, names: readonly ReadingName[]): void {
  fn.addEnvironment(ENV.scopes, scopeNames(access.scopes).join(','));
  const { partition } = Stack.of(fn);
  const own = access.scopes.filter(({ isHomeAccount }) => isHomeAccount).map((scope) => ({ partition, ...scope }));
  if (own.length > 0) {
    for (const statement of readStatements(names, own)) fn.addToRolePolicy(statement);
    acknowledgeReadings(fn.role ?? fn, names, own);
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
export function acknowledgeReadings(scope: IConstruct, names: readonly ReadingName[], places: readonly Place[]): void {
  const readings: readonly Reading[] = names.map((name) => READINGS[name]);
  for (const { actions, of = '', type } of readings) {
    if (type === undefined) continue;
    const reason =
      `${pascalCase(of)}s are created after this policy, and a ${of} ARN ends with an id that Bedrock draws, so they can only ` +
      `be named by type. ${actions.length === 2 ? 'The two actions only read' : 'The action only reads'}.`;
    for (const place of places) acknowledgeWildcard(scope, arnOf(type, place), reason);
  }
  const operations = unnamedActions(readings).map((action) => action.replace(/^\w+:/, ''));
  if (operations.length === 0) return;
  const [are, them] = operations.length === 1 ? ['is the only action', 'it'] : ['are the only actions', 'them'];
  acknowledge(scope, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: `${operations.join(', ')} ${are} of the statement, and IAM has no resource type for ${them}.`,
  });
}
