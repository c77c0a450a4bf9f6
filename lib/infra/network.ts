import { Annotations, Stack } from 'aws-cdk-lib';
import { type ISubnet, Peer, Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { BedrockJobTrackerProps, BedrockJobTrackerStackProps } from './props/props.ts';

/** Where functions run: in Lambda's own network unless a VPC is named. */
export type NetworkSettings = Pick<BedrockJobTrackerProps, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

/** The settings with one security group for all functions: AWS's interfaces answer on the port of HTTPS. */
export function inNetwork<T extends NetworkSettings>(scope: Construct, settings: T): T {
  const { vpc, securityGroups } = settings;
  if (vpc === undefined || securityGroups !== undefined) return settings;
  const group = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Functions of a Bedrock job tracker: HTTPS to AWS',
    allowAllOutbound: false,
  });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS');
  return { ...settings, securityGroups: [group] };
}

const importedSubnet = (scope: Construct, id: string, subnetId: string): ISubnet => {
  const subnet = Subnet.fromSubnetId(scope, id, subnetId);
  // Its route table is read by nothing here, and the CDK warns that it is not known.
  Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
  return subnet;
};

/** The network that the props of a stack name by ids. */
export const importedNetwork = (
  scope: Construct,
  { vpcId, subnetIds, securityGroupIds }: BedrockJobTrackerStackProps,
): NetworkSettings => ({
  // The subnets say which zones: these are asked for, and read by nothing.
  ...(vpcId !== undefined && { vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['unknown'] }) }),
  ...(subnetIds !== undefined && {
    vpcSubnets: { subnets: subnetIds.map((id, n) => importedSubnet(scope, `Subnet${n}`, id)) },
  }),
  ...(securityGroupIds !== undefined && {
    securityGroups: securityGroupIds.map((id, n) => SecurityGroup.fromSecurityGroupId(scope, `SecurityGroup${n}`, id)),
  }),
});

/**
 * What Lambda asks a role for to connect a function to a VPC, and what AWS's own policy AWSLambdaVPCAccessExecutionRole
 * allows: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#vpc-permissions
 */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** Lets Lambda make network interfaces by the role of a function, and refuses the same to the function's code. */
export function allowInterfaces(role: Role): void {
  const { partition, region, account } = Stack.of(role);
  const resources = ['*'];
  role.addToPolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources }));
  // The key is there only in requests of a function's code.
  // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
  const functions = `arn:${partition}:lambda:${region}:${account}:function:*`;
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: INTERFACE_ACTIONS,
      resources,
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    }),
  );
  acknowledge(role, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda makes the network interfaces of a VPC by the role of the function, and asks for the actions on every ' +
      "resource. A second statement refuses them to the function's code.",
  });
}
