import { Stack, Token, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract.ts';

/**
 * Get a job of this account and Region and its tags. Sets the variable with the scopes that the function tracks.
 *
 * Both actions know the resource type model-customization-job:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export function grantGetJobs(fn: Function): void {
  const { partition, region, account } = Stack.of(fn);
  fn.addEnvironment(ENV.scopes, `${account}#${region}`);
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource'],
      resources: [jobsArn(partition, region, account)],
    }),
  );
  const acknowledged = jobsArn(
    readable(partition, 'AWS::Partition'),
    readable(region, 'AWS::Region'),
    readable(account, 'AWS::AccountId'),
  );
  Validations.of(fn.role ?? fn).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${acknowledged}]`,
    reason:
      'Jobs are created after this policy, and a job ARN ends with an id that Bedrock draws, so they can only be ' +
      'named by type. The two actions only read.',
  });
}

/** List the jobs of this account and Region. */
export function grantListJobs(fn: Function): void {
  fn.addToRolePolicy(new PolicyStatement({ actions: ['bedrock:ListModelCustomizationJobs'], resources: ['*'] }));
  Validations.of(fn.role ?? fn).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ListModelCustomizationJobs is the only action of the statement, and IAM knows no resource type for it.',
  });
}

const jobsArn = (partition: string, region: string, account: string): string =>
  `arn:${partition}:bedrock:${region}:${account}:model-customization-job/*`;

/** cdk-nag writes a pseudo parameter as <its name> in the id of a finding. */
const readable = (value: string, name: string): string => (Token.isUnresolved(value) ? `<${name}>` : value);
