import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { ENV, spokeRoleName } from '../contract.ts';
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts';
import { scopeNames, type Home, type TrackedScope } from './props/tracked-scopes.ts';

/** The scopes that a function tracks, and what the spokes among them ask for. */
export interface BedrockAccess {
  readonly scopes: readonly TrackedScope[];
  readonly spokeExternalId?: string;
  /** In the names of the spokes' roles. */
  readonly hubId?: string;
}

/**
 * Get a job of each scope and its tags: in the stack's own account by the function's role, elsewhere by the role of the
 * spoke. Sets the variables with the scopes that the function tracks.
 *
 * Both actions know the resource type model-customization-job:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export function grantGetJobs(fn: Function, access: BedrockAccess): void {
  fn.addEnvironment(ENV.scopes, scopeNames(access.scopes).join(','));
  const own = access.scopes.filter(({ isHomeAccount }) => isHomeAccount);
  if (own.length > 0) grantOwnJobs(fn, own);
  const others = access.scopes.filter(({ isHomeAccount }) => !isHomeAccount);
  if (others.length > 0) grantSpokeRoles(fn, others, access);
}

function grantOwnJobs(fn: Function, scopes: readonly TrackedScope[]): void {
  const { partition } = Stack.of(fn);
  const actions = ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource'];
  const resources = scopes.map(({ region, account }) => jobsArn(partition, region, account));
  fn.addToRolePolicy(new PolicyStatement({ actions, resources }));
  for (const scope of scopes) acknowledgeReading(fn.role ?? fn, { partition, ...scope });
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

/** List the jobs of each scope of the stack's own account; in others the role of the spoke does. */
export function grantListJobs(fn: Function, { scopes }: BedrockAccess): void {
  if (!scopes.some(({ isHomeAccount }) => isHomeAccount)) return;
  fn.addToRolePolicy(new PolicyStatement({ actions: ['bedrock:ListModelCustomizationJobs'], resources: ['*'] }));
  acknowledgeListing(fn.role ?? fn);
}

export const jobsArn = (partition: string, region: string, account: string): string =>
  `arn:${partition}:bedrock:${region}:${account}:model-customization-job/*`;

/** Argues to cdk-nag for a grant by type on the jobs of a scope. */
export function acknowledgeReading(
  scope: IConstruct,
  { partition, region, account }: Readonly<Record<'partition' | 'region' | 'account', string>>,
): void {
  acknowledgeWildcard(
    scope,
    jobsArn(partition, region, account),
    'Jobs are created after this policy, and a job ARN ends with an id that Bedrock draws, so they can only be named ' +
      'by type. The two actions only read.',
  );
}

/** Argues to cdk-nag for the grant on everything. */
export function acknowledgeListing(scope: IConstruct): void {
  acknowledge(scope, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ListModelCustomizationJobs is the only action of the statement, and IAM has no resource type for it.',
  });
}
