import {
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnParameter,
  type CfnParameterProps,
  Fn,
  type IStackSynthesizer,
  Stack,
  type StackProps,
  Tags,
  Validations,
} from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import {
  AccountPrincipal,
  type CfnRole,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EXTERNAL_ID_PATTERN, SPOKE_PARAMETER, spokeRoleName } from '../../contract.ts';
import { JOB_EVENTS } from '../job-events.ts';
import { undeliveredQueue } from '../queues.ts';
import { BY_TYPE, jobsArn, LIST_KNOWS_NO_TYPE, readable } from '../bedrock-access.ts';

/** The spoke stack's name, and its id in the app. */
export const SPOKE_STACK_NAME = 'BedrockJobTrackerSpoke';

/**
 * What an account and Region needs so that a tracker elsewhere (the hub) can follow its jobs: two rules that forward
 * what Bedrock and CloudTrail tell to the hub's bus, and in another account than the hub's a role that the hub's
 * functions may take to read jobs.
 *
 * One self-contained template for every account and Region, as StackSets want it: the hub's outputs that begin with
 * `Hub` and its `spokeExternalId` are the parameters. Each hub has spokes of its own. Nothing is billed while nothing
 * happens; a forwarded event costs as one custom event ($1 a million).
 */
export class BedrockJobTrackerSpoke extends Stack {
  /** Events that EventBridge could not forward for 24 hours. The hub's sweeps find what they would have told. */
  readonly undeliveredEventsQueue: Queue;

  constructor(scope: Construct, id: string = SPOKE_STACK_NAME, props: StackProps = {}) {
    super(scope, id, {
      description:
        'Lets a Bedrock job tracker elsewhere follow the model customization jobs of this account and Region',
      // No bootstrap is needed where the template goes: it has no assets.
      synthesizer: new BootstraplessSynthesizer({}) as IStackSynthesizer,
      ...props,
    });
    const parameters = this.parameters();
    this.undeliveredEventsQueue = undeliveredQueue(this, 'UndeliveredEventsQueue', {});
    this.encryptQueue(parameters.queueKey);
    this.forward(parameters.hubBusArn);

    const { hubAccountId } = parameters;
    const readRole = new SpokeReadRole(this, 'ReadRole', parameters);
    readRole.onlyIf(
      new CfnCondition(this, 'InAnotherAccount', {
        expression: Fn.conditionNot(Fn.conditionEquals(this.account, hubAccountId)),
      }),
    );
    Tags.of(this).add('application', 'bedrock-job-tracker');
  }

  private parameters() {
    const parameter = (name: string, description: string, allowedPattern: string, options: CfnParameterProps = {}) =>
      new CfnParameter(this, name, { description, allowedPattern, ...options });
    return {
      // Not taken out of the bus's ARN: in a condition CloudFormation promises references alone.
      hubAccountId: parameter(
        SPOKE_PARAMETER.hubAccountId,
        'Output HubAccountId of the hub: whose functions may read jobs here',
        String.raw`\d{12}`,
      ).valueAsString,
      hubBusArn: parameter(
        SPOKE_PARAMETER.hubBusArn,
        'Output HubBusArn of the hub: where events are forwarded to',
        String.raw`arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/[\w./-]+`,
      ).valueAsString,
      hubId: parameter(
        SPOKE_PARAMETER.hubId,
        'Output HubId of the hub: in the name of the role by which it reads here',
        '[0-9a-f]{8}',
      ).valueAsString,
      hubRoleArns: parameter(
        SPOKE_PARAMETER.hubRoleArns,
        'Output HubRoleArns of the hub: who may read jobs here',
        String.raw`arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+`,
        { type: 'CommaDelimitedList' },
      ).valueAsList,
      externalId: parameter(SPOKE_PARAMETER.externalId, 'The spokeExternalId of the hub', EXTERNAL_ID_PATTERN)
        .valueAsString,
      // The policy of a key of AWS, such as alias/aws/sqs, cannot let EventBridge use it.
      queueKey: parameter(
        SPOKE_PARAMETER.queueKey,
        'KMS key of the queue of undelivered events, as alias/<name> or by ARN. Without it SQS encrypts by its own key',
        String.raw`(alias/(?!aws/)[\w/-]+|arn:aws[\w-]*:kms:[\w-]+:\d{12}:(key|alias)/[\w/-]+)?`,
        { default: '' },
      ).valueAsString,
    };
  }

  /** By a condition: whether there is a key is known only where the template is deployed. */
  private encryptQueue(key: string): void {
    const hasKey = new CfnCondition(this, 'HasQueueKey', {
      expression: Fn.conditionNot(Fn.conditionEquals(key, '')),
    });
    const queue = this.undeliveredEventsQueue.node.defaultChild as CfnQueue;
    queue.kmsMasterKeyId = Fn.conditionIf(hasKey.logicalId, key, Aws.NO_VALUE).toString();
    queue.sqsManagedSseEnabled = Fn.conditionIf(hasKey.logicalId, Aws.NO_VALUE, true);
  }

  private forward(hubBusArn: string): void {
    const role = new Role(this, 'ForwardRole', {
      description: "Puts events about model customization jobs on the hub's bus",
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
      inlinePolicies: {
        ForwardEvents: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ['events:PutEvents'], resources: [hubBusArn] })],
        }),
      },
    });
    const hubBus = EventBus.fromEventBusArn(this, 'HubBus', hubBusArn);
    const target = new EventBusTarget(hubBus, {
      role: role.withoutPolicyUpdates(),
      deadLetterQueue: this.undeliveredEventsQueue,
    });
    for (const [id, { description, pattern }] of [
      ['StateChangeRule', JOB_EVENTS.stateChange],
      ['ApiCallRule', JOB_EVENTS.apiCall],
    ] as const) {
      new Rule(this, id, { description, eventPattern: pattern, targets: [target] });
    }
  }
}

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
