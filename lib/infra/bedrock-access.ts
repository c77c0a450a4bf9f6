import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { ENV, spokeRoleName } from '../contract.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { pascalCase } from './operations/watched.ts';
import type { SpokeOwners, TrackedScope } from './props/tracked-scopes.ts';

/** Which scopes the functions read by themselves, and who may have spokes by which they read others. */
export interface BedrockAccess {
  readonly scopes: readonly TrackedScope[];
  readonly spokes?: SpokeOwners & { readonly externalId: string | undefined; readonly hubId: string };
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
 * the spoke.
 */
export function grantReadings(fn: Function, { scopes, spokes }: BedrockAccess, readings: Readings): void {
  const { partition, account } = Stack.of(fn);
  // Where the own account may have spokes, they register in any of its Regions.
  const isOwner = spokes !== undefined && (spokes.organizationId !== undefined || spokes.accounts.includes(account));
  const own = isOwner
    ? [{ partition, account, region: '*' }]
    : scopes.filter(({ isHome }) => isHome).map((scope) => ({ partition, ...scope }));
  if (own.length > 0) {
    for (const statement of readStatements(readings, own)) fn.addToRolePolicy(statement);
    acknowledgeReadings(fn.role ?? fn, readings, own);
  }
  if (spokes !== undefined) grantSpokeRoles(fn, spokes);
}

/**
 * One resource for the role of every spoke, limited by the owner of the role: a spoke that registers needs no deployment
 * of the hub. AWS names the assume role actions of STS as a use of these keys, and its list of actions that do not support
 * them has none of STS.
 * https://aws.amazon.com/about-aws/whats-new/2022/04/iam-access-resource-organization
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceorgid
 */
function grantSpokeRoles(fn: Function, spokes: NonNullable<BedrockAccess['spokes']>): void {
  const { partition, account } = Stack.of(fn);
  const owners = {
    'aws:ResourceOrgID': spokes.organizationId ?? [],
    'aws:ResourceAccount': spokes.accounts.filter((each) => each !== account),
  };
  const roleArn = (account: string, region: string) =>
    `arn:${partition}:iam::${account}:role/${spokeRoleName(spokes.hubId, region)}`;
  const anyRole = roleArn('*', '*');
  for (const [key, values] of Object.entries(owners)) {
    if (values.length === 0) continue;
    const conditions = { StringEquals: { [key]: values } };
    fn.addToRolePolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [anyRole], conditions }));
  }
  if (Object.values(owners).every(({ length }) => length === 0)) return;
  fn.addEnvironment(ENV.homeAccount, account);
  fn.addEnvironment(ENV.spokeRoleArn, roleArn('{account}', '{region}'));
  fn.addEnvironment(ENV.spokeExternalId, spokes.externalId ?? '');
  acknowledgeWildcard(fn.role ?? fn, anyRole, SPOKE_ROLES);
}

const SPOKE_ROLES =
  'Spokes register themselves, so their accounts and Regions are not known here. The name is that of the roles of this ' +
  "hub's spokes, the condition names who may own them, and each role asks for the hub's roles and the external id.";

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
