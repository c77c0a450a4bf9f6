import {
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnParameter,
  type CfnParameterProps,
  Fn,
  type ICfnConditionExpression,
  type IStackSynthesizer,
  Stack,
  type StackProps,
  Tags,
} from 'aws-cdk-lib';
import { type CfnRule, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import {
  AccountPrincipal,
  type CfnPolicy,
  type CfnRole,
  Policy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { CfnQueue, IQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import {
  API_CALL_PATTERN,
  EXTERNAL_ID_PATTERN,
  HEARTBEAT_DETAIL_TYPE,
  HEARTBEAT_SOURCE,
  MODEL_API_CALL_PATTERN,
  SPOKE_PARAMETER,
  spokeRoleName,
  VERSION,
} from '../../contract.ts';
import { putEvents, schedulerRole } from '../eventbridge.ts';
import { API_CALLS, HEARTBEATS, jobEvents } from '../job-events.ts';
import { undeliveredQueue } from '../queues.ts';
import { acknowledgeReadings, LIST, READ, readStatements, type Readings } from '../bedrock-access.ts';

/** The spoke stack's name, and its id in the app. */
export const SPOKE_STACK_NAME = 'BedrockJobTrackerSpoke';

/**
 * What an account and Region needs so that a tracker elsewhere (the hub) can follow its jobs and models: rules that
 * forward what Bedrock and CloudTrail tell to the hub's bus, an hourly heartbeat that registers the account and Region
 * there, and in another account than the hub's a role that the hub's functions may take to read them.
 *
 * One self-contained template for every account and Region, as StackSets want it: the hub's outputs that begin with
 * `Hub` and its `spokeExternalId` are the parameters. Each hub has spokes of its own. Events are billed as custom ones, $1
 * a million: one for each that is forwarded, two for each heartbeat, which is $0.0015 a month.
 */
export class BedrockJobTrackerSpoke extends Stack {
  /** Events that EventBridge could not forward for 24 hours. The hub's sweeps find what they would have told. */
  readonly undeliveredEventsQueue: IQueue;

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
    const models = new CfnCondition(this, 'TracksModels', {
      expression: Fn.conditionNot(Fn.conditionEquals(parameters.models, 'false')),
    });
    const rules = this.forward(parameters.hubBusArn, models);
    this.addReadRole(parameters, models);
    this.addHeartbeat(rules);
    Tags.of(this).add('application', 'bedrock-job-tracker');
  }

  private parameters() {
    const parameter = (name: string, description: string, allowedPattern: string, options: CfnParameterProps = {}) =>
      new CfnParameter(this, name, { description, allowedPattern, ...options });
    const { hubAccountId, hubBusArn, hubId, hubRoleArns, externalId, queueKey, models } = SPOKE_PARAMETER;
    const roleArn = String.raw`arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+`;
    // The policy of a key of AWS, such as alias/aws/sqs, cannot let EventBridge use it.
    const key = String.raw`(alias/(?!aws/)[\w/-]+|arn:aws[\w-]*:kms:[\w-]+:\d{12}:(key|alias)/[\w/-]+)?`;
    return {
      // Not taken out of the bus's ARN: in a condition CloudFormation promises references alone.
      hubAccountId: parameter(
        hubAccountId,
        'Output HubAccountId of the hub: the account that may read jobs here',
        String.raw`\d{12}`,
      ).valueAsString,
      hubBusArn: parameter(
        hubBusArn,
        'Output HubBusArn of the hub: the bus that events are forwarded to',
        String.raw`arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/[\w./-]+`,
      ).valueAsString,
      hubId: parameter(hubId, 'Output HubId of the hub: part of the name of its role here', '[0-9a-f]{8}')
        .valueAsString,
      hubRoleArns: parameter(hubRoleArns, 'Output HubRoleArns of the hub: the roles that may read jobs here', roleArn, {
        type: 'CommaDelimitedList',
      }).valueAsList,
      externalId: parameter(externalId, 'The spokeExternalId of the hub', EXTERNAL_ID_PATTERN).valueAsString,
      queueKey: parameter(
        queueKey,
        'KMS key of the queue of undelivered events, as alias/<name> or by ARN. By default SQS uses its own key',
        key,
        { default: '' },
      ).valueAsString,
      models: new CfnParameter(this, models, {
        description: 'Whether the hub may follow custom models and what serves them here, and measure their use',
        default: 'true',
        allowedValues: ['true', 'without-usage', 'false'],
      }).valueAsString,
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

  private forward(hubBusArn: string, models: CfnCondition): Rule[] {
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
    return Object.entries({ ...jobEvents(true), ...HEARTBEATS }).map(([id, each]) => {
      const rule = new Rule(this, id, { ...each, targets: [target] });
      if (id === API_CALLS) {
        const pattern = Fn.conditionIf(models.logicalId, MODEL_API_CALL_PATTERN, API_CALL_PATTERN);
        (rule.node.defaultChild as CfnRule).eventPattern = pattern;
      }
      return rule;
    });
  }

  /**
   * By way of the default bus: that a rule reaches a bus of another account and Region is documented, that a schedule does
   * is not (ADR 0048). A lost heartbeat needs no dead-letter queue, as the next one says the same.
   */
  private addHeartbeat(rules: readonly Rule[]): void {
    const heartbeat = new Construct(this, 'Heartbeat');
    const bus = this.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    const group = new CfnScheduleGroup(heartbeat, 'Group');
    const role = schedulerRole(heartbeat, group.attrArn, {
      PutHeartbeats: [putEvents(bus, HEARTBEAT_SOURCE, [HEARTBEAT_DETAIL_TYPE])],
    });
    const schedule = new CfnSchedule(heartbeat, 'Resource', {
      description: 'Tells the hub that this account and Region are there',
      // A rate without a start date starts at once.
      scheduleExpression: 'rate(1 hour)',
      flexibleTimeWindow: { mode: 'OFF' },
      groupName: group.ref,
      target: {
        arn: bus,
        roleArn: role.roleArn,
        eventBridgeParameters: { source: HEARTBEAT_SOURCE, detailType: HEARTBEAT_DETAIL_TYPE },
        input: JSON.stringify({ version: VERSION }),
      },
    });
    // Not on the read role, which is not everywhere: a first sweep that comes before it is repeated.
    schedule.node.addDependency(...rules);
  }

  /**
   * The role by which a hub reads the jobs and models of this account and Region, and does nothing else. Only the hub's
   * functions can take it, and only with the external id.
   */
  private addReadRole(
    { hubAccountId, hubId, hubRoleArns, externalId, models }: ReturnType<typeof this.parameters>,
    tracksModels: CfnCondition,
  ): void {
    const { region, account } = this;
    const jobs = { ...READ.job, '*': LIST.jobs };
    const role = new Role(new Construct(this, 'ReadRole'), 'Role', {
      roleName: spokeRoleName(hubId, region),
      description: 'Reads model customization jobs for a Bedrock job tracker elsewhere',
      // By condition, not as principals: a role that is not there yet would be refused, one that is made anew forgotten.
      assumedBy: new AccountPrincipal(hubAccountId).withConditions({
        StringEquals: { 'sts:ExternalId': externalId },
        ArnEquals: { 'aws:PrincipalArn': hubRoleArns },
      }),
      inlinePolicies: { ReadJobs: new PolicyDocument({ statements: readStatements(jobs, [this]) }) },
    });
    // In the hub's own account its functions need no role.
    const elsewhere = new CfnCondition(this, 'InAnotherAccount', {
      expression: Fn.conditionNot(Fn.conditionEquals(account, hubAccountId)),
    });
    (role.node.defaultChild as CfnRole).cfnOptions.condition = elsewhere;
    acknowledgeReadings(role, jobs, [this]);
    const add = (id: string, readings: Readings, condition: ICfnConditionExpression) => {
      const policy = new Policy(this, id, { roles: [role], statements: readStatements(readings, [this]) });
      const expression = Fn.conditionAnd(elsewhere, condition);
      (policy.node.defaultChild as CfnPolicy).cfnOptions.condition = new CfnCondition(this, `Has${id}`, { expression });
      acknowledgeReadings(policy, readings, [this]);
    };
    add('ReadModels', { ...READ.model, ...READ.serving, '*': [...LIST.models, ...LIST.serving] }, tracksModels);
    add('ReadUse', { '*': LIST.use }, Fn.conditionEquals(models, 'true'));
  }
}
