import { Stack, Validations, type CfnCondition } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyDocument, PolicyStatement, Role, type CfnRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { spokeRoleName } from '../../contract.ts';
import { BY_TYPE, jobsArn, LIST_KNOWS_NO_TYPE, readable } from '../bedrock-access.ts';

export interface SpokeReadRoleProps {
  readonly hubAccountId: string;
  readonly hubId: string;
  readonly hubRoleArns: string[];
  readonly externalId: string;
}

/**
 * The role by which a hub reads the jobs of an account and Region, and does nothing else. Only the hub's functions may
 * take it, and only with the external id.
 */
export class SpokeReadRole extends Construct {
  private readonly role: Role;

  constructor(scope: Construct, id: string, { hubAccountId, hubId, hubRoleArns, externalId }: SpokeReadRoleProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const jobs = jobsArn(partition, region, account);
    this.role = new Role(this, 'Role', {
      roleName: spokeRoleName(hubId, region),
      description: 'Reads model customization jobs for a Bedrock job tracker elsewhere',
      // By condition, not as principals: a role that is not there yet would be refused, one that is made anew forgotten.
      assumedBy: new AccountPrincipal(hubAccountId).withConditions({
        StringEquals: { 'sts:ExternalId': externalId },
        ArnEquals: { 'aws:PrincipalArn': hubRoleArns },
      }),
      inlinePolicies: {
        ReadJobs: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource'],
              resources: [jobs],
            }),
            new PolicyStatement({ actions: ['bedrock:ListModelCustomizationJobs'], resources: ['*'] }),
          ],
        }),
      },
    });
    const named = jobsArn(
      readable(partition, 'AWS::Partition'),
      readable(region, 'AWS::Region'),
      readable(account, 'AWS::AccountId'),
    );
    Validations.of(this.role).acknowledge(
      { id: `AwsSolutions-IAM5[Resource::${named}]`, reason: BY_TYPE },
      { id: 'AwsSolutions-IAM5[Resource::*]', reason: LIST_KNOWS_NO_TYPE },
    );
  }

  /** Leaves the role out where a condition does not hold: in the hub's own account its functions need none. */
  onlyIf(condition: CfnCondition): void {
    (this.role.node.defaultChild as CfnRole).cfnOptions.condition = condition;
  }
}
